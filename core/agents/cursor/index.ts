/** Cursor, as its documentation describes hooks and payloads, and its transcripts as others found them; never measured. */
import type { HookedAgent } from '../agent.ts'
import { callsAs } from '../caller.ts'
import { cursorHookFile } from './hook-file.ts'
import { readHook } from './hook-note.ts'
import { parseCursor, workingDirectories } from './parse.ts'
import { groupTranscripts, transcriptFolders } from './transcripts.ts'
import { CURSOR } from './words.ts'

export const cursor: HookedAgent = {
  id: CURSOR,
  title: 'Cursor',
  supports: {
    hooks: 'partial: read from its documentation; it was never run with these hooks',
    sweep: 'partial: a transcript without hooks tells no time, no result and no model',
    tokens: 'no: neither its hooks nor its transcripts tell tokens',
    cost: 'no: without tokens nothing can be priced',
    exitCodes: 'partial: known only where the output of the shell tool carries the exit code',
    denials: 'partial: who refused a call is not told',
    interruptions: 'partial: that a turn was aborted is told, not where',
    subagents: 'partial: that one was started is told; its own calls are not told apart',
    compaction: 'partial: the size afterwards is not told',
    permissionModes: 'unknown: no documented payload tells how freely the agent may act',
    blocking: 'partial: written as its documentation says, and never run',
  },
  hookFile: cursorHookFile,
  configuration: async () => (await import('./configuration.ts')).cursorPlaces,
  isCaller: callsAs(CURSOR),
  readHook,
  transcriptFolders,
  groupTranscripts,
  workingDirectories,
  readsHookStream: true,
  parse: parseCursor,
}
