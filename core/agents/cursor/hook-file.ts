/** Stemma's hooks in `.cursor/hooks.json`, where an entry is the hook itself. Cursor reads a hook's output as JSON: ours says nothing. */
import { callsHook, hookCommand, hookFileOf } from '../hook-file/hook-settings.ts'
import { CURSOR } from './words.ts'

/** Seconds. The launcher needs milliseconds; whatever holds it up longer than this is not worth the wait. */
const TIMEOUT_SECONDS = 10

const everywhere = { command: hookCommand(CURSOR), timeout: TIMEOUT_SECONDS }
/** Tools that change files or run commands; nothing else needs a snapshot. */
const onTools = { ...everywhere, matcher: 'Shell|Write|StrReplace|Delete|ApplyPatch|EditNotebook' }

export const cursorHookFile = hookFileOf({
  path: '.cursor/hooks.json',
  root: { version: 1 },
  groups: [
    ['sessionStart', everywhere],
    ['beforeSubmitPrompt', everywhere],
    ['preToolUse', onTools],
    ['postToolUse', onTools],
    ['postToolUseFailure', onTools],
    ['afterShellExecution', everywhere],
    ['afterFileEdit', everywhere],
    ['afterMCPExecution', everywhere],
    ['subagentStart', everywhere],
    ['subagentStop', everywhere],
    ['preCompact', everywhere],
    ['afterAgentResponse', everywhere],
    ['stop', everywhere],
    ['sessionEnd', everywhere],
  ],
  isOurs: callsHook(CURSOR),
})
