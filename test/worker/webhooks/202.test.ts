import { env } from 'cloudflare:workers'
import { expect, test, vi } from 'vitest'
import { openDatabase } from '#worker/store/database.ts'
import { findDelivery, settleDelivery } from '#worker/store/webhook-deliveries.ts'
import { deliver, pullRequestEvent } from './delivery.ts'

const database = openDatabase(env.DB)
const settle = (id: string, state: 'done' | 'failed') =>
  settleDelivery(database, { id, state, reason: null, now: new Date().toISOString() })

test('a signed delivery is stored by what is read of it, and put on the queue', async () => {
  const send = vi.spyOn(env.JOBS, 'send')
  const response = await deliver({ id: 'first', event: 'pull_request', body: pullRequestEvent('synchronize') })
  expect(response.status).toBe(202)
  expect(await response.json()).toEqual({ id: 'first', state: 'received' })
  expect((await findDelivery(database, 'first'))?.payload).toEqual({
    kind: 'pull-request',
    action: 'synchronize',
    installation: 31,
    repository: 'octo/widgets',
    repositoryId: 77,
    number: 7,
  })
  expect(send.mock.calls).toEqual([[{ type: 'webhook', deliveryId: 'first' }]])
  send.mockRestore()
})

test('a redelivery of what is done does nothing; of what failed, it starts anew', async () => {
  const delivery = { id: 'again', event: 'pull_request', body: pullRequestEvent('opened') }
  await deliver(delivery)
  await settle('again', 'done')
  expect(await (await deliver(delivery)).json()).toMatchObject({ state: 'done' })
  await settle('again', 'failed')
  expect(await (await deliver(delivery)).json()).toMatchObject({ state: 'received' })
})

test.each([
  ['ping', '{}', 'GitHub asks whether somebody listens'],
  ['star', '{"action":"created"}', 'Stemma does not act on star events'],
  ['__proto__', '{}', 'Stemma does not act on __proto__ events'],
  ['constructor', '{}', 'Stemma does not act on constructor events'],
  ['pull_request', pullRequestEvent('labeled'), 'pull_request.labeled changes nothing that Stemma shows'],
])('%s is accepted and ignored for a stated reason', async (event, body, reason) => {
  const response = await deliver({ id: `ignored ${event}`, event, body })
  expect(response.status).toBe(202)
  expect(await response.json()).toEqual({ id: `ignored ${event}`, state: 'ignored', reason })
})

test('an event of another form than expected is kept as failed, with what is wrong', async () => {
  const response = await deliver({
    id: 'odd',
    event: 'pull_request',
    body: pullRequestEvent('opened', { number: 'seven' }),
  })
  expect(response.status).toBe(202)
  expect(await response.json()).toMatchObject({ state: 'failed', reason: expect.stringContaining('number') })
})
