/** JSON that nobody promised anything about, with the names and words of an agent's records in it. */
import fc from 'fast-check'

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
