import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MAX_JSON_DEPTH, parseStrictJson } from '#core/evidence/strict-json.ts'
import { isFault } from '#core/fault.ts'

/** The code of the refusal, or what was read. */
function read(text: string): unknown {
  try {
    return parseStrictJson(text)
  } catch (error) {
    if (isFault(error)) return error.code
    throw error
  }
}

describe('what JSON.parse reads is read alike', () => {
  test('any value, with and without spaces', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(undefined, 2), (value, space) => {
        const text = JSON.stringify(value, null, space)
        expect(parseStrictJson(text)).toEqual(JSON.parse(text))
      }),
    )
  })

  test('any text ends in a value or in one of our refusals', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'{}[]",:\\u0061 \n1eE-+.tfn'.split('')) }), (text) => {
        read(text)
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('a key that occurs twice in one object is refused', () => {
  test.each([
    '{"a":1,"a":2}',
    '{"a":1,"\\u0061":2}',
    '{"\\u0061":1,"a":2}',
    '{"a\\/b":1,"a/b":2}',
    '{"a" : 1 , "a"\n:\t2}',
    '{"x":{"a":1,"b":[{"c":0,"c":0}]}}',
    '{"":1,"":2}',
    '{"__proto__":1,"__proto__":2}',
    '{"\\ud83d\\ude00":1,"😀":2}',
    '{"a":"}","a":1}',
    '{"a":"\\"","a":1}',
  ])('%s', (text) => {
    expect(read(text)).toBe('json-duplicate-key')
  })

  test.each([
    '{"a":1,"b":{"a":2}}',
    '[{"a":1},{"a":2}]',
    '{"a":"a","b":"a"}',
    '{"a":["a","a"],"b":":"}',
    '{"a\\\\":1,"a":2}',
    '{"A":1,"a":2}',
  ])('%s has none', (text) => {
    expect(read(text)).toEqual(JSON.parse(text))
  })

  test('in whatever object of a document it stands', () => {
    const nested = fc.jsonValue({ maxDepth: 4 })
    fc.assert(
      fc.property(nested, nested, fc.string(), (first, second, key) => {
        const name = JSON.stringify(key)
        const object = `{${name}:${JSON.stringify(first)},${name}:${JSON.stringify(second)}}`
        expect(read(`[1,${object}]`)).toBe('json-duplicate-key')
      }),
    )
  })
})

describe('nesting', () => {
  const nest = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`

  test(`is read to ${MAX_JSON_DEPTH} levels and refused beyond, however far`, () => {
    expect(read(nest(MAX_JSON_DEPTH))).toEqual(JSON.parse(nest(MAX_JSON_DEPTH)))
    expect(read(nest(MAX_JSON_DEPTH + 1))).toBe('json-too-deep')
    expect(read('['.repeat(1_000_000))).toBe('json-too-deep')
    expect(read('{"a":'.repeat(100))).toBe('json-too-deep')
  })

  test('brackets in texts are none', () => {
    expect(read(JSON.stringify('['.repeat(100)))).toBe('['.repeat(100))
  })
})

test.each(['', '{', '{"a"}', "{'a':1}", '[1,]', 'NaN', '"\u0000"', '{"a":1}{', '"\\x"', '\uFEFF{}'])(
  '%j is not JSON',
  (text) => {
    expect(read(text)).toBe('json-malformed')
  },
)
