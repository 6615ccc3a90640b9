/** One line of the format becomes an event of the session, or two. */
import type { FileEdit } from '../../session/event.ts'
import { noUsage } from '../../session/usage.ts'
import { created, deleted, difference, unifiedHunks } from '../hunks.ts'
import { contextDraft, type Draft, type Reading, toolCallDraft } from '../reading.ts'
import type { AgentEvent, AgentEventOf, Edit } from './format.ts'

/** `from`: folder from which paths are meant. `number`: place of the line, for ids of calls that have none. */
export function draftsOf(event: AgentEvent, from: string | null, number: number, reading: Reading): readonly Draft[] {
  switch (event.kind) {
    case 'sessionStart':
    case 'sessionEnd':
      return []
    case 'prompt':
    case 'message':
    case 'reasoning':
      return event.text.trim() === '' ? [] : [{ event: { kind: event.kind, text: reading.clean(event.text) } }]
    case 'context':
      return contextDraft(event.source, event.text, reading)
    case 'toolCall':
      return [callDraft(event, from, reading)]
    case 'toolResult': {
      const { callId, exitCode = null, output = '', edits = [] } = event
      const outcome = event.outcome ?? (exitCode === null ? 'unknown' : exitCode === 0 ? 'ok' : 'failed')
      const did = edits.map((edit) => editOf(edit, from, reading))
      return [{ event: { kind: 'toolResult', callId, outcome, exitCode, output: reading.clean(output), edits: did } }]
    }
    case 'fileEdit': {
      const callId = `edit-${number}`
      const named = {
        callId,
        tool: 'fileEdit',
        category: 'edit',
        input: {},
        command: null,
        paths: [event.path],
      } as const
      const edits = [editOf(event, from, reading)]
      return [
        toolCallDraft({ ...named, paths: [...named.paths] }, from, reading),
        { event: { kind: 'toolResult', callId, outcome: 'ok', exitCode: null, output: '', edits } },
      ]
    }
    case 'usage': {
      const { messageId, model, usage } = event
      const known = Object.fromEntries(Object.entries(usage).filter(([, count]) => count !== undefined))
      return [{ id: `usage:${messageId}`, event: { kind: 'usage', messageId, model, usage: { ...noUsage, ...known } } }]
    }
    case 'denial': {
      const { callId = null, by = 'unknown', reason = '' } = event
      return [{ event: { kind: 'denial', callId, by, reason: reading.clean(reason) } }]
    }
    case 'interruption':
      return [{ event: { kind: 'interruption', text: reading.clean(event.text ?? 'interrupted') } }]
    case 'compaction': {
      const { trigger = 'unknown', tokensBefore = null, tokensAfter = null } = event
      return [{ event: { kind: 'compaction', trigger, tokensBefore, tokensAfter } }]
    }
    case 'subagent': {
      const { agentId, type = 'unknown', description = '', model = null, callId = null } = event
      const about = { agentId, type: reading.clean(type), description: reading.clean(description), model, callId }
      return [{ event: { kind: 'subagent', ...about } }]
    }
    case 'commit':
      return [{ event: { kind: 'commit', commit: event.commit, callId: event.callId ?? null } }]
  }
}

function callDraft(event: AgentEventOf<'toolCall'>, from: string | null, reading: Reading): Draft {
  const { callId, category = 'other', input = {}, command = null, paths = [] } = event
  return toolCallDraft(
    { callId, tool: reading.clean(event.tool), category, input, command, paths: [...paths] },
    from,
    reading,
  )
}

function editOf(edit: Edit, from: string | null, reading: Reading): FileEdit {
  return { path: reading.place(edit.path, from), kind: edit.change, hunks: hunksOf(edit), userModified: null }
}

/** Whole contents say more than a diff, which somebody made of them. */
function hunksOf({ change, diff, before, after }: Edit): FileEdit['hunks'] {
  if (change === 'create' && after !== undefined) return created(after)
  if (change === 'delete' && before !== undefined) return deleted(before)
  if (before !== undefined && after !== undefined) return difference(before, after)
  return diff === undefined ? [] : unifiedHunks(diff)
}
