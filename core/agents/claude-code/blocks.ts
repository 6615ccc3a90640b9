/** Content of a message: a text, or a list of blocks. */
import { toHex, utf8 } from '../../evidence/bytes.ts'
import { sha256 } from '../../rego/builtins/hash.ts'
import { binaryMark } from '../../session/redaction/binaries.ts'
import { asObject, type JsonObject, objectIn, textIn } from '../json-value.ts'

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
    .map((block) => textIn(block, 'text') ?? nameOfBlock(block))
    .join('\n')
}

/** A picture or a document stands for itself by kind, length and digest: nobody can review what it shows. */
export function nameOfBlock(block: JsonObject): string {
  const type = (textIn(block, 'type') ?? 'unknown').slice(0, 60)
  const source = objectIn(block, 'source')
  const data = textIn(source, 'data')
  if (data === null || textIn(source, 'type') !== 'base64') return `[${type}]`
  const kind = textIn(source, 'media_type') ?? ''
  const digest = toHex(new Uint8Array(sha256(utf8(data))))
  return binaryMark(/^[a-z]+\/[a-z0-9.+-]{1,60}$/.test(kind) ? kind : type, data.length, digest)
}
