/**
 * JSON for signed bytes: duplicate keys and deep nesting are refused, because two parsers may read them differently and
 * then one of them acts on what the other did not see (RFC 8259 section 4 leaves duplicates open).
 */
import { Fault } from '../fault.ts'

/** Our own statements nest 9 levels; 64 leaves room and keeps every recursive reader far from its stack limit. */
export const MAX_JSON_DEPTH = 64

/** Throws json-malformed, json-duplicate-key or json-too-deep. */
export function parseStrictJson(text: string): unknown {
  scan(text)
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Fault('json-malformed', {
      message: 'The text is not JSON.',
      hint: 'Send one JSON value in UTF-8; check it with `jq . FILE`.',
      cause,
    })
  }
}

/**
 * Walks the tokens once before JSON.parse sees them. It need not judge grammar (JSON.parse does), only strings, nesting
 * and the keys of each open object.
 */
function scan(text: string): void {
  const open: (Set<string> | null)[] = []
  let index = 0
  while (index < text.length) {
    const character = text[index]
    if (character === '"') {
      const end = endOfString(text, index)
      const keys = open.at(-1)
      if (keys && isKey(text, end)) {
        const key = unescaped(text.slice(index, end))
        if (keys.has(key)) {
          throw new Fault('json-duplicate-key', {
            message: `The key ${JSON.stringify(key.slice(0, 60))} occurs twice in one object.`,
            hint: 'Name each key once: parsers disagree about which of the two counts.',
          })
        }
        keys.add(key)
      }
      index = end
      continue
    }
    if (character === '{' || character === '[') {
      open.push(character === '{' ? new Set() : null)
      if (open.length > MAX_JSON_DEPTH) {
        throw new Fault('json-too-deep', {
          message: `The JSON is nested deeper than ${MAX_JSON_DEPTH} levels.`,
          hint: 'Flatten the value; a statement of `stemma push` nests 9 levels.',
        })
      }
    } else if (character === '}' || character === ']') {
      open.pop()
    }
    index++
  }
}

/** Index behind the closing quote of the string that opens at `start` (the text's end where it never closes). */
function endOfString(text: string, start: number): number {
  let index = start + 1
  while (index < text.length) {
    const character = text[index]
    if (character === '\\') index += 2
    else if (character === '"') return index + 1
    else index++
  }
  return text.length
}

function isKey(text: string, index: number): boolean {
  let at = index
  while (text[at] === ' ' || text[at] === '\t' || text[at] === '\n' || text[at] === '\r') at++
  return text[at] === ':'
}

/** Escapes resolved, since "a" and "\u0061" are the same key. Malformed escapes are JSON.parse's business. */
function unescaped(literal: string): string {
  if (!literal.includes('\\')) return literal.slice(1, -1)
  try {
    return String(JSON.parse(literal))
  } catch {
    return literal
  }
}
