/**
 * Stemma's hooks in `.cursor/hooks.json`, where an entry is the hook itself. Cursor reads a hook's output as JSON and takes
 * a silent hook for a broken one, which stops the call: each of ours answers, also where the program is missing.
 */
import { callsHook, hookCommand, hookFileOf } from '../hook-file/hook-settings.ts'
import { CURSOR } from './words.ts'

/** Seconds. The launcher needs milliseconds; whatever holds it up longer than this is not worth the wait. */
const TIMEOUT_SECONDS = 10

const answering = (answer: object) => ({
  command: hookCommand(CURSOR, `echo '${JSON.stringify(answer)}'`),
  timeout: TIMEOUT_SECONDS,
})
const everywhere = answering({})
/** No objection; what Cursor itself asks of the person is Cursor's. */
const gate = answering({ permission: 'allow' })
const onPrompt = answering({ continue: true })
/** Tools that change files or run commands; nothing else needs a snapshot. */
const matcher = 'Shell|Write|StrReplace|Delete|ApplyPatch|EditNotebook'
const onTools = { ...everywhere, matcher }

export const cursorHookCommands = [everywhere, gate, onPrompt].map(({ command }) => command)

export const cursorHookFile = hookFileOf({
  path: '.cursor/hooks.json',
  root: { version: 1 },
  groups: [
    ['sessionStart', everywhere],
    ['beforeSubmitPrompt', onPrompt],
    ['preToolUse', { ...gate, matcher }],
    // Of the guard alone; while it is off, the launcher passes over them.
    ['beforeShellExecution', gate],
    ['beforeMCPExecution', gate],
    ['beforeReadFile', gate],
    ['postToolUse', onTools],
    ['postToolUseFailure', onTools],
    ['afterShellExecution', everywhere],
    ['afterFileEdit', everywhere],
    ['afterMCPExecution', everywhere],
    ['subagentStart', gate],
    ['subagentStop', everywhere],
    ['preCompact', everywhere],
    ['afterAgentResponse', everywhere],
    ['stop', everywhere],
    ['sessionEnd', everywhere],
  ],
  isOurs: callsHook(CURSOR),
})
