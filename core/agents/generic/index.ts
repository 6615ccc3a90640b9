/** Any other agent or orchestrator, by the format that Stemma publishes (format.ts). */
import type { Agent } from '../agent.ts'
import { callsAs } from '../caller.ts'
import { GENERIC } from './format.ts'
import { readHook } from './hook-note.ts'
import { parseGeneric } from './parse.ts'
import { groupTranscripts, SESSIONS_FOLDER } from './transcripts.ts'

const asTold = 'partial: as far as the program that writes the events tells them'

export const generic: Agent = {
  id: GENERIC,
  title: 'Other agents',
  supports: {
    hooks: 'partial: the program itself must call `stemma hook generic`, or write the file',
    sweep: 'yes',
    tokens: asTold,
    cost: 'partial: computed from a price table, where usage is told',
    exitCodes: asTold,
    denials: asTold,
    interruptions: asTold,
    subagents: asTold,
    compaction: asTold,
    permissionModes: asTold,
    blocking: 'no: Stemma is told of calls and is not asked about them',
  },
  hookFile: null,
  configuration: null,
  isCaller: callsAs(GENERIC),
  readHook,
  transcriptFolders: () => [],
  stateFolder: SESSIONS_FOLDER,
  readsHookStream: true,
  groupTranscripts,
  // It lies in the state of the repository to which it belongs.
  workingDirectories: () => [],
  parse: parseGeneric,
}
