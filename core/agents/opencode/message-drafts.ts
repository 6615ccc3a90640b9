/** One message with its parts becomes any number of events. */
import type { Usage } from '../../session/usage.ts'
import { booleanIn, countIn, type JsonObject, objectIn, textIn } from '../json-value.ts'
import { contextDraft, type Draft } from '../reading.ts'
import { unrecognised } from '../unrecognised.ts'
import { partDrafts } from './part-drafts.ts'
import type { Reading } from './reading.ts'
import type { Stored } from './store.ts'

export interface Message {
  readonly json: JsonObject
  readonly parts: readonly Stored[]
  /** The same for a copy that a fork made, which has another id but keeps its times. */
  readonly key: string
  readonly isSubagent: boolean
}

export function draftsOf(message: Message, reading: Reading): readonly Draft[] {
  const role = textIn(message.json, 'role') ?? 'none'
  if (role === 'user') return userDrafts(message, reading)
  if (role === 'assistant') return assistantDrafts(message, reading)
  return unrecognised(`message.${role}`, message.json, reading)
}

/** Files that it names, and what the program says beside it, are parts of their own. */
function userDrafts({ parts, isSubagent }: Message, reading: Reading): readonly Draft[] {
  const typed: string[] = []
  const others: Draft[] = []
  for (const { json, id } of parts) {
    const type = textIn(json, 'type')
    const isTyped = type === 'text' && booleanIn(json, 'synthetic') !== true && booleanIn(json, 'ignored') !== true
    if (isTyped) typed.push(textIn(json, 'text') ?? '')
    else if (type === 'compaction') others.push(compaction(json))
    else if (type === 'subtask') others.push(...contextDraft('subtask', textIn(json, 'prompt') ?? '', reading))
    else if (type === 'text') others.push(...contextDraft('program', textIn(json, 'text') ?? '', reading))
    else others.push(...partDrafts(json, id, reading))
  }
  const text = typed.join('\n')
  if (text.trim() === '') return others
  if (isSubagent) return [...contextDraft('subagent-task', text, reading), ...others]
  return [{ event: { kind: 'prompt', text: reading.clean(text) } }, ...others]
}

/** Sizes are not recorded. */
function compaction(part: JsonObject): Draft {
  const auto = booleanIn(part, 'auto')
  const trigger = auto === null ? 'unknown' : auto ? 'auto' : 'manual'
  return { event: { kind: 'compaction', trigger, tokensBefore: null, tokensAfter: null } }
}

function assistantDrafts({ json, parts, key }: Message, reading: Reading): readonly Draft[] {
  reading.workingDirectory = textIn(objectIn(json, 'path'), 'cwd') ?? reading.workingDirectory
  const isSummary = booleanIn(json, 'summary') === true
  const drafts: Draft[] = parts.flatMap(({ json: part, id }) =>
    isSummary && textIn(part, 'type') === 'text'
      ? contextDraft('compact-summary', textIn(part, 'text') ?? '', reading)
      : partDrafts(part, id, reading),
  )
  const usage = usageOf(objectIn(json, 'tokens'))
  if (usage !== null) {
    const model = textIn(json, 'modelID')?.slice(0, 200).toWellFormed() ?? 'unknown'
    drafts.push({ id: `usage:${key}`, event: { kind: 'usage', messageId: key, model, usage } })
  }
  return [...drafts, ...errorDrafts(objectIn(json, 'error'), reading)]
}

function errorDrafts(error: JsonObject | null, reading: Reading): readonly Draft[] {
  if (error === null) return []
  const name = textIn(error, 'name') ?? 'error'
  const text = textIn(objectIn(error, 'data'), 'message') ?? textIn(error, 'message') ?? name
  if (name === 'MessageAbortedError') return [{ event: { kind: 'interruption', text: reading.clean(text) } }]
  return contextDraft('agent-error', text, reading)
}

/** A hundred times the largest context window: no answer used more, and sums stay exact. */
const MAX_TOKENS = 100_000_000

/** Input leaves out what was cached, output what was thought. null for an answer that never came. */
export function usageOf(tokens: JsonObject | null): Usage | null {
  const count = (from: JsonObject | null, key: string): number => Math.min(countIn(from, key) ?? 0, MAX_TOKENS)
  const cache = objectIn(tokens, 'cache')
  const reasoning = count(tokens, 'reasoning')
  const usage = {
    uncachedInput: count(tokens, 'input'),
    cacheRead: count(cache, 'read'),
    cacheWrite5m: count(cache, 'write'),
    cacheWrite1h: 0,
    output: count(tokens, 'output') + reasoning,
    reasoning,
  }
  return Object.values(usage).every((amount) => amount === 0) ? null : usage
}
