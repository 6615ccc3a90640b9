import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openWorkplace, type Workplace } from './workplace.ts'

let place: Workplace
const comments = '/repos/acme/shop/issues/1/comments'

beforeAll(async () => {
  place = await openWorkplace()
  await place.propose('faults', { 'a.txt': 'a\n' })
})
afterEach(() => {
  place.github.faults.clear()
  place.github.assertNoViolations()
})
afterAll(() => place.close())

test('a fault hits as often as asked, and only where asked', async () => {
  place.github.faults.inject({ on: 'POST /repos/*/*/issues/*/comments', kind: 'status', status: 502, times: 2 })
  expect((await place.api('GET', comments)).status).toBe(200)
  const statuses = [1, 2, 3].map(async () => (await place.api('POST', comments, { body: 'x' })).status)
  expect((await Promise.all(statuses)).toSorted()).toEqual([201, 502, 502])
})

test('a fault can let some pass first, and `**` is any rest', async () => {
  place.github.faults.inject({ on: '/repos/**', kind: 'status', status: 500, after: 1 })
  expect((await place.api('GET', comments)).status).toBe(200)
  expect((await place.api('GET', comments)).status).toBe(500)
})

test('the primary limit says when it ends', async () => {
  place.github.faults.inject({ on: '/repos/**', kind: 'primary-rate-limit', resetInSeconds: 30 })
  const { status, headers } = await place.api('GET', comments)
  expect([status, headers.get('x-ratelimit-remaining')]).toEqual([429, '0'])
  const wait = Number(headers.get('x-ratelimit-reset')) - Date.now() / 1000
  expect(wait).toBeGreaterThan(28)
  expect(wait).toBeLessThanOrEqual(30)
})

test('the secondary limit says how long to wait', async () => {
  place.github.faults.inject({ on: 'POST /repos/**', kind: 'secondary-rate-limit', retryAfterSeconds: 7 })
  const { status, headers, body } = await place.api('POST', comments, { body: 'x' })
  expect([status, headers.get('retry-after')]).toEqual([403, '7'])
  expect(body.message).toContain('secondary rate limit')
})

test('a slow answer still comes', async () => {
  place.github.faults.inject({ on: '/repos/**', kind: 'slow', milliseconds: 200 })
  const started = performance.now()
  expect((await place.api('GET', comments)).status).toBe(200)
  expect(performance.now() - started).toBeGreaterThan(190)
})

test('a reset before the work leaves nothing behind; after the work only the answer is lost', async () => {
  const count = place.github.state.comments.length
  place.github.faults.inject({ on: 'POST /repos/**', kind: 'reset' })
  await expect(place.api('POST', comments, { body: 'lost' })).rejects.toThrow()
  expect(place.github.state.comments).toHaveLength(count)
  place.github.faults.inject({ on: 'POST /repos/**', kind: 'reset', when: 'after' })
  await expect(place.api('POST', comments, { body: 'kept' })).rejects.toThrow()
  expect(place.github.state.comments.at(-1)?.body).toBe('kept')
})

test('every answer counts down the limit, and the last request is refused', async () => {
  const small = await openWorkplace({ rateLimit: 3 })
  try {
    const answers = []
    for (let index = 0; index < 4; index++) answers.push(await small.api('GET', '/repos/acme/shop'))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 403])
    expect(answers.map(({ headers }) => headers.get('x-ratelimit-remaining'))).toEqual(['2', '1', '0', '0'])
    expect((await small.api('GET', '/rate_limit')).body.rate).toMatchObject({ limit: 3, used: 3, remaining: 0 })
  } finally {
    await small.close()
  }
})

test('80 mutations a minute are enough when limits on bursts are on', async () => {
  const strict = await openWorkplace({ secondaryLimits: true })
  try {
    await strict.propose('burst', { 'b.txt': 'b\n' })
    const statuses: number[] = []
    for (let index = 0; index < 81; index++) statuses.push((await strict.api('POST', comments, { body: 'x' })).status)
    expect(statuses.filter((status) => status === 201)).toHaveLength(80)
    expect(statuses.at(-1)).toBe(403)
  } finally {
    await strict.close()
  }
})

test('every request is on record with its time and status', async () => {
  place.github.state.requests.length = 0
  await place.api('GET', comments)
  expect(place.github.state.requests).toMatchObject([{ method: 'GET', path: comments, status: 200 }])
})
