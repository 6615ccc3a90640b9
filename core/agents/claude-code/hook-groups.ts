/** What Stemma writes into Claude Code's `hooks` object: one group for each event. */
import { hookCommand } from '../hook-file/hook-settings.ts'

export const HOOK_COMMAND = hookCommand('claude-code')
/** Cursor runs these hooks too where a person wishes it, and takes a silent one for broken: it would stop every call. */
export const GATE_COMMAND = hookCommand('claude-code', `[ -z "$CURSOR_VERSION" ] || echo '{"permission":"allow"}'`)

/** Seconds. The launcher needs milliseconds; whatever holds it up longer than this is not worth the wait. */
const TIMEOUT_SECONDS = 10

/** Tools that change files or run commands; nothing else needs a snapshot. */
const TOOLS = 'Edit|Write|MultiEdit|NotebookEdit|Bash'

interface HookGroup {
  readonly matcher?: string
  readonly hooks: readonly { readonly type: string; readonly command: string; readonly timeout: number }[]
}

const everywhere: HookGroup = { hooks: [{ type: 'command', command: HOOK_COMMAND, timeout: TIMEOUT_SECONDS }] }
const onTools: HookGroup = { matcher: TOOLS, ...everywhere }
/** The guard judges what is read and what servers are asked, too; while it is off, the launcher passes over them. */
const beforeTools: HookGroup = {
  matcher: `${TOOLS}|NotebookRead|Read|Grep|mcp__.*`,
  hooks: [{ type: 'command', command: GATE_COMMAND, timeout: TIMEOUT_SECONDS }],
}

/** A failing command fires PostToolUseFailure and not PostToolUse: without both, failed tests would vanish. */
export const hookGroups: readonly (readonly [event: string, group: HookGroup])[] = [
  ['SessionStart', everywhere],
  ['UserPromptSubmit', everywhere],
  ['PreToolUse', beforeTools],
  ['PostToolUse', onTools],
  ['PostToolUseFailure', onTools],
  ['PreCompact', everywhere],
  ['SubagentStop', everywhere],
  ['Stop', everywhere],
  ['SessionEnd', everywhere],
]
