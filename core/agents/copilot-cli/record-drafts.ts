/** One record of the log becomes any number of events. */
import { booleanIn, countIn, type JsonObject, objectIn, textIn } from '../json-value.ts'
import { contextDraft, type Draft } from '../reading.ts'
import { safeId } from '../safe-id.ts'
import { unrecognised } from '../unrecognised.ts'
import { callDrafts, noteRefusal, resultDrafts, userCallDrafts } from './calls.ts'
import type { Reading } from './reading.ts'
import { isDropped } from './record-types.ts'
import type { CopilotRecord } from './records.ts'
import { usageDraft, usageDrafts, usageOf } from './usage.ts'

type Reader = (record: CopilotRecord, reading: Reading) => readonly Draft[]

const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['session.start', moved],
  ['session.resume', moved],
  ['session.context_changed', moved],
  ['user.message', userDrafts],
  ['assistant.message', messageDrafts],
  ['assistant.reasoning', ({ data }, reading) => thoughtDrafts(textIn(data, 'content'), reading)],
  ['session.usage_record', usageDrafts],
  ['assistant.usage', usageDrafts],
  ['tool.execution_start', callDrafts],
  ['tool.execution_complete', resultDrafts],
  ['tool.user_requested', userCallDrafts],
  ['permission.completed', noteRefusal],
  ['subagent.started', subagentDrafts],
  ['abort', ({ data }, reading) => interruption(textIn(data, 'reason'), reading)],
  ['agent.interrupted', () => []],
  ['session.compaction_start', compactionStart],
  ['session.compaction_complete', compactionDrafts],
  ['session.truncation', truncationDrafts],
  ['system.notification', said('notification', 'content')],
  ['session.error', said('agent-error', 'message')],
  ['session.warning', said('agent-warning', 'message')],
  ['session.info', said('agent-info', 'message')],
  ['session.handoff', said('handoff', 'summary')],
  ['session.snapshot_rewind', said('rewind', 'upToEventId')],
  ['session.context_cleared', (_, reading) => contextDraft('rewind', 'context cleared', reading)],
  ['skill.invoked', said('skill', 'name')],
  ['skill.invoked_ref', said('skill', 'name')],
  ['session.mode_changed', () => []],
  ['session.permissions_changed', () => []],
])

export function draftsOf(record: CopilotRecord, reading: Reading): readonly Draft[] {
  const reader = readers.get(record.type)
  if (reader !== undefined) return reader(record, reading)
  return isDropped(record.type) ? [] : unrecognised(record.type, record.data, reading)
}

function said(source: string, key: string): Reader {
  return ({ data }, reading) => contextDraft(source, textIn(data, key) ?? '', reading)
}

function moved({ data }: CopilotRecord, reading: Reading): readonly Draft[] {
  reading.workingDirectory = textIn(objectIn(data, 'context') ?? data, 'cwd') ?? reading.workingDirectory
  return []
}

/** What a person typed has no source; `transformedContent` is what the program made of it for the model. */
function userDrafts({ data, agentId }: CopilotRecord, reading: Reading): readonly Draft[] {
  const text = textIn(data, 'content') ?? ''
  const source = textIn(data, 'source')
  if (agentId !== null || source?.startsWith('agent-') === true) return contextDraft('subagent-task', text, reading)
  if (booleanIn(data, 'isAutopilotContinuation') === true) return contextDraft('autopilot', text, reading)
  if (source !== null && source !== '' && source !== 'user') return contextDraft(source.slice(0, 100), text, reading)
  return text.trim() === '' ? [] : [{ event: { kind: 'prompt', text: reading.clean(text) } }]
}

/** Calls that it asks for are told when they start. */
function messageDrafts({ data }: CopilotRecord, reading: Reading): readonly Draft[] {
  const text = reading.clean(textIn(data, 'content') ?? '')
  return [
    ...thoughtDrafts(textIn(data, 'reasoningText'), reading),
    ...(text.trim() === '' ? [] : [{ event: { kind: 'message', text } } as const]),
  ]
}

function thoughtDrafts(thought: string | null, reading: Reading): readonly Draft[] {
  const text = reading.clean(thought ?? '')
  if (text.trim() === '' || reading.thoughts.has(text)) return []
  reading.thoughts.add(text)
  return [{ event: { kind: 'reasoning', text } }]
}

function interruption(reason: string | null, reading: Reading): readonly Draft[] {
  return [{ event: { kind: 'interruption', text: reading.clean(reason ?? 'aborted') } }]
}

/** The thread is the agent's own id; versions without one name the call that started it. */
function subagentDrafts({ data, agentId }: CopilotRecord, reading: Reading): readonly Draft[] {
  const callId = safeId(textIn(data, 'toolCallId'))
  const thread = agentId ?? callId
  if (thread === null) return []
  if (callId !== null) reading.threads.set(callId, thread)
  const short = (key: string): string =>
    reading
      .clean(textIn(data, key) ?? '')
      .slice(0, 500)
      .toWellFormed()
  const model = textIn(data, 'model')?.slice(0, 200).toWellFormed() ?? null
  const about = {
    agentId: thread,
    type: short('agentName') || 'unknown',
    description: short('agentDescription'),
    model,
    callId,
  }
  return [{ thread: 'main', event: { kind: 'subagent', ...about } }]
}

function compactionStart({ data }: CopilotRecord, reading: Reading): readonly Draft[] {
  const trigger = textIn(data, 'trigger')
  reading.compactionTrigger = trigger === null ? 'unknown' : trigger === 'manual' ? 'manual' : 'auto'
  return []
}

/** The call that compacted leaves no record of its usage but this one. */
function compactionDrafts({ data, id }: CopilotRecord, reading: Reading): readonly Draft[] {
  const tokens = objectIn(data, 'compactionTokensUsed')
  const usage =
    tokens === null ? [] : [usageDraft(`${id}:compaction`, textIn(tokens, 'model') ?? modelOf(data), usageOf(tokens))]
  if (booleanIn(data, 'success') === false) return usage
  const trigger = reading.compactionTrigger
  reading.compactionTrigger = 'unknown'
  return [
    {
      event: {
        kind: 'compaction',
        trigger,
        tokensBefore: countIn(data, 'preCompactionTokens'),
        tokensAfter: countIn(data, 'postCompactionTokens'),
      },
    },
    ...contextDraft('compact-summary', textIn(data, 'summaryContent') ?? '', reading),
    ...usage,
  ]
}

function modelOf(data: JsonObject): string | null {
  return textIn(data, 'model') ?? textIn(data, 'behaviorModelId')
}

/** The oldest messages are left out without a summary. */
function truncationDrafts({ data }: CopilotRecord): readonly Draft[] {
  const tokensBefore = countIn(data, 'preTruncationTokensInMessages')
  const tokensAfter = countIn(data, 'postTruncationTokensInMessages')
  if (tokensBefore === tokensAfter) return []
  return [{ event: { kind: 'compaction', trigger: 'auto', tokensBefore, tokensAfter } }]
}
