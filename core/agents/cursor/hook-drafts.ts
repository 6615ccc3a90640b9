/** The stream of hooks as events. Calls are put together first: their parts come in several payloads. */
import type { HookPayload } from '../hook-stream.ts'
import { countIn, type JsonObject, textIn } from '../json-value.ts'
import { contextDraft, type Draft, type Reading } from '../reading.ts'
import { safeId } from '../safe-id.ts'
import { unrecognised } from '../unrecognised.ts'
import { callParts, type Part } from './call-parts.ts'
import { type Call, callDraft, resultDrafts } from './calls.ts'
import { eventName, promptText } from './words.ts'

export interface Told {
  readonly drafts: readonly (Draft & { readonly at: string | null; readonly line: number })[]
  /** What the transcript need not tell again. */
  readonly texts: ReadonlySet<string>
  readonly hasCalls: boolean
}

interface Step {
  readonly line: number
  readonly at: string | null
  readonly tells: readonly Draft[] | readonly Part[]
}

export function hookDrafts(stream: readonly HookPayload[], reading: Reading): Told {
  const calls: Call[] = []
  const texts = new Set<string>()
  const steps = stream.flatMap(({ payload, at, line }): readonly Step[] => {
    if (payload === null) return []
    const name = eventName(payload) ?? 'none'
    const parts = callParts({ name, payload, at, line }, calls, reading)
    if (parts !== null) return [{ line, at, tells: parts }]
    const { drafts, text } = draftsOf(name, payload, line, reading)
    if (text !== null) texts.add(text.trim())
    return [{ line, at, tells: drafts }]
  })
  const drafts = steps.flatMap(({ tells, at, line }) =>
    tells
      .flatMap((one) =>
        'event' in one ? [one] : one.part === 'call' ? [callDraft(one.call, reading)] : resultDrafts(one.call, reading),
      )
      .map((draft) => ({ ...draft, at: draft.at ?? at, line })),
  )
  return { drafts, texts, hasCalls: calls.length > 0 }
}

/** Known, and without anything that other payloads do not tell. */
const silent: ReadonlySet<string> = new Set([
  'sessionStart',
  'sessionEnd',
  'subagentStop',
  'beforeShellExecution',
  'beforeMCPExecution',
  'beforeReadFile',
  'beforeTabFileRead',
  'afterTabFileEdit',
])

interface Words {
  readonly drafts: readonly Draft[]
  /** Words that the transcript may tell again. */
  readonly text: string | null
}

function draftsOf(name: string, payload: JsonObject, line: number, reading: Reading): Words {
  switch (name) {
    case 'beforeSubmitPrompt':
      return words('prompt', promptText(textIn(payload, 'prompt') ?? ''), reading)
    case 'afterAgentResponse':
      return words('message', textIn(payload, 'text') ?? '', reading)
    case 'afterAgentThought':
      return words('reasoning', textIn(payload, 'text') ?? '', reading)
    case 'subagentStart':
      return { drafts: subagentDrafts(payload, line, reading), text: null }
    case 'preCompact':
      return { drafts: compactionDrafts(payload), text: null }
    case 'stop':
      return { drafts: stopDrafts(payload, reading), text: null }
    default:
      return { drafts: silent.has(name) ? [] : unrecognised(name, withoutPerson(payload), reading), text: null }
  }
}

function words(kind: 'prompt' | 'message' | 'reasoning', text: string, reading: Reading): Words {
  return text.trim() === ''
    ? { drafts: [], text: null }
    : { drafts: [{ event: { kind, text: reading.clean(text) } }], text }
}

function compactionDrafts(payload: JsonObject): readonly Draft[] {
  const named = textIn(payload, 'trigger')
  const trigger = named === 'auto' || named === 'manual' ? named : 'unknown'
  const tokensBefore = countIn(payload, 'context_tokens')
  return [{ event: { kind: 'compaction', trigger, tokensBefore, tokensAfter: null } }]
}

function stopDrafts(payload: JsonObject, reading: Reading): readonly Draft[] {
  const status = textIn(payload, 'status')
  if (status === 'aborted') return [{ event: { kind: 'interruption', text: 'aborted' } }]
  return status === 'error' ? contextDraft('agent-error', textIn(payload, 'error_message') ?? 'error', reading) : []
}

function withoutPerson({ user_email: _, ...payload }: JsonObject): JsonObject {
  return payload
}

function subagentDrafts(payload: JsonObject, line: number, reading: Reading): readonly Draft[] {
  const short = (key: string, length: number): string =>
    reading
      .clean(textIn(payload, key) ?? '')
      .slice(0, length)
      .toWellFormed()
  const agentId = safeId(textIn(payload, 'subagent_id')) ?? `subagent-${line}`
  const model = textIn(payload, 'subagent_model')?.slice(0, 200).toWellFormed() ?? null
  const callId = safeId(textIn(payload, 'tool_call_id'))
  const type = short('subagent_type', 200) || 'unknown'
  return [{ event: { kind: 'subagent', agentId, type, description: short('task', 500), model, callId } }]
}
