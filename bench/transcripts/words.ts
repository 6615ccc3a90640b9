/** Text as sessions carry it: code, prose, output of commands; the same seed always gives the same text. */

export interface Random {
  /** From 0 up to and without `end`. */
  readonly below: (end: number) => number
  readonly pick: (words: readonly string[]) => string
  /** Hexadecimal digits. */
  readonly hex: (length: number) => string
  readonly code: (lines: number) => readonly string[]
  readonly prose: (sentences: number) => string
  readonly output: (lines: number) => string
}

const names = [
  'total',
  'basket',
  'price',
  'request',
  'parser',
  'session',
  'index',
  'value',
  'handler',
  'report',
  'größe',
]
const verbs = ['read', 'write', 'find', 'update', 'remove', 'load', 'check', 'render']
const types = ['string', 'number', 'boolean', 'readonly string[]', 'Map<string, number>', 'Promise<void>']
const statements = [
  '  const {a} = await {v}{B}({b}, { limit: {n}, cursor: null })',
  '  if ({a} === null) throw new Error(`no {b} for `, {a})',
  '  return {a}.filter(({b}) => {b} !== undefined).map(({b}) => {v}{B}({b}))',
  "  logger.info('{v} {b}', { {a}: {n} })",
  '  // {a} must stay in step with the {b}, or the {v} is lost',
  '',
  '}',
]

export function randomFrom(seed: number): Random {
  let state = seed >>> 0
  const below = (end: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * end)
  }
  const pick = (words: readonly string[]): string => words[below(words.length)] ?? ''
  const filled = (template: string): string =>
    template
      .replaceAll('{a}', pick(names))
      .replaceAll('{b}', pick(names))
      .replaceAll(
        '{B}',
        pick(names).replace(/^./, (letter) => letter.toUpperCase()),
      )
      .replaceAll('{v}', pick(verbs))
      .replaceAll('{n}', String(below(10_000)))
  const hex = (length: number): string => Array.from({ length }, () => below(16).toString(16)).join('')
  return {
    below,
    pick,
    hex,
    code: (lines) =>
      Array.from({ length: lines }, (_, at) =>
        at % 12 === 0
          ? filled(`export async function {v}{B}({a}: ${pick(types)}, {b}: ${pick(types)}): ${pick(types)} {`)
          : filled(pick(statements)),
      ),
    prose: (sentences) =>
      Array.from({ length: sentences }, () =>
        filled('The {a} does not {v} the {b} when {n} of them wait; I {v} it first.'),
      ).join(' '),
    output: (lines) =>
      Array.from({ length: lines }, () =>
        filled(' ✓ src/{a}/{b}.test.ts ({n} tests) {n}ms \u001b[32mpassed\u001b[39m'),
      ).join('\n'),
  }
}
