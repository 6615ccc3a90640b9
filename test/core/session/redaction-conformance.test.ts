/** The short part of `npm run conformance -- redaction`, with other secrets than the long one. */
import { describe, expect, test } from 'vitest'
import type { Event } from '#core/session/event.ts'
import { compileRules } from '#core/session/redaction/rule-set.ts'
import { scan } from '#core/session/redaction/scan.ts'
import { merged } from '#core/session/secret-span.ts'
import { secretlintSpans } from '#core/session/secretlint.ts'
import { mapEvent } from '#core/session/session-leaves.ts'
import { cleanEvents } from '#test/conformance/redaction/clean.ts'
import { kinds } from '#test/conformance/redaction/kinds.ts'
import { leaks } from '#test/conformance/redaction/leak.ts'
import { places } from '#test/conformance/redaction/places.ts'
import { randomFrom } from '#test/conformance/redaction/random.ts'
import { falseRedactions, plantedSecrets } from '#test/conformance/redaction.ts'
import { sessionOf } from './sample-session.ts'

test('every planted secret is a leak as long as nothing is redacted', () => {
  const random = randomFrom(7)
  expect(kinds.length).toBeGreaterThanOrEqual(40)
  const unseen = kinds.flatMap((kind) =>
    places.flatMap((place) => {
      const planted = kind.make(random)
      return leaks(sessionOf(place.events(planted, 'e')), planted.secret) ? [] : [`${kind.id}, ${place.id}`]
    }),
  )
  expect(unseen).toEqual([])
})

test('no secret of any kind is sent, wherever it stands', { timeout: 60_000 }, async () => {
  const { leaks: found, refused } = await plantedSecrets({ secretsEach: 1, seed: 7 })
  expect(found).toEqual([])
  expect(refused).toEqual([])
})

test('clean events are left alone', { timeout: 60_000 }, async () => {
  expect(await falseRedactions({ cleanEvents: 2_000, seed: 7 })).toEqual([])
})

test('what secretlint finds in all of that is found by us, from the windows that it is shown', {
  timeout: 60_000,
}, () => {
  const random = randomFrom(11)
  const rules = compileRules()
  const texts = [
    ...kinds.flatMap((kind) => places.flatMap((place) => textsOf(place.events(kind.make(random), 'e')))),
    ...textsOf(cleanEvents(random, 1_000)),
  ]
  let found = 0
  const lost = texts.flatMap((text) => {
    const ours = merged(scan(text, rules))
    const theirs = secretlintSpans(text)
    found += theirs.length
    return (
      theirs
        .filter(({ start, end }) => !ours.some((span) => span.start <= start && span.end >= end))
        // The one word of a database of tests is not taken for a password.
        .filter(({ start, end }) => !/:\/\/([a-z]+):\1@/.test(text.slice(start, end)))
        .map(({ start, end, rule }) => `${rule}: ${text.slice(start, end)}`)
    )
  })
  expect(lost).toEqual([])
  expect(found).toBeGreaterThan(300)
})

function textsOf(events: readonly Event[]): readonly string[] {
  const texts: string[] = []
  for (const event of events) {
    mapEvent(event, (leaf) => {
      texts.push(leaf.texts.join('\n'))
      return leaf.texts
    })
  }
  return texts
}

describe('work grows with the length of a text and not faster', () => {
  const pieces = [
    ...['token=', 'eyJ', '-----BEGIN PRIVATE KEY-----', '-----END PRIVATE KEY-----', '://a:', 'Bearer a', 'password"'],
    ...[
      'sk-a',
      'sk-',
      'authorization:',
      '"kty"',
      '"kty":"d":"',
      'xoxb-',
      'a_key=',
      'SG.a',
      'password="',
      'secret=\'\\"',
      '%41',
      '%',
    ],
    ...[
      '\u001b[1m',
      '\u001b[1mx\n',
      '\u001b]',
      'a1\n',
      'ghp_\n',
      'AKIA\nA1',
      'dG9rZW49',
      'dG9rZW49\n',
      '\\/',
      '\\u0041',
      ':AA',
      '.atlasv1.',
    ],
    ...[
      'key',
      'tokentoken',
      'M1234567890123456789012345.abcdef.',
      'name: token\n',
      'A',
      '1',
      ' ',
      '\n',
      '\\n',
      '=',
      '@',
      '://a:b@c',
    ],
  ]

  test.each(pieces)('%j', (piece) => {
    const work = (length: number): number => {
      const meter = { characters: 0 }
      scan(piece.repeat(Math.ceil(length / piece.length)), compileRules({ isLinted: false }), meter)
      return meter.characters
    }
    // Counted and not timed: the same on every machine. Readings inside of readings cost the most.
    expect(work(200_000)).toBeLessThan(60 * 200_000)
    expect(work(200_000)).toBeLessThan(12 * work(20_000))
  })
})
