/** The short part of `npm run conformance -- redaction`, with other secrets than the long one. */
import { expect, test } from 'vitest'
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
