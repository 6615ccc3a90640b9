/** JSON that nobody promised anything about, with the names and words of an agent's records in it. */
import fc from 'fast-check'
import { test } from 'vitest'

export function hostileJson(names: readonly string[], words: readonly string[]): fc.Arbitrary<unknown> {
  const word = fc.constantFrom(...words, '', '__proto__', 'constructor', 'main', '2026-11-02T09:00:00Z', '\0', '\ud800')
  const name = fc.constantFrom(...names, '__proto__', 'toString')
  return fc.letrec<{ json: unknown }>((tie) => ({
    json: fc.oneof(
      { maxDepth: 5, depthSize: 'small' },
      word,
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.double(),
      fc.integer(),
      fc.constantFrom(null, true, false, -1, Number.MAX_SAFE_INTEGER, 1e300),
      fc.array(tie('json'), { maxLength: 4 }),
      fc.dictionary(name, tie('json'), { maxKeys: 6 }),
    ),
  })).json
}

export function jsonLines(lines: readonly unknown[]): string {
  return lines.map((line) => JSON.stringify(line)).join('\n')
}

interface HostileLines {
  readonly json: fc.Arbitrary<unknown>
  /** Records of the agent's own types, with anything in them. */
  readonly record: fc.Arbitrary<unknown>
  /** Without which the agent's files are of no session. */
  readonly head?: readonly unknown[]
}

/** What every parser is asked: any text, any lines, and lines that look like its own. `check` throws where it fails. */
export function testHostileLines(check: (text: string) => void, { json, record, head = [] }: HostileLines): void {
  test('for any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), check))
  })
  test('for any JSON lines', () => {
    fc.assert(fc.property(fc.array(json, { maxLength: 8 }), (lines) => check(jsonLines([...head, ...lines]))))
  })
  test('for records of every type with anything in them', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 12 }), (lines) => check(jsonLines([...head, ...lines]))),
      { numRuns: 600 },
    )
  })
}
