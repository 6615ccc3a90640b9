/**
 * Stemma's hooks in `.codex/hooks.json`. Codex refuses the whole file for a root key that it does not know, so `hooks`
 * is all that we write; and it asks the person to approve each hook anew when its text changes.
 */
import { callsHook, hookCommand, hookFileOf } from '../hook-file/hook-settings.ts'

/** Seconds. The launcher needs milliseconds; whatever holds it up longer than this is not worth the wait. */
const TIMEOUT_SECONDS = 10

const everywhere = { hooks: [{ type: 'command', command: hookCommand('codex'), timeout: TIMEOUT_SECONDS }] }
/** Tools that change files or run commands, by the names that hooks see; nothing else needs a snapshot. */
const onTools = { matcher: 'Bash|apply_patch', ...everywhere }
/** The guard judges what servers are asked, too; while it is off, the launcher passes over them. */
const beforeTools = { matcher: 'Bash|apply_patch|mcp__.*', ...everywhere }

const groups: readonly (readonly [event: string, group: object])[] = [
  ['SessionStart', everywhere],
  ['UserPromptSubmit', everywhere],
  ['PreToolUse', beforeTools],
  ['PostToolUse', onTools],
  ['PreCompact', everywhere],
  ['SubagentStop', everywhere],
  ['Stop', everywhere],
  ['SessionEnd', everywhere],
]

/** Events on which Codex calls us. */
export const codexEvents: readonly string[] = groups.map(([event]) => event)

export const codexHookFile = hookFileOf({
  path: '.codex/hooks.json',
  groups,
  isOurs: callsHook('codex'),
})
