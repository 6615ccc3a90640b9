/**
 * Stemma's hooks in `.github/hooks/stemma.json`, a file of its own in a folder of which Copilot CLI reads every file. A
 * payload does not name its event, so the command does.
 */
import { callsHook, hookCommand, hookFileOf } from '../hook-file/hook-settings.ts'

/** Seconds. The launcher needs milliseconds; whatever holds it up longer than this is not worth the wait. */
const TIMEOUT_SECONDS = 10

/** A failed command calls `postToolUse`, a failed edit `postToolUseFailure`. */
const events = [
  'sessionStart',
  'userPromptSubmitted',
  'preToolUse',
  'postToolUse',
  'postToolUseFailure',
  'agentStop',
  'subagentStop',
  'sessionEnd',
] as const

export const copilotHookFile = hookFileOf({
  path: '.github/hooks/stemma.json',
  root: { version: 1 },
  groups: events.map((event) => [
    event,
    { type: 'command', command: hookCommand(`copilot-cli ${event}`), timeoutSec: TIMEOUT_SECONDS },
  ]),
  isOurs: callsHook('copilot-cli'),
})
