/** GitHub Copilot CLI, measured with 1.0.102; usage as versions before it told it, when a session ended. */
import type { Agent } from '../agent.ts'
import { callsAs } from '../caller.ts'
import { copilotHookFile } from './hook-file.ts'
import { readHook } from './hook-note.ts'
import { COPILOT_CLI, parseCopilotCli } from './parse.ts'
import { groupTranscripts, transcriptFolders, workingDirectories } from './transcripts.ts'

export const copilotCli: Agent = {
  id: COPILOT_CLI,
  title: 'GitHub Copilot CLI',
  supports: {
    hooks: 'partial: hooks of a folder run only once the person trusts the folder, and carry no id of the call',
    sweep: 'yes',
    tokens: 'partial: versions that tell usage at the end of a session tell none of one that crashed',
    cost: 'partial: computed from a price table; premium requests and credits are not priced',
    exitCodes: 'yes',
    denials: 'yes',
    interruptions: 'yes',
    subagents: 'yes',
    compaction: 'yes',
    permissionModes: 'partial: how it asks is recorded when that changes or when it asks, not at the start',
    blocking: 'yes',
  },
  hookFile: copilotHookFile,
  configuration: async () => (await import('./configuration.ts')).copilotCliPlaces,
  // Nearly every repository has a folder `.github`.
  traces: { repository: ['.github/hooks', '.github/copilot-instructions.md'], home: ['.copilot'] },
  isCaller: callsAs(COPILOT_CLI),
  readHook,
  transcriptFolders,
  groupTranscripts,
  workingDirectories,
  parse: parseCopilotCli,
}
