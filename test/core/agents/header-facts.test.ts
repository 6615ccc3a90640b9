import { expect, test } from 'vitest'
import { span } from '#core/agents/header-facts.ts'

test('a session lasts from its first moment to its last, wherever in the list they are', () => {
  expect(span(['3', null, '5', '1', '9', '4', null])).toEqual({ startedAt: '1', endedAt: '9' })
  expect(span(['3'])).toEqual({ startedAt: '3', endedAt: '3' })
  expect(span([null])).toEqual({ startedAt: null, endedAt: null })
})
