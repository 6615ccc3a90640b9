import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, test } from 'vitest'
import { ConclusionView } from '#core/api/conclusions.ts'
import { AttestationPage, AttestationView, FrameworkList, PostureView } from '#core/api/frameworks.ts'
import { PolicyCatalogue } from '#core/api/policies.ts'
import { SessionView } from '#core/api/sessions.ts'
import { readEnvelope } from '#core/evidence/envelope.ts'
import { ATTESTATION_PREDICATE, readAttestationStatement } from '#core/framework/attestation-statement.ts'
import { shellEvents } from '#core/policy/subject.ts'
import { logAttestations } from '#queues/log-attestations.ts'
import {
  createOrganisation,
  pushEvidence,
  request,
  sendJson,
  smallSession,
  type TestOrganisation,
} from '#test/workerd/organisation.ts'
import { expectProblem } from '#test/workerd/problem.ts'
import { deliver, settle } from '#test/workerd/queue.ts'

const documents = `apiVersion: stemma.dev/v1
kind: Policy
metadata:
  name: no-curl
  title: No curl
  why: Downloads are pinned.
  fix: Use the mirror.
spec:
  rego: |
    package team
    deny contains {"msg": "curl is run", "events": c.events} if {
      some c in input.commands
      c.program == "curl"
    }
---
apiVersion: stemma.dev/v1
kind: Framework
metadata: {name: our-rules, title: Our rules}
spec:
  controls:
    - {id: R1, title: No downloads, policies: [no-curl]}
    - {id: R2, title: Guards stay on, policies: [no-hook-bypass]}
    - {id: R3, title: Training, attestation: Everybody was trained.}
---
apiVersion: stemma.dev/v1
kind: Product
metadata: {name: shop}
spec: {repositories: [acme/shop-*]}
---
apiVersion: stemma.dev/v1
kind: Contract
metadata: {name: all}
spec:
  policies:
    - {policy: no-curl, gate: true}
    - {policy: no-hook-bypass}
`

let organisation: TestOrganisation
let other: TestOrganisation
let failing: { readonly id: string; readonly sessionId: string }
const apply = (text: string, token: string) =>
  request('/v1/contract', { method: 'PUT', token, headers: { 'content-type': 'application/yaml' }, body: text })
const get = (path: string, token = organisation.machine.token) => request(path, { token })
const posture = async (scope: string, query = '') =>
  PostureView.parse(await (await get(`/v1/frameworks/our-rules/posture?scope=${scope}${query}`)).json())
const stateOf = (view: PostureView, control: string) => view.controls.find(({ id }) => id === control)
const tomorrow = () => new Date(Date.now() + 86_400_000).toISOString()

async function push(repository: string, command: string, id: string) {
  const events = [...shellEvents('c1', command, 0)]
  const session = smallSession({ id, events, eventCount: events.length })
  const pushed = await pushEvidence(organisation.machine, { session, predicate: { repository } })
  await settle(organisation.id, pushed.id)
  return pushed
}

beforeAll(async () => {
  organisation = await createOrganisation('postures')
  other = await createOrganisation('another')
  expect((await apply(documents, organisation.token)).status).toBe(200)
  failing = await push('acme/shop-web', 'curl https://x.test', 'claude-code:curls')
  await push('acme/tools', 'true', 'claude-code:quiet')
})

describe('a policy of an organisation', () => {
  test('judges its evidence, is listed for it, and does not exist for another', async () => {
    const view = SessionView.parse(await (await get(`/v1/sessions/${failing.sessionId}`)).json())
    expect(view.verdicts.find(({ policy }) => policy === 'no-curl')).toMatchObject({
      result: 'fail',
      gate: true,
      version: 2,
      findings: [{ message: 'curl is run', fix: 'Use the mirror.' }],
    })
    const listed = async (token: string) =>
      PolicyCatalogue.parse(await (await get('/v1/policies', token)).json()).items.filter(({ isOwn }) => isOwn)
    expect((await listed(organisation.machine.token)).map(({ id }) => id)).toEqual(['no-curl'])
    expect(await listed(other.machine.token)).toEqual([])
    const contract = documents.slice(documents.lastIndexOf('apiVersion'))
    await expectProblem(await apply(contract, other.token), 'request-malformed')
    await expectProblem(await get('/v1/replay?policy=no-curl', other.machine.token), 'request-malformed')
    await expectProblem(await get('/v1/frameworks/our-rules/posture', other.machine.token), 'not-found')
  })

  test('with a mistake is refused with its line, and what was in force stays', async () => {
    const broken = documents.replace('c.program == "curl"', 'd.program == "curl"')
    const problem = await expectProblem(await apply(broken, organisation.token), 'request-malformed')
    expect(problem.detail).toMatch(/contract\.yaml:13:\d+: .*unsafe/)
    const texts = await (await get('/v1/contract/documents')).json<{ version: number }>()
    expect(texts.version).toBe(2)
  })

  test('is tried on stored evidence before it is in force', async () => {
    const draft = documents.slice(0, documents.indexOf('---')).replaceAll('curl', 'true')
    const sources = [{ file: 'draft.yaml', text: draft }]
    const body = { sources, policy: 'no-true', days: 30 }
    const answer = await sendJson('POST', '/v1/replay', organisation.machine.token, body)
    const page = await answer.json<{ items: { session: string; verdict: { result: string } }[] }>()
    expect(page.items.map(({ session, verdict }) => [session, verdict.result])).toEqual([
      ['claude-code:quiet', 'fail'],
      ['claude-code:curls', 'pass'],
    ])
    const catalogue = PolicyCatalogue.parse(await (await get('/v1/policies')).json())
    expect(catalogue.items.some(({ id }) => id === 'no-true')).toBe(false)
    const broken = { ...body, sources: [{ file: 'draft.yaml', text: draft.replace('c.program', 'd.program') }] }
    await expectProblem(await sendJson('POST', '/v1/replay', organisation.machine.token, broken), 'request-malformed')
  })
})

test('a policy of an organisation can be waived by it, and by no other', async () => {
  const scope = { kind: 'repository', repository: 'acme/other' }
  const wanted = { policy: 'no-curl', scope, reason: 'The mirror is down today.', expiresAt: tomorrow() }
  expect((await sendJson('POST', '/v1/waivers', organisation.machine.token, wanted)).status).toBe(201)
  await expectProblem(await sendJson('POST', '/v1/waivers', other.machine.token, wanted), 'request-malformed')
})

describe('posture', () => {
  test('says what held, what did not and why, with the evidence behind it', async () => {
    const view = await posture('organisation')
    expect(view.counts).toEqual({ satisfied: 1, violated: 1, 'not-evaluated': 1 })
    expect(stateOf(view, 'R1')).toMatchObject({
      state: 'violated',
      why: 'no-curl was violated once.',
      coverage: { decided: 2, total: 2 },
      evidence: [{ evidenceId: failing.id, session: failing.sessionId, repository: 'acme/shop-web' }],
      before: 'not-evaluated',
    })
    expect(stateOf(view, 'R2')?.evidence).toHaveLength(2)
    expect(stateOf(view, 'R3')).toMatchObject({ state: 'not-evaluated', why: 'Nobody has attested to it.' })
  })

  test('looks at one product, project or repository', async () => {
    expect(stateOf(await posture('product:shop'), 'R1')).toMatchObject({ coverage: { decided: 1, total: 1 } })
    expect(stateOf(await posture('repository:Acme/Tools'), 'R1')).toMatchObject({ state: 'satisfied' })
    expect(stateOf(await posture('repository:acme/none'), 'R1')).toMatchObject({
      state: 'not-evaluated',
      why: 'no-curl has seen no evidence yet.',
    })
    await expectProblem(await get('/v1/frameworks/our-rules/posture?scope=product:x'), 'not-found')
    await expectProblem(await get('/v1/frameworks/our-rules/posture?scope=team'), 'request-malformed')
  })

  test('reads rollups: it stays what it is when the single verdicts are gone', async () => {
    const before = await posture('organisation')
    const { results } = await env.DB.prepare('select * from verdicts where organisation = ?')
      .bind(organisation.id)
      .all<Record<string, string | number>>()
    await env.DB.prepare('delete from verdicts where organisation = ?').bind(organisation.id).run()
    expect((await posture('organisation')).counts).toEqual(before.counts)
    const columns = Object.keys(results[0] ?? {})
    const insert = `insert into verdicts (${columns.join()}) values (${columns.map(() => '?').join()})`
    await env.DB.batch(results.map((row) => env.DB.prepare(insert).bind(...columns.map((name) => row[name] ?? null))))
  })

  test.each([
    ['json', 'application/json', 'our-rules-product-shop-2026-11-01.json'],
    ['csv', 'text/csv; charset=utf-8', 'our-rules-product-shop-2026-11-01.csv'],
    ['md', 'text/markdown; charset=utf-8', 'our-rules-product-shop-2026-11-01.md'],
    ['oscal', 'application/oscal+json', 'our-rules-product-shop-2026-11-01.oscal.json'],
  ])('is a file of %s', async (format, type, name) => {
    const path = `/v1/frameworks/our-rules/posture/export?format=${format}&scope=product:shop&to=2026-11-01`
    const response = await get(path)
    expect(response.headers.get('content-type')).toBe(type)
    expect(response.headers.get('content-disposition')).toBe(`attachment; filename="${name}"`)
    expect(await response.text()).toContain('R3')
  })

  test('is listed for every framework, with the scopes there are', async () => {
    const list = FrameworkList.parse(await (await get('/v1/frameworks')).json())
    expect(list.items.filter(({ isOwn }) => isOwn)).toMatchObject([{ id: 'our-rules', controls: 3 }])
    expect(list.scopes).toEqual(['organisation', 'product:shop'])
  })
})

describe('attestations', () => {
  const wanted = { framework: 'our-rules', control: 'R3', reason: 'Everybody took the course in October.' }
  const attest = (body: object, token = organisation.token) => sendJson('POST', '/v1/attestations', token, body)

  test('count for their scope until they end or are taken back, and stay on record', async () => {
    const body = { ...wanted, scope: 'product:shop', expiresAt: tomorrow() }
    const made = AttestationView.parse(await (await attest(body)).json())
    expect(stateOf(await posture('product:shop'), 'R3')).toMatchObject({
      state: 'satisfied',
      attestation: { id: made.id, reason: wanted.reason },
    })
    expect(stateOf(await posture('repository:acme/shop-web'), 'R3')?.state).toBe('satisfied')
    expect(stateOf(await posture('organisation'), 'R3')?.state).toBe('not-evaluated')

    const path = `/v1/attestations/${made.id}`
    const member = await request(path, { method: 'DELETE', token: organisation.machine.token })
    await expectProblem(member, 'credential-insufficient')
    const revoked = await request(path, { method: 'DELETE', token: organisation.token })
    expect(AttestationView.parse(await revoked.json()).revokedBy?.id).toBe(organisation.administratorId)
    expect(stateOf(await posture('product:shop'), 'R3')?.state).toBe('not-evaluated')
    const listed = AttestationPage.parse(await (await get('/v1/attestations?framework=our-rules')).json())
    expect(listed.items.map(({ id, revokedAt }) => [id, revokedAt !== null])).toEqual([[made.id, true]])
  })

  test('are signed and logged, each decision once', async () => {
    const made = AttestationView.parse(await (await attest({ ...wanted, expiresAt: tomorrow() })).json())
    const path = `/v1/attestations/${made.id}`
    const statement = (query = '') => get(`${path}/statement${query}`)
    await expectProblem(await statement('?decision=revoked'), 'not-found')
    expect(stateOf(await posture('organisation'), 'R3')?.attestation).toMatchObject({ logIndex: made.logIndex })
    await request(path, { method: 'DELETE', token: organisation.token })
    const again = await request(path, { method: 'DELETE', token: organisation.token })
    const revoked = AttestationView.parse(await again.json())
    expect(revoked.logIndex).toBeGreaterThan(made.logIndex ?? Number.POSITIVE_INFINITY)

    for (const [decision, index] of [
      ['made', made.logIndex],
      ['revoked', revoked.logIndex],
    ] as const) {
      const view = ConclusionView.parse(await (await statement(`?decision=${decision}`)).json())
      expect(view).toMatchObject({ predicateType: ATTESTATION_PREDICATE, index })
      const said = readAttestationStatement(readEnvelope(view.envelope).payload)
      expect(said?.predicate).toMatchObject({
        decision,
        by: organisation.administratorId,
        attestation: { id: made.id, control: 'R3', reason: wanted.reason, expiresAt: made.expiresAt },
      })
    }
    await expectProblem(await request(`${path}/statement`, { token: other.machine.token }), 'not-found')
  })

  test('that a crash kept out of the log are logged by the clock', async () => {
    const made = AttestationView.parse(await (await attest({ ...wanted, expiresAt: tomorrow() })).json())
    const forget = 'update attestations set log_index = null where organisation = ? and id = ?'
    await env.DB.prepare(forget).bind(organisation.id, made.id).run()
    await logAttestations(env, new Date())
    const listed = AttestationPage.parse(await (await get('/v1/attestations')).json())
    expect(listed.items.find(({ id }) => id === made.id)?.logIndex).toBe(made.logIndex)
    await request(`/v1/attestations/${made.id}`, { method: 'DELETE', token: organisation.token })
  })

  test.each([
    ['a control that only policies can show', { control: 'R1' }],
    ['a control that is none', { control: 'R9' }],
    ['a product that is none', { scope: 'product:x' }],
    ['an end in the past', { expiresAt: '2020-01-01T00:00:00Z' }],
    ['no reason', { reason: 'ok' }],
  ])('are refused for %s', async (_, change) => {
    const response = await attest({ ...wanted, expiresAt: tomorrow(), ...change })
    await expectProblem(response, 'request-malformed')
  })

  test('are made by administrators, and belong to one organisation', async () => {
    const body = { ...wanted, expiresAt: tomorrow() }
    await expectProblem(await attest(body, organisation.machine.token), 'credential-insufficient')
    await expectProblem(await attest(body, other.token), 'request-malformed')
  })
})

test('another contract judges the same evidence anew, by the new text and version', async () => {
  expect((await apply(documents.replace('"curl is run"', '"curl ran"'), organisation.token)).status).toBe(200)
  await deliver([{ type: 'evaluate', organisation: organisation.id, evidenceId: failing.id }])
  const view = SessionView.parse(await (await get(`/v1/sessions/${failing.sessionId}`)).json())
  expect(view.verdicts.find(({ policy }) => policy === 'no-curl')).toMatchObject({
    version: 3,
    findings: [{ message: 'curl ran' }],
  })
})
