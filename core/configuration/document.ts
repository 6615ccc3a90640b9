/** Settings files of three formats, each as a value and a way to find the line of a key. */
import { findNodeAtLocation, getNodeValue, type ParseError, parseTree } from 'jsonc-parser'
import { parse as parseToml } from 'smol-toml'
import { LineCounter, parseDocument } from 'yaml'
import { asObject, type JsonObject } from '../agents/json-value.ts'

export type Keys = readonly (string | number)[]

export interface SettingsDocument {
  readonly value: JsonObject
  /** 1-based; null where the format does not tell. */
  readonly lineOf: (keys: Keys) => number | null
}

/** JSON with comments and trailing commas, as all of these agents take it. null: not readable. */
export function readJson(text: string): SettingsDocument | null {
  const errors: ParseError[] = []
  const tree = parseTree(text.replace(/^\uFEFF/, ' '), errors, { allowTrailingComma: true })
  const value = tree === undefined || errors.length > 0 ? null : asObject(getNodeValue(tree))
  if (tree === undefined || value === null) return null
  const starts = lineStarts(text)
  return {
    value,
    lineOf: (keys) => {
      const node = findNodeAtLocation(tree, [...keys])
      return node === undefined
        ? null
        : lineAt(starts, node.parent?.type === 'property' ? node.parent.offset : node.offset)
    },
  }
}

/** TOML 1.0. Its parser gives no positions, so that lines are found by tables and keys as people write them. */
export function readToml(text: string): SettingsDocument | null {
  const value = asObject(parseToml(text))
  if (value === null) return null
  const keys = new Map<string, number>()
  let table = ''
  for (const [index, row] of text.split('\n').entries()) {
    const header = /^\s*\[{1,2}\s*([^\]]+?)\s*\]{1,2}/.exec(row)?.[1]
    const key = /^\s*((?:"[^"]*"|'[^']*'|[\w-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[\w-]+))*)\s*=/.exec(row)?.[1]
    if (header !== undefined) table = dotted(header)
    const name = header !== undefined ? table : key === undefined ? null : joined(table, dotted(key))
    if (name !== null && !keys.has(name)) keys.set(name, index + 1)
  }
  return {
    value,
    lineOf: (path) => {
      // An inline table or a list stands on the line of what holds it.
      for (let length = path.length; length > 0; length--) {
        const found = keys.get(path.slice(0, length).join('\u0000'))
        if (found !== undefined) return found
      }
      return null
    },
  }
}

/** The YAML block between `---` at the top of a Markdown file; null where there is none or it is not readable. */
export function readFrontmatter(text: string): SettingsDocument | null {
  const block = /^\uFEFF?---[ \t]*\r?\n([\s\S]*?)\r?\n---[ \t]*(?:\r?\n|$)/.exec(text)?.[1]
  if (block === undefined) return null
  const lines = new LineCounter()
  const document = parseDocument(block, { lineCounter: lines })
  const value = document.errors.length > 0 ? null : asObject(document.toJS({ maxAliasCount: 0 }))
  if (value === null) return null
  return {
    value,
    lineOf: (keys) => {
      const node = document.getIn(keys, true)
      const range = node !== null && typeof node === 'object' && 'range' in node ? node.range : null
      return Array.isArray(range) ? lines.linePos(Number(range[0])).line + 1 : null
    },
  }
}

function dotted(key: string): string {
  return [...key.matchAll(/"([^"]*)"|'([^']*)'|([^.\s]+)/g)]
    .map(([, double, single, bare]) => double ?? single ?? bare ?? '')
    .join('\u0000')
}

function joined(table: string, key: string): string {
  return table === '' ? key : `${table}\u0000${key}`
}

function lineStarts(text: string): readonly number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

function lineAt(starts: readonly number[], offset: number): number {
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((starts[middle] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return low + 1
}
