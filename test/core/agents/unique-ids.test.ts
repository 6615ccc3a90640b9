import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lineIds, uniqueIds } from '#core/agents/unique-ids.ts'

test('an id that comes again has its number', () => {
  const unique = uniqueIds()
  expect(['a', 'b', 'a', 'a', 'b'].map(unique)).toEqual(['a', 'b', 'a#2', 'a#3', 'b#2'])
})

test('ids made of thread and line are those that texts would have', () => {
  const place = fc.tuple(fc.constantFrom('main', 'hook', 'a1', '1'), fc.integer({ min: 1, max: 12 }))
  fc.assert(
    fc.property(fc.array(place, { maxLength: 60 }), (places) => {
      const [ids, unique] = [lineIds('s1'), uniqueIds()]
      expect(places.map(([thread, line]) => ids(thread, line))).toEqual(
        places.map(([thread, line]) => unique(`s1:${thread}:${line}`)),
      )
    }),
  )
})
