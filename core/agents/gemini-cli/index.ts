/** Gemini CLI, measured with 0.61.0; the older form, one JSON document a chat, as its files show it. */
import type { HookedAgent } from '../agent.ts'
import { callsAs } from '../caller.ts'
import { geminiHookFile } from './hook-file.ts'
import { readHook } from './hook-note.ts'
import { GEMINI_CLI, parseGeminiCli } from './parse.ts'
import { groupTranscripts, transcriptFolders, transcriptKey, workingDirectories } from './transcripts.ts'

export const geminiCli: HookedAgent = {
  id: GEMINI_CLI,
  title: 'Gemini CLI',
  supports: {
    hooks:
      'partial: its shell turns the hooks of git off, so what is committed and pushed there is sent with the next push outside of it',
    sweep: 'partial: chats of versions that did not record their folder are found through hooks only',
    tokens: 'partial: calls beside the conversation, such as those that compress it, leave no record',
    cost: 'partial: computed from a price table',
    exitCodes: 'yes',
    denials: 'partial: who stopped a call is told by its text alone',
    interruptions: 'yes',
    subagents: 'partial: which call started a subagent is not recorded',
    compaction: 'partial: neither its sizes nor its cause are recorded',
    permissionModes: 'no: neither its files nor its hooks tell the approval mode',
    blocking: 'yes',
  },
  hookFile: geminiHookFile,
  configuration: async () => (await import('./configuration.ts')).geminiCliPlaces,
  isCaller: callsAs(GEMINI_CLI),
  readHook,
  transcriptFolders,
  groupTranscripts,
  transcriptKey,
  workingDirectories,
  parse: parseGeminiCli,
}
