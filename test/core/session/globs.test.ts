import fc from 'fast-check'
import picomatch from 'picomatch'
import { describe, expect, test } from 'vitest'
import { globMatcher } from '#core/session/globs.ts'

const piece = fc.constantFrom(
  'a',
  'b',
  '.',
  '*',
  '**',
  '/',
  '?',
  '{a,b}',
  '[ab]',
  '[!a]',
  '!',
  '(a|b)',
  '+(a)',
  '\\',
  '-',
  'A',
)
const glob = fc.array(piece, { minLength: 1, maxLength: 6 }).map((parts) => parts.join(''))
const text = fc
  .array(fc.constantFrom('a', 'b', '.', '/', 'A', '!', '-', '*', '['), { maxLength: 8 })
  .map((parts) => parts.join(''))
const options = fc.record({ dot: fc.boolean(), nocase: fc.boolean(), bash: fc.boolean() })

describe('globs as one expression', () => {
  test('fit what picomatch says that they fit, one by one', () => {
    const cases = fc.record({
      globs: fc.array(glob, { maxLength: 4 }),
      ignore: fc.array(glob, { maxLength: 2 }),
      options,
      text,
    })
    fc.assert(
      fc.property(cases, ({ globs, ignore, options: chosen, text: subject }) => {
        const theirs = globs.some(
          (one) => picomatch(one, chosen)(subject) && !ignore.some((other) => picomatch(other, chosen)(subject)),
        )
        expect(globMatcher(globs, { ...chosen, ignore })(subject)).toBe(theirs)
      }),
      { numRuns: 3_000 },
    )
  })

  test('fit nothing where there is none, and refuse an empty one', () => {
    expect(globMatcher([])('a')).toBe(false)
    expect(() => globMatcher(['a', ''])).toThrow(TypeError)
  })

  test('keep lists apart that differ in options alone', () => {
    expect(globMatcher(['*.ts'])('A.TS')).toBe(false)
    expect(globMatcher(['*.ts'], { nocase: true })('A.TS')).toBe(true)
    expect(globMatcher(['*.ts'], { ignore: ['a*'] })('a.ts')).toBe(false)
    expect(globMatcher(['*.ts'])('a.ts')).toBe(true)
  })
})
