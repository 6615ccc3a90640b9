import { env } from 'cloudflare:workers'
import { generateKeyPairSync } from 'node:crypto'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { json, type ScriptedGitHub, scriptGitHub } from '#test/durable-objects/github.ts'
import { createOrganisation } from '#test/workerd/organisation.ts'
import { reconcile } from '#worker/reconcile.ts'

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})
const connected = { ...env, GITHUB_APP_ID: '42', GITHUB_PRIVATE_KEY: privateKey.replaceAll('\n', '\\n') }
const now = new Date('2026-11-22T12:00:00Z')

let github: ScriptedGitHub
beforeEach(() => {
  github = scriptGitHub()
})
afterEach(() => {
  vi.restoreAllMocks()
})

const delivery = (id: number, guid: string, status_code: number, delivered_at = '2026-11-22T11:50:00Z') => ({
  id,
  guid,
  status_code,
  delivered_at,
  redelivery: false,
})

test('deliveries that never succeeded are asked for again, once each; old ones and those that got through are not', async () => {
  github.answer(({ method, path }) => {
    if (method === 'POST') return json({}, 202)
    if (path.includes('cursor=2'))
      return json([delivery(5, 'old', 500, '2026-11-20T00:00:00Z'), delivery(4, 'older', 0, '2026-11-20T00:00:00Z')])
    const link = '<https://api.github.com/app/hook/deliveries?per_page=100&cursor=2>; rel="next"'
    return json([delivery(9, 'a', 200), delivery(8, 'a', 500), delivery(7, 'b', 502), delivery(6, 'b', 0)], 200, {
      link,
    })
  })
  expect(await reconcile(connected, now)).toMatchObject({ redelivered: 1, problems: [] })
  expect(github.writes().map(({ path }) => path)).toEqual(['/app/hook/deliveries/7/attempts'])
  expect(github.asked[0]?.authorization).toMatch(/^Bearer /)
})

test('a GitHub that does not answer keeps no outbox asleep', async () => {
  await createOrganisation('awake', 77)
  const { redelivered, woken, problems } = await reconcile(connected, now)
  expect({ redelivered, problems }).toEqual({
    redelivered: 0,
    problems: [expect.stringContaining('GitHub answered 500')],
  })
  expect(woken).toBeGreaterThan(0)
})

test('a deployment without GitHub asks nothing', async () => {
  expect(await reconcile(env, now)).toMatchObject({ redelivered: 0, problems: [] })
  expect(github.asked).toEqual([])
})

test('a page that fails is read again, and what one request is refused the others are not', async () => {
  let isRefused = false
  github.answer(({ method, path }) => {
    if (method === 'POST') return path.includes('/7/') ? json({ message: 'no' }, 500) : json({}, 202)
    const cursor = Number(/cursor=(\d+)/.exec(path)?.[1] ?? '0')
    if (cursor === 1 && !isRefused) {
      isRefused = true
      return json({ message: 'Server Error' }, 502)
    }
    const link = `<https://api.github.com/app/hook/deliveries?per_page=100&cursor=${cursor + 1}>; rel="next"`
    const listed = cursor === 0 ? [delivery(9, 'a', 200)] : [delivery(8 - cursor, `lost ${cursor}`, 0)]
    return json(listed, 200, cursor < 3 ? { link } : {})
  })
  const { redelivered, problems } = await reconcile(connected, now)
  expect(redelivered).toBe(2)
  expect(problems).toEqual([expect.stringContaining('GitHub answered 500 to POST /app/hook/deliveries/7/attempts')])
})

test('a limit in the middle of the list keeps nothing from being repeated that was read before it', async () => {
  github.answer(({ method, path }) => {
    if (method === 'POST') return json({}, 202)
    if (path.includes('cursor=1')) return json({ message: 'slow down' }, 429, { 'retry-after': '60' })
    const link = '<https://api.github.com/app/hook/deliveries?per_page=100&cursor=1>; rel="next"'
    return json([delivery(9, 'a', 500)], 200, { link })
  })
  expect(await reconcile(connected, now)).toMatchObject({
    redelivered: 1,
    problems: [expect.stringContaining('GitHub answered 429')],
  })
})
