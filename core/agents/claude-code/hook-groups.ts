/** What Stemma writes into Claude Code's `hooks` object: one group for each event. */

/**
 * Constant, so that an approval of it stays valid. A teammate without Stemma must notice nothing, and a failure of ours
 * must not look like a failure of the hook: the guard denies through JSON on stdout, never through the exit code.
 */
export const HOOK_COMMAND = 'command -v stemma >/dev/null 2>&1 && stemma hook claude-code || true'

/** Seconds. The launcher needs milliseconds; whatever holds it up longer than this is not worth the wait. */
const TIMEOUT_SECONDS = 10

/** Tools that change files or run commands; nothing else needs a snapshot. */
const TOOLS = 'Edit|Write|MultiEdit|NotebookEdit|Bash'

export interface HookGroup {
  readonly matcher?: string
  readonly hooks: readonly { readonly type: string; readonly command: string; readonly timeout: number }[]
}

const everywhere: HookGroup = { hooks: [{ type: 'command', command: HOOK_COMMAND, timeout: TIMEOUT_SECONDS }] }
const onTools: HookGroup = { matcher: TOOLS, ...everywhere }

/** A failing command fires PostToolUseFailure and not PostToolUse: without both, failed tests would vanish. */
export const hookGroups: readonly (readonly [event: string, group: HookGroup])[] = [
  ['SessionStart', everywhere],
  ['UserPromptSubmit', everywhere],
  ['PreToolUse', onTools],
  ['PostToolUse', onTools],
  ['PostToolUseFailure', onTools],
  ['PreCompact', everywhere],
  ['SubagentStop', everywhere],
  ['Stop', everywhere],
  ['SessionEnd', everywhere],
]

/** Whether a hook calls Stemma, as any version of it wrote the call. */
export function isOurCommand(command: unknown): boolean {
  return typeof command === 'string' && /\bstemma hook claude-code\b/.test(command)
}

/** The whole file where there was none. */
export function newSettings(): string {
  const hooks = Object.fromEntries(hookGroups.map(([event, group]) => [event, [group]]))
  return `${JSON.stringify({ hooks }, null, 2)}\n`
}
