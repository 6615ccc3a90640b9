/** The lines of a transcript as events: words and calls, without time, result or model. */
import type { JsonLine } from '../json-lines.ts'
import { asObject, objectIn, textIn } from '../json-value.ts'
import { type Draft, type Reading, toolCallDraft } from '../reading.ts'
import { unrecognised } from '../unrecognised.ts'
import type { Told } from './hook-drafts.ts'
import { categoryOf, commandOf, pathsOf, promptText } from './words.ts'

interface Place {
  /** Prefix of the ids of its calls. */
  readonly thread: string
  readonly from: string | null
}

/** What the hooks told already is left out. */
export function transcriptDrafts(
  { line, record }: JsonLine,
  told: Told,
  place: Place,
  reading: Reading,
): readonly Draft[] {
  const role = textIn(record, 'role')
  if (role !== 'user' && role !== 'assistant')
    return unrecognised(role ?? textIn(record, 'type') ?? 'none', record, reading)
  const content = objectIn(record, 'message')?.['content'] ?? record['content']
  const parts = typeof content === 'string' ? [{ type: 'text', text: content }] : Array.isArray(content) ? content : []
  return parts.flatMap((part, index): readonly Draft[] => {
    const json = asObject(part)
    const type = textIn(json, 'type')
    if (type === 'tool_use') {
      if (told.hasCalls && place.thread === 'main') return []
      const tool = reading
        .clean(textIn(json, 'name') ?? 'unknown')
        .slice(0, 200)
        .toWellFormed()
      const input = objectIn(json, 'input') ?? {}
      const category = categoryOf(tool)
      const callId = `${place.thread}-${line}-${index}`
      const paths = [...pathsOf(input, category)]
      return [
        toolCallDraft(
          { callId, tool, category, input, command: commandOf(category, input), paths },
          place.from,
          reading,
        ),
      ]
    }
    const text = role === 'user' ? promptText(textIn(json, 'text') ?? '') : (textIn(json, 'text') ?? '')
    // Thinking is taken out by the program itself.
    const words = text.trim()
    if (words === '' || words === '[REDACTED]' || (told.texts.size > 0 && told.texts.has(words))) return []
    if (role === 'assistant') return [{ event: { kind: 'message', text: reading.clean(text) } }]
    if (place.thread === 'main') return [{ event: { kind: 'prompt', text: reading.clean(text) } }]
    return [{ event: { kind: 'context', source: 'subagent-task', text: reading.clean(text) } }]
  })
}
