/** Stemma's hooks in `.gemini/settings.json`. Gemini CLI reads a hook's standard output as JSON: ours says nothing at all. */
import { callsHook, hookCommand, hookFileOf } from '../hook-file/hook-settings.ts'

/** The launcher needs milliseconds; whatever holds it up longer than this is not worth the wait. */
const TIMEOUT_MILLISECONDS = 10_000

const everywhere = {
  hooks: [{ name: 'stemma', type: 'command', command: hookCommand('gemini-cli'), timeout: TIMEOUT_MILLISECONDS }],
}
/** Tools that change files or run commands; nothing else needs a snapshot. */
const onTools = { matcher: 'write_file|replace|run_shell_command', ...everywhere }
/** The guard judges what is read and what servers are asked, too; while it is off, the launcher passes over them. */
const beforeTools = { matcher: 'write_file|replace|run_shell_command|read_file|read_many_files|mcp_.*', ...everywhere }

/** PreCompress fires at every turn and AfterModel at every chunk: neither tells anything. */
export const geminiHookFile = hookFileOf({
  path: '.gemini/settings.json',
  groups: [
    ['SessionStart', everywhere],
    ['BeforeAgent', everywhere],
    ['BeforeTool', beforeTools],
    ['AfterTool', onTools],
    ['AfterAgent', everywhere],
    ['SessionEnd', everywhere],
  ],
  isOurs: callsHook('gemini-cli'),
})
