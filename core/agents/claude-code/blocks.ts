/** Content of a message: a text, or a list of blocks. */
import { asObject, type JsonObject, textIn } from '../json-value.ts'

/** The blocks of a message; a text is one block. */
export function blocksOf(content: unknown): readonly JsonObject[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  if (!Array.isArray(content)) return []
  return content
    .map((block) => (typeof block === 'string' ? { type: 'text', text: block } : asObject(block)))
    .filter((block) => block !== null)
}

/** All text in the content of a result; what is not text is named. */
export function blockText(content: unknown): string {
  return blocksOf(content)
    .map((block) => textIn(block, 'text') ?? `[${(textIn(block, 'type') ?? 'unknown').slice(0, 60)}]`)
    .join('\n')
}
