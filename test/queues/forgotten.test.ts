import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { utf8 } from '#core/evidence/bytes.ts'
import { requeueForgotten } from '#queues/forgotten.ts'
import { createOrganisation, postEvidence, putBlob, request, signEvidence } from '#test/workerd/organisation.ts'
import { eventually } from '#test/workerd/queue.ts'
import { acceptEvidence } from '#worker/accept-evidence.ts'

const MINUTES = 60_000

test('evidence whose message was lost is put on the queue again, after two minutes and not before', async () => {
  const { id: organisation, name, token, machine } = await createOrganisation('acme')
  const evidence = await signEvidence(machine.signer)
  await putBlob(machine.token, evidence)
  // Accepted as the route does it, but the Worker ends before the message is sent.
  const principal = {
    organisation: { id: organisation, name },
    person: { id: machine.personId, name: 'Grace' },
    role: 'member' as const,
    kind: 'device' as const,
    expiresAt: null,
    keyId: null,
  }
  const { row, created } = await acceptEvidence(env, principal, utf8(evidence.envelope))
  expect(created).toBe(true)
  // The client saw no answer and sends again: the same answer, and still nothing on the queue.
  expect((await postEvidence(machine.token, evidence.envelope)).status).toBe(202)

  const stateOf = async (): Promise<string> =>
    ((await (await request(`/v1/evidence/${row.id}`, { token })).json()) as { state: string }).state

  await requeueForgotten(env, new Date(Date.now() + MINUTES))
  await new Promise((resolve) => setTimeout(resolve, 2_500))
  expect(await stateOf()).toBe('queued')

  await requeueForgotten(env, new Date(Date.now() + 3 * MINUTES))
  await eventually(async () => ((await stateOf()) === 'indexed' ? true : null))
})
