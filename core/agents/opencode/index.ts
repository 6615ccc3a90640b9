/** OpenCode, measured with 1.18.33, which keeps a database; the JSON files of versions before hold the same records. */
import type { Agent } from '../agent.ts'
import { callsAs } from '../caller.ts'
import { opencodeDatabase } from './database.ts'
import { opencodeHookFile } from './hook-file.ts'
import { readHook } from './hook-note.ts'
import { OPENCODE, parseOpencode } from './parse.ts'
import { groupTranscripts, transcriptFolders, workingDirectories } from './transcripts.ts'

export const opencode: Agent = {
  id: OPENCODE,
  title: 'OpenCode',
  supports: {
    hooks: 'yes',
    sweep:
      'partial: its database is read by Node.js 22.13 or newer, else by the program `opencode` on the PATH; without both, no transcript is found',
    tokens: 'partial: calls beside the conversation, such as the one for a title, leave no record',
    cost: 'partial: computed from a price table',
    exitCodes: 'yes',
    denials:
      'partial: a refusal by another plugin is recorded as an error, and one that nobody was there to decide as the user’s',
    interruptions: 'yes',
    subagents: 'partial: in files of versions before the database a subagent is a session of its own',
    compaction: 'partial: its sizes are not recorded',
    permissionModes: 'partial: the agent in use is recorded (build, plan, …), its permissions are not',
    blocking: 'yes',
  },
  hookFile: opencodeHookFile,
  configuration: async () => (await import('./configuration.ts')).opencodePlaces,
  traces: {
    repository: ['.opencode', 'opencode.json', 'opencode.jsonc'],
    home: ['.config/opencode', '.local/share/opencode'],
  },
  isCaller: callsAs(OPENCODE),
  readHook,
  transcriptFolders,
  groupTranscripts,
  database: opencodeDatabase,
  workingDirectories,
  parse: parseOpencode,
}
