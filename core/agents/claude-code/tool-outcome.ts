/** How a tool call ended, and who refused it where it was refused. */
import type { EventOf } from '../../session/event.ts'
import { asObject, booleanIn, type JsonObject, objectIn, textIn } from '../json-value.ts'
import type { ToolCategory } from './tools.ts'

type DeniedBy = EventOf<'denial'>['by']

export interface ToolOutcome {
  readonly outcome: EventOf<'toolResult'>['outcome']
  readonly exitCode: number | null
  readonly deniedBy: DeniedBy | null
}

export interface ToolResultParts {
  readonly record: JsonObject
  /** The `tool_result` block. */
  readonly block: JsonObject
  readonly output: string
  readonly category: ToolCategory
}

export function outcomeOf(parts: ToolResultParts): ToolOutcome {
  const { record, block, output, category } = parts
  const isError = booleanIn(block, 'is_error') === true
  const result = asObject(record['toolUseResult'])
  const deniedBy = refusal(record, isError, output)
  if (deniedBy !== null) return { outcome: 'denied', exitCode: null, deniedBy }
  if (wasInterrupted(record, result, output, isError)) return { outcome: 'interrupted', exitCode: null, deniedBy: null }
  if (category !== 'shell') return { outcome: isError ? 'failed' : 'ok', exitCode: null, deniedBy: null }
  if (isError) return { outcome: 'failed', exitCode: failedExitCode(output), deniedBy: null }
  return { outcome: 'ok', exitCode: succeeded(result) ? 0 : null, deniedBy: null }
}

/** `Exit code 1` begins the output of a failed command; older versions and `toolUseResult` put `Error: ` before it. */
function failedExitCode(output: string): number | null {
  const digits = /^(?:Error: )?(?:Command failed: )?Exit code (\d{1,9})\b/.exec(output)?.[1]
  return digits === undefined ? null : Number(digits)
}

/** A command in the background has not ended; one whose code was explained away (`grep` without a match) did not end with 0. */
function succeeded(result: JsonObject | null): boolean {
  return textIn(result, 'backgroundTaskId') === null && textIn(result, 'returnCodeInterpretation') === null
}

const interruptedKinds: ReadonlySet<string> = new Set(['cancelled', 'interrupted'])

function wasInterrupted(record: JsonObject, result: JsonObject | null, output: string, isError: boolean): boolean {
  if (booleanIn(result, 'interrupted') === true) return true
  if (interruptedKinds.has(textIn(record, 'toolDenialKind') ?? '')) return true
  return isError && /^\[?Request interrupted by user|^<tool_use_error>Cancelled/.test(output)
}

const refusalSources: ReadonlyMap<string, DeniedBy> = new Map([
  ['config', 'rule'],
  ['rule', 'rule'],
  ['hook', 'hook'],
  ['user', 'user'],
  ['user_reject', 'user'],
  ['user_abort', 'user'],
  ['classifier', 'classifier'],
])

/** null where the call was not refused. */
function refusal(record: JsonObject, isError: boolean, output: string): DeniedBy | null {
  const kind = textIn(record, 'toolDenialKind')
  const decision = objectIn(record, 'permissionDecision')
  const isRefused = ['reject', 'deny'].includes(textIn(decision, 'decision') ?? '')
  if (kind !== null && interruptedKinds.has(kind)) return null
  if (kind !== null || isRefused) return refusedBy(kind, decision)
  return isError ? refusalInWords(output) : null
}

/**
 * The source of the decision is asked first: where nobody can be asked, the kind says `user-rejected` although no
 * person ever saw the question.
 */
function refusedBy(kind: string | null, decision: JsonObject | null): DeniedBy {
  if (kind?.startsWith('automode') === true) return 'classifier'
  if (/classifier|automode/.test(textIn(decision, 'reasonType') ?? '')) return 'classifier'
  const source = refusalSources.get(textIn(decision, 'source') ?? '')
  return source ?? (kind === 'permission-rule' ? 'rule' : kind === 'user-rejected' ? 'user' : 'unknown')
}

/** Older versions leave nothing but the text that they tell the model. */
const refusalTexts: readonly (readonly [RegExp, DeniedBy])[] = [
  [/^The user doesn't want to (proceed with this tool use|take this action right now)/, 'user'],
  [/^User rejected/, 'user'],
  [/^(PreToolUse|PermissionRequest)(:\S+)? hook (error|returned blocking|stopped|blocked)/, 'hook'],
  [/^(Execution stopped by PreToolUse hook|Operation (stopped|blocked) by hook|Hook PreToolUse)/, 'hook'],
  [/^Permission for this (action|tool use) (was|has been) denied\b.{0,80}\b(classifier|auto mode)/, 'classifier'],
  [/^Permission to use .{1,2000}? (has been|was) (auto-)?denied/s, 'rule'],
  [/^Claude requested permissions? to /, 'rule'],
  [/^(File|Path|Directory) is in a directory that is denied by your permission settings/, 'rule'],
]

function refusalInWords(output: string): DeniedBy | null {
  const words = output.slice(0, 2400).replace(/^(<tool_use_error>|Error: )+/, '')
  return refusalTexts.find(([pattern]) => pattern.test(words))?.[1] ?? null
}
