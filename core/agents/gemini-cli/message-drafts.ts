/** One message of a chat becomes any number of events. */
import type { Usage } from '../../session/usage.ts'
import { asObject, countIn, type JsonObject, objectIn, objectsIn, textIn, timeIn } from '../json-value.ts'
import { type Reading as CommonReading, contextDraft, type Draft, toolCallDraft } from '../reading.ts'
import { safeId } from '../safe-id.ts'
import { unrecognised } from '../unrecognised.ts'
import type { ChatMessage } from './chat.ts'
import { editOf } from './edits.ts'
import { outcomeOf, outputOf } from './tool-outcome.ts'
import { categoryOf, commandOf, pathsOf } from './tools.ts'
import { userWords } from './words.ts'

export interface Reading extends CommonReading {
  readonly workingDirectory: string | null
  /** Words and calls that were told, so that copies of them are not. */
  readonly toldTexts: Set<string>
  readonly toldCalls: Set<string>
}

export function draftsOf(message: ChatMessage, reading: Reading, isSubagent: boolean): readonly Draft[] {
  const { json } = message
  const type = textIn(json, 'type') ?? 'none'
  if (type === 'user') return userDrafts(message, reading, isSubagent)
  if (type === 'gemini') return geminiDrafts(message, reading)
  const text = partsText(json['content'])
  if (type === 'info' && /^Request cancelled\b/.test(text))
    return [{ event: { kind: 'interruption', text: reading.clean(text) } }]
  if (type === 'info' || type === 'error' || type === 'warning') return contextDraft(`agent-${type}`, text, reading)
  return unrecognised(type, json, reading)
}

/** Answers of tools stand in the user's role too; they are told with their calls. */
function userDrafts({ json, isCopy }: ChatMessage, reading: Reading, isSubagent: boolean): readonly Draft[] {
  const typed = json['displayContent'] ?? json['content']
  const { source, text } = userWords(partsText(typed), isSubagent)
  if (text.trim() === '' || wasTold(`user:${text}`, isCopy, reading)) return []
  const summary: readonly Draft[] =
    source === 'compact-summary'
      ? [{ event: { kind: 'compaction', trigger: 'unknown', tokensBefore: null, tokensAfter: null } }]
      : []
  if (source !== null) return [...summary, ...contextDraft(source, text, reading)]
  return [{ event: { kind: 'prompt', text: reading.clean(text) } }]
}

function geminiDrafts(message: ChatMessage, reading: Reading): readonly Draft[] {
  const { json, isCopy, id } = message
  const drafts: Draft[] = []
  const thoughts = objectsIn(json, 'thoughts').map((thought) =>
    [textIn(thought, 'subject'), textIn(thought, 'description')]
      .filter((part) => part !== null && part !== '')
      .join(': '),
  )
  const reasoning = reading.clean(thoughts.join('\n'))
  if (reasoning.trim() !== '' && !isCopy) drafts.push({ event: { kind: 'reasoning', text: reasoning } })
  const words = partsText(json['content'])
  if (words.trim() !== '' && !wasTold(`gemini:${words}`, isCopy, reading)) {
    drafts.push({ event: { kind: 'message', text: reading.clean(words) } })
  }
  const usage = usageOf(objectIn(json, 'tokens'))
  if (usage !== null) {
    const model = textIn(json, 'model')?.slice(0, 200).toWellFormed() ?? 'unknown'
    drafts.push({ id: `usage:${id}`, event: { kind: 'usage', messageId: id, model, usage } })
  }
  return [
    ...drafts,
    ...objectsIn(json, 'toolCalls').flatMap((call, index) => callDrafts(call, `${id}:${index}`, reading)),
  ]
}

function callDrafts(call: JsonObject, fallbackId: string, reading: Reading): readonly Draft[] {
  const callId = safeId(textIn(call, 'id')) ?? fallbackId
  if (reading.toldCalls.has(callId)) return []
  reading.toldCalls.add(callId)
  const tool = reading
    .clean(textIn(call, 'name') ?? 'unknown')
    .slice(0, 200)
    .toWellFormed()
  const category = categoryOf(tool)
  const input = objectIn(call, 'args') ?? {}
  const from = reading.workingDirectory
  const named = { callId, tool, category, input, command: commandOf(category, input), paths: [...pathsOf(input)] }
  const toolCall = toolCallDraft(named, from, reading)
  const output = outputOf(call)
  const ended = outcomeOf(call, output, category)
  if (ended === null) return [toolCall]
  const { outcome, exitCode, deniedBy } = ended
  const edit = outcome === 'ok' && category === 'edit' ? editOf(call, input) : null
  const edits = edit === null ? [] : [{ ...edit, path: reading.place(edit.path, from) }]
  const text = reading.clean(output === '' ? (textIn(call, 'resultDisplay') ?? '') : output)
  const at = timeIn(call, 'timestamp')
  return [
    toolCall,
    { at, event: { kind: 'toolResult', callId, outcome, exitCode, output: text, edits } },
    ...(deniedBy === null
      ? []
      : [{ at, event: { kind: 'denial', callId, by: deniedBy, reason: text.slice(0, 4000).toWellFormed() } } as const]),
  ]
}

function wasTold(words: string, isCopy: boolean, reading: Reading): boolean {
  if (isCopy && reading.toldTexts.has(words)) return true
  reading.toldTexts.add(words)
  return false
}

/** A text, or parts; thoughts, calls and answers of tools are no words. */
function partsText(content: unknown): string {
  if (typeof content === 'string') return content
  const parts = Array.isArray(content) ? content : [content]
  return parts
    .map((part) => {
      if (typeof part === 'string') return part
      const object = asObject(part)
      if (object === null || object['thought'] === true) return ''
      return (
        textIn(object, 'text') ?? ((objectIn(object, 'inlineData') ?? objectIn(object, 'fileData')) ? '[file]' : '')
      )
    })
    .filter((text) => text !== '')
    .join('\n')
}

/** A hundred times the largest context window: no answer used more, and sums stay exact. */
const MAX_TOKENS = 100_000_000

/** Input includes what was cached, output leaves out what was thought; results of the provider's own tools are input. */
function usageOf(tokens: JsonObject | null): Usage | null {
  if (tokens === null) return null
  const count = (key: string): number => Math.min(countIn(tokens, key) ?? 0, MAX_TOKENS)
  const cacheRead = count('cached')
  const reasoning = count('thoughts')
  return {
    uncachedInput: Math.max(0, count('input') - cacheRead) + count('tool'),
    cacheRead,
    cacheWrite5m: 0,
    cacheWrite1h: 0,
    output: count('output') + reasoning,
    reasoning,
  }
}
