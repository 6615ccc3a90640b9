/** The stream of hooks as events. Calls are put together first: their parts come in several payloads. */
import type { HookPayload } from '../hook-stream.ts'
import { countIn, type JsonObject, textIn } from '../json-value.ts'
import { contextDraft, type Draft, type Reading } from '../reading.ts'
import { safeId } from '../safe-id.ts'
import { unrecognised } from '../unrecognised.ts'
import { type Call, callDraft, fail, notedEdit, openCall, resultDrafts, succeed } from './calls.ts'
import { folderIn } from './hook-note.ts'
import { commandOf, eventName, pathsOf, promptText } from './words.ts'

/** What the transcript need not tell again. */
export interface Told {
  readonly drafts: readonly (Draft & { readonly at: string | null; readonly line: number })[]
  readonly texts: ReadonlySet<string>
  readonly hasCalls: boolean
}

type Step = { readonly line: number; readonly at: string | null } & (
  | { readonly drafts: readonly Draft[] }
  | { readonly call: Call; readonly part: 'call' | 'result' }
)

export function hookDrafts(stream: readonly HookPayload[], reading: Reading): Told {
  const steps: Step[] = []
  const calls: Call[] = []
  const texts = new Set<string>()
  for (const { payload, at, line } of stream) {
    if (payload === null) continue
    const step = (drafts: readonly Draft[]) => steps.push({ line, at, drafts })
    const begin = (callId: string, tool: string, source: JsonObject = payload): Call => {
      const call = openCall(source, at, { callId, tool })
      calls.push(call)
      steps.push({ line, at, call, part: 'call' })
      return call
    }
    const end = (call: Call): void => {
      steps.push({ line, at, call, part: 'result' })
    }
    const name = eventName(payload) ?? 'none'
    const callId = safeId(textIn(payload, 'tool_use_id'))
    const known = callId === null ? undefined : calls.findLast((call) => call.callId === callId)
    switch (name) {
      case 'beforeSubmitPrompt': {
        const text = promptText(textIn(payload, 'prompt') ?? '')
        if (text.trim() === '') break
        texts.add(text.trim())
        step([{ event: { kind: 'prompt', text: reading.clean(text) } }])
        break
      }
      case 'afterAgentResponse':
      case 'afterAgentThought': {
        const text = textIn(payload, 'text') ?? ''
        if (text.trim() === '') break
        texts.add(text.trim())
        step([{ event: { kind: name === 'afterAgentThought' ? 'reasoning' : 'message', text: reading.clean(text) } }])
        break
      }
      case 'preToolUse':
        if (known === undefined) begin(callId ?? `call-${line}`, textIn(payload, 'tool_name') ?? 'unknown')
        break
      case 'postToolUse':
      case 'postToolUseFailure': {
        const call = known ?? begin(callId ?? `call-${line}`, textIn(payload, 'tool_name') ?? 'unknown')
        if (call.outcome !== null && call.endedAt !== null) break
        if (name === 'postToolUse') succeed(call, payload, at)
        else fail(call, payload, at)
        end(call)
        break
      }
      case 'afterShellExecution': {
        const command = textIn(payload, 'command') ?? ''
        const open = calls.findLast(
          (call) => call.category === 'shell' && call.output === '' && commandOf('shell', call.input) === command,
        )
        const call = open ?? begin(`shell-${line}`, 'Shell', { ...payload, tool_input: { command } })
        call.output = textIn(payload, 'output') ?? ''
        if (open === undefined) {
          call.outcome = 'unknown'
          call.endedAt = at
          end(call)
        }
        break
      }
      case 'afterFileEdit': {
        const edit = notedEdit(payload)
        if (edit === null) break
        const place = reading.place(edit.path, folderIn(payload))
        const open = calls.findLast(
          (call) =>
            call.category === 'edit' &&
            pathsOf(call.input, 'edit').some((path) => reading.place(path, call.from) === place) &&
            !call.isNoted,
        )
        const call =
          open ?? begin(`edit-${line}`, 'afterFileEdit', { ...payload, tool_input: { file_path: edit.path } })
        call.edits = [edit]
        call.isNoted = true
        if (open === undefined) {
          call.outcome = 'ok'
          call.endedAt = at
          end(call)
        }
        break
      }
      case 'afterMCPExecution': {
        const tool = textIn(payload, 'tool_name') ?? 'unknown'
        const open = calls.findLast((call) => call.category === 'mcp' && call.output === '' && call.tool.endsWith(tool))
        const call = open ?? begin(`mcp-${line}`, `MCP:${tool}`)
        call.output = textIn(payload, 'result_json') ?? ''
        if (open === undefined) {
          call.outcome = 'unknown'
          call.endedAt = at
          end(call)
        }
        break
      }
      case 'subagentStart':
        step(subagentDrafts(payload, line, reading))
        break
      case 'preCompact': {
        const trigger = textIn(payload, 'trigger')
        const kind = trigger === 'auto' || trigger === 'manual' ? trigger : 'unknown'
        const tokensBefore = countIn(payload, 'context_tokens')
        step([{ event: { kind: 'compaction', trigger: kind, tokensBefore, tokensAfter: null } }])
        break
      }
      case 'stop': {
        const status = textIn(payload, 'status')
        if (status === 'aborted') step([{ event: { kind: 'interruption', text: 'aborted' } }])
        else if (status === 'error')
          step(contextDraft('agent-error', textIn(payload, 'error_message') ?? 'error', reading))
        break
      }
      default:
        if (!silent.has(name)) step(unrecognised(name, withoutPerson(payload), reading))
    }
  }
  const drafts = steps.flatMap((one) => {
    const own =
      'drafts' in one
        ? one.drafts
        : one.part === 'call'
          ? [callDraft(one.call, reading)]
          : resultDrafts(one.call, reading)
    return own.map((draft) => ({ ...draft, at: draft.at ?? one.at, line: one.line }))
  })
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
