import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, test } from 'vitest'
import { SessionView } from '#core/api/sessions.ts'
import type { SessionHeader } from '#core/session/session.ts'
import {
  createOrganisation,
  postEvidence,
  pushEvidence,
  putBlob,
  request,
  signEvidence,
  smallSession,
  type TestOrganisation,
} from '#test/workerd/organisation.ts'
import { expectProblem } from '#test/workerd/problem.ts'
import { settle } from '#test/workerd/queue.ts'

let acme: TestOrganisation
let other: TestOrganisation
beforeAll(async () => {
  acme = await createOrganisation('acme')
  other = await createOrganisation('other')
})

async function sent(
  { id: organisation, machine }: TestOrganisation,
  id: string,
  delegation?: SessionHeader['delegation'],
): Promise<void> {
  const session = smallSession({ id, ...(delegation === undefined ? {} : { delegation }) })
  const accepted = await pushEvidence(machine, { session, attribution: [] })
  await settle(organisation, accepted.id)
}

async function chainOf(id: string) {
  const response = await request(`/v1/sessions/${encodeURIComponent(id)}`, { token: acme.token })
  return SessionView.parse(await response.json()).delegation
}

const by = (parent: string) => ({ parent, orchestrator: null, human: null })

describe('on whose behalf a session ran', () => {
  test('is told link by link, out of the signed statements of each', async () => {
    await sent(acme, 'generic:root', { parent: null, orchestrator: 'nightly', human: 'linus' })
    await sent(acme, 'generic:middle', by('generic:root'))
    await sent(acme, 'claude-code:leaf', by('generic:middle'))
    expect(await chainOf('claude-code:leaf')).toEqual({
      links: [
        { session: 'claude-code:leaf', orchestrator: null, human: null, isClaim: false },
        { session: 'generic:middle', orchestrator: null, human: null, isClaim: false },
        { session: 'generic:root', orchestrator: 'nightly', human: 'linus', isClaim: true },
      ],
      problem: null,
    })
  })

  test('is no claim where it is the person whose key signed', async () => {
    const { results } = await env.DB.prepare('select login from people where organisation = ? and id = ?')
      .bind(acme.id, acme.machine.personId)
      .all<{ login: string }>()
    const login = results[0]?.login.toUpperCase() ?? ''
    await sent(acme, 'claude-code:own', { parent: null, orchestrator: null, human: login })
    expect((await chainOf('claude-code:own'))?.links).toMatchObject([{ human: login, isClaim: false }])
  })

  test('a session that says that it started itself is refused when it is sent', async () => {
    const session = smallSession({ id: 'generic:self', delegation: by('generic:self') })
    const signed = await signEvidence(acme.machine.signer, { session, attribution: [] })
    await putBlob(acme.machine.token, signed)
    await expectProblem(await postEvidence(acme.machine.token, signed.envelope), 'statement-malformed')
    expect((await request('/v1/sessions/generic%3Aself', { token: acme.token })).status).toBe(404)
  })

  test('is absent where nobody said', async () => {
    await sent(acme, 'claude-code:alone')
    expect(await chainOf('claude-code:alone')).toBeUndefined()
  })

  test('a cycle ends and is named', async () => {
    await sent(acme, 'generic:a', by('generic:b'))
    await sent(acme, 'generic:b', by('generic:a'))
    expect((await chainOf('generic:a'))?.problem).toEqual({ kind: 'cycle', session: 'generic:a' })
  })

  test("another organisation's session is no link, and nothing of it is told", async () => {
    await sent(other, 'generic:theirs', { parent: null, orchestrator: 'secret-orchestrator', human: null })
    await sent(acme, 'generic:ours', by('generic:theirs'))
    const chain = await chainOf('generic:ours')
    expect(chain?.problem).toEqual({ kind: 'unknown-session', session: 'generic:theirs' })
    expect(JSON.stringify(chain)).not.toContain('secret-orchestrator')
  })
})
