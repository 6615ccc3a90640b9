/** What a tool told the model: text in which the program wrapped how it went. */
import { readObject } from '../json-lines.ts'
import { asObject, booleanIn, countIn, objectIn, textIn } from '../json-value.ts'

export interface ToolOutput {
  readonly text: string
  /** Where the program said so apart from the text. */
  readonly exitCode: number | null
  readonly success: boolean | null
}

/** A text; a list of parts; `{content, success}`; or, in the oldest versions, JSON in a text. */
export function outputOf(value: unknown): ToolOutput {
  if (typeof value === 'string') return unwrapped(value)
  if (Array.isArray(value)) return { text: value.map(partText).join('\n'), exitCode: null, success: null }
  const object = asObject(value)
  if (object === null) return { text: '', exitCode: null, success: null }
  return { ...outputOf(object['content'] ?? object['output'] ?? ''), success: booleanIn(object, 'success') }
}

function partText(part: unknown): string {
  const object = asObject(part)
  return textIn(object, 'text') ?? `[${(textIn(object, 'type') ?? 'unknown').slice(0, 60)}]`
}

function unwrapped(text: string): ToolOutput {
  const object = text.startsWith('{"output":') ? readObject(text) : null
  const inner = textIn(object, 'output')
  if (object === null || inner === null) return { text, exitCode: null, success: null }
  return { text: inner, exitCode: countIn(objectIn(object, 'metadata'), 'exit_code'), success: null }
}

/** The head ends where the program's output begins: what a command prints proves nothing. */
function headOf(text: string): string {
  const start = text.slice(0, 600)
  const end = start.search(/(^|\n)Output:(\n|$)/)
  return end < 0 ? start : start.slice(0, end)
}

const HEAD = /^(Chunk ID: |Wall time: |Exit code: |Process (exited|running) )/

export function isWrapped(text: string): boolean {
  return HEAD.test(text)
}

/** `Exit code: 1` of patches and of older shells, `Process exited with code 1` of today's. */
export function exitCodeIn(text: string): number | null {
  if (!isWrapped(text)) return null
  const digits = /(?:^|\n)(?:Exit code:|Process exited with code) (-?\d{1,9})(?:\n|$)/.exec(headOf(text))?.[1]
  return digits === undefined ? null : Number(digits)
}

export function isRunning(text: string): boolean {
  return isWrapped(text) && /(^|\n)Process running with session ID /.test(headOf(text))
}
