import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { openDatabase } from '#worker/store/database.ts'
import { findDelivery } from '#worker/store/webhook-deliveries.ts'
import { deliver, pullRequestEvent } from './delivery.ts'

const body = pullRequestEvent('opened')
const delivery = { id: 'refused', event: 'pull_request', body }

test.each([
  ['by another secret', { ...delivery, secret: 'another' }],
  ['of other bytes', { ...delivery, headers: { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` } }],
  ['in another form', { ...delivery, headers: { 'x-hub-signature-256': 'sha1=00' } }],
  ['that is empty', { ...delivery, headers: { 'x-hub-signature-256': '' } }],
])('401 for a signature %s, and nothing is stored', async (_, refused) => {
  const response = await deliver(refused)
  expect(response.status).toBe(401)
  expect(await response.json()).toMatchObject({ code: 'webhook-signature-invalid' })
  expect(await findDelivery(openDatabase(env.DB), 'refused')).toBeNull()
})

test('400 for signed bytes that are no JSON, and for a delivery without its id', async () => {
  expect((await deliver({ ...delivery, body: 'not json' })).status).toBe(400)
  const response = await deliver({ ...delivery, headers: { 'x-github-delivery': '' } })
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ code: 'request-malformed' })
})
