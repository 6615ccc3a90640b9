/** Who started which subagent, for what, with which model: from launches, results and the files beside the records. */

import { boundedText } from '../bounded.ts'
import { asObject, type JsonObject, objectIn, objectsIn, textIn } from '../json-value.ts'
import { safeId } from '../safe-id.ts'
import { blocksOf, blockText } from './blocks.ts'
import { SYNTHETIC_MODEL } from './message-usage.ts'
import { messageOf, type SubagentMeta, type TranscriptRecord } from './records.ts'
import { categoryOf } from './tools.ts'

export interface SubagentStart {
  readonly agentId: string
  readonly type: string
  readonly description: string
  readonly model: string | null
  readonly callId: string | null
  /** The thread that started it. */
  readonly startedBy: string
}

interface Launch {
  readonly callId: string
  readonly thread: string
  readonly input: JsonObject | null
}

/** Every subagent that has records, a file or a result, by its id. */
export function subagentStarts(
  records: readonly TranscriptRecord[],
  metas: SubagentMeta,
): ReadonlyMap<string, SubagentStart> {
  const { byCall, byPrompt } = launches(records)
  const results = launchResults(records)
  const threads = threadFacts(records)
  const starts = new Map<string, SubagentStart>()
  for (const agentId of new Set([...threads.keys(), ...results.keys(), ...metas.keys()])) {
    const meta = metas.get(agentId) ?? null
    const result = results.get(agentId) ?? null
    const thread = threads.get(agentId) ?? null
    const callId = textIn(meta, 'toolUseId') ?? result?.callId ?? byPrompt.get(thread?.task ?? '')?.callId ?? null
    const launch = callId === null ? undefined : byCall.get(callId)
    const input = launch?.input ?? null
    starts.set(agentId, {
      agentId,
      type: brief(textIn(meta, 'agentType') ?? textIn(input, 'subagent_type') ?? 'unknown'),
      description: brief(textIn(meta, 'description') ?? textIn(input, 'description') ?? ''),
      model: briefOrNull(
        textIn(meta, 'model') ?? textIn(result?.result ?? null, 'resolvedModel') ?? thread?.model ?? null,
      ),
      callId: callId === null || callId === '' ? null : brief(callId),
      startedBy: launch?.thread ?? 'main',
    })
  }
  return starts
}

function launches(records: readonly TranscriptRecord[]) {
  const byCall = new Map<string, Launch>()
  const byPrompt = new Map<string, Launch>()
  for (const record of records) {
    if (textIn(record.json, 'type') !== 'assistant') continue
    for (const block of objectsIn(messageOf(record), 'content')) {
      const callId = textIn(block, 'id')
      if (textIn(block, 'type') !== 'tool_use' || callId === null) continue
      if (categoryOf(textIn(block, 'name') ?? '') !== 'subagent') continue
      const launch = { callId, thread: record.thread, input: objectIn(block, 'input') }
      byCall.set(callId, launch)
      const prompt = textIn(launch.input, 'prompt')
      if (prompt !== null && !byPrompt.has(prompt)) byPrompt.set(prompt, launch)
    }
  }
  return { byCall, byPrompt }
}

/** The result of the call that started the subagent names its id. */
function launchResults(records: readonly TranscriptRecord[]) {
  const results = new Map<string, { readonly callId: string | null; readonly result: JsonObject }>()
  for (const record of records) {
    const result = asObject(record.json['toolUseResult'])
    const agentId = safeId(textIn(result, 'agentId'))
    if (result === null || agentId === null || agentId === 'main') continue
    const block = objectsIn(messageOf(record), 'content').find((one) => textIn(one, 'type') === 'tool_result')
    if (!results.has(agentId)) results.set(agentId, { callId: textIn(block ?? null, 'tool_use_id'), result })
  }
  return results
}

/** First words and first model of each subagent's thread. */
function threadFacts(records: readonly TranscriptRecord[]) {
  const threads = new Map<string, { task: string | null; model: string | null }>()
  for (const record of records) {
    if (record.thread === 'main') continue
    const facts = threads.get(record.thread) ?? { task: null, model: null }
    threads.set(record.thread, facts)
    const message = messageOf(record)
    if (textIn(record.json, 'type') === 'user') facts.task ??= blockText(blocksOf(message?.['content']))
    const model = textIn(message, 'model')
    if (textIn(record.json, 'type') === 'assistant' && model !== SYNTHETIC_MODEL) facts.model ??= model
  }
  return threads
}

function brief(text: string): string {
  return boundedText(text, 500)
}

function briefOrNull(text: string | null): string | null {
  return text === null ? null : brief(text)
}
