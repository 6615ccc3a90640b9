/** How a tool call ended, and who refused it where it was refused. */
import type { EventOf } from '../../session/event.ts'
import type { CallDetails } from './call-details.ts'
import { exitCodeIn, isRunning, isWrapped, type ToolOutput } from './tool-output.ts'
import type { ToolCategory } from './tools.ts'

type DeniedBy = EventOf<'denial'>['by']

export interface ToolOutcome {
  readonly outcome: EventOf<'toolResult'>['outcome']
  readonly exitCode: number | null
  readonly deniedBy: DeniedBy | null
}

export function outcomeOf(output: ToolOutput, details: CallDetails | null, category: ToolCategory): ToolOutcome {
  const deniedBy = refusal(output) ?? (details?.isDeclined === true ? 'user' : null)
  if (deniedBy !== null) return { outcome: 'denied', exitCode: null, deniedBy }
  if (wasAborted(output.text)) return { outcome: 'interrupted', exitCode: null, deniedBy: null }
  const exitCode = details?.exitCode ?? output.exitCode ?? exitCodeIn(output.text)
  if (category === 'shell') return { outcome: shellOutcome(output, exitCode, details), exitCode, deniedBy: null }
  const hasFailed =
    details?.success === false || output.success === false || (exitCode ?? 0) !== 0 || saysFailure(output)
  return { outcome: hasFailed ? 'failed' : 'ok', exitCode: null, deniedBy: null }
}

/** A patch that a shell call carries has no exit code; whether it was applied is what the program noted. */
function shellOutcome(
  output: ToolOutput,
  exitCode: number | null,
  details: CallDetails | null,
): ToolOutcome['outcome'] {
  if (exitCode !== null) return exitCode === 0 ? 'ok' : 'failed'
  if (details?.success === true) return 'ok'
  if (isRunning(output.text)) return 'unknown'
  return saysFailure(output) || output.success === false ? 'failed' : 'unknown'
}

/** Sentences of the program, which stand where a call was never carried out: nothing is wrapped around them. */
const failures =
  /^(unsupported call|unsupported custom tool call|failed to parse|apply_patch verification failed|exec_command failed|execution error|write_stdin failed|collab (tool|spawn) failed|err(or)?:|tool call error|unable to locate|[a-z_]+ failed)/i

function saysFailure({ text }: ToolOutput): boolean {
  return !isWrapped(text) && failures.test(text.slice(0, 200).trimStart())
}

function wasAborted(text: string): boolean {
  return /^(?:Wall time: [\d.]+ seconds?\n)?(?:command )?aborted by user\b/.test(text.slice(0, 200))
}

const refusals: readonly (readonly [RegExp, DeniedBy])[] = [
  [/^(Command|Tool call) blocked by PreToolUse hook: /, 'hook'],
  [/^(Command|Tool call) (blocked|denied) by PermissionRequest hook: /, 'hook'],
  [/rejected by user approval settings/, 'rule'],
  [/rejected: blocked by policy|policy forbids commands|rejected by policy/, 'rule'],
  [/approval policy is \S+; reject command/, 'rule'],
  [/^(exec command|patch|command|tool call|user) ?rejected( by user| MCP tool call)?|rejected by user/, 'user'],
]

function refusal({ text, exitCode }: ToolOutput): DeniedBy | null {
  if (isWrapped(text) || exitCode !== null) return null
  const start = text.slice(0, 1000)
  // Where a refusal comes through the shell's own error, it is told inside of it.
  if (!/^(Command|Tool call|exec|patch|command|tool call|user|rejected|`|writing outside|apply_patch)/.test(start))
    return null
  return refusals.find(([pattern]) => pattern.test(start))?.[1] ?? null
}
