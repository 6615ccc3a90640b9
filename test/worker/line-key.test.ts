import { expect, test } from 'vitest'
import { LineKey, lineKeyId } from '#core/attribution/line-digests.ts'
import { fromBase64 } from '#core/evidence/bytes.ts'
import { createOrganisation, request } from '#test/workerd/organisation.ts'

const ask = (token?: string): Promise<Response> => request('/v1/line-key', token === undefined ? {} : { token })

test('every device of an organisation gets the same key, and those of another one another', async () => {
  const first = await createOrganisation('line-key-one')
  const second = await createOrganisation('line-key-two')
  const answers = await Promise.all([ask(first.machine.token), ask(first.machine.token), ask(second.machine.token)])
  const [one, again, other] = await Promise.all(answers.map(async (answer) => LineKey.parse(await answer.json())))
  expect(again).toEqual(one)
  expect(other?.key).not.toBe(one?.key)
  const bytes = fromBase64(one?.key ?? '')
  expect(bytes).toHaveLength(32)
  expect(one?.id).toBe(await lineKeyId(bytes ?? new Uint8Array()))
  expect(answers[0]?.headers.get('cache-control')).toBe('no-store')
})

test('nobody but a device gets it', async () => {
  const { token } = await createOrganisation('line-key-three')
  expect((await ask(token)).status).toBe(403)
  expect((await ask()).status).toBe(401)
})
