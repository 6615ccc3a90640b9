/** Claude Code, measured with 2.1.328 and with files of 2.0.64 to 2.1.42. */
import type { HookedAgent } from '../agent.ts'
import { callsAs } from '../caller.ts'
import { claudeHookFile } from './hook-file.ts'
import { readHook } from './hook-note.ts'
import { CLAUDE_CODE, parseClaudeCode } from './parse.ts'
import { groupTranscripts, transcriptFolders } from './transcripts.ts'

export const claudeCode: HookedAgent = {
  id: CLAUDE_CODE,
  title: 'Claude Code',
  supports: {
    hooks: 'yes',
    sweep: 'yes',
    tokens: 'partial: hidden calls, such as those that compact a conversation, leave no record',
    cost: 'partial: computed from a price table; searches on the server are not priced',
    exitCodes: 'yes',
    denials: 'yes',
    interruptions: 'yes',
    subagents: 'yes',
    compaction: 'yes',
    permissionModes: 'yes',
    blocking: 'yes',
  },
  hookFile: claudeHookFile,
  configuration: async () => (await import('./configuration.ts')).claudeCodePlaces,
  isCaller: callsAs(CLAUDE_CODE),
  readHook,
  transcriptFolders,
  groupTranscripts,
  parse: parseClaudeCode,
}
