/** Codex CLI, measured with 0.169.0; forms of 0.99 to 0.14x as their files show them. */
import type { HookedAgent } from '../agent.ts'
import { callsAs } from '../caller.ts'
import { codexHookFile } from './hook-file.ts'
import { readHook } from './hook-note.ts'
import { CODEX, parseCodex } from './parse.ts'
import { groupTranscripts, transcriptFolders } from './transcripts.ts'

export const codex: HookedAgent = {
  id: CODEX,
  title: 'Codex CLI',
  supports: {
    hooks: 'partial: a hook runs only after the person has approved it with /hooks, and is skipped silently until then',
    sweep: 'yes',
    tokens: 'yes',
    cost: 'partial: computed from a price table',
    exitCodes: 'yes',
    denials: 'yes',
    interruptions: 'yes',
    subagents: 'partial: the records of a subagent are a session of their own',
    compaction: 'partial: neither its sizes nor its cause are recorded',
    permissionModes: 'yes',
    blocking: 'partial: only once the hook is approved',
  },
  hookFile: codexHookFile,
  configuration: async () => (await import('./configuration.ts')).codexPlaces,
  isCaller: callsAs(CODEX),
  readHook,
  transcriptFolders,
  groupTranscripts,
  beginsWithFolder: true,
  parse: parseCodex,
}
