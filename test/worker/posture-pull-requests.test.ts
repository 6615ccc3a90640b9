import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, test } from 'vitest'
import { PostureView } from '#core/api/frameworks.ts'
import { Overview } from '#core/metrics/overview.ts'
import type { Verdict } from '#core/policy/policy.ts'
import type { Report } from '#core/report/report.ts'
import { createOrganisation, request, type TestOrganisation } from '#test/workerd/organisation.ts'
import { openDatabase } from '#worker/store/database.ts'
import { savePullRequest, saveReport } from '#worker/store/pull-requests.ts'
import { renameRepository } from '#worker/store/repository-names.ts'

const documents = `apiVersion: stemma.dev/v1
kind: Framework
metadata: {name: reviews, title: Reviews}
spec:
  controls:
    - {id: R1, title: A person approves, policies: [human-review]}
    - {id: R2, title: Some code stays human, policies: [max-ai-share]}
---
apiVersion: stemma.dev/v1
kind: Product
metadata: {name: shop}
spec: {repositories: [acme/shop-*]}
---
apiVersion: stemma.dev/v1
kind: Project
metadata: {name: tools}
spec: {repositories: [acme/tools]}
---
apiVersion: stemma.dev/v1
kind: Contract
metadata: {name: all}
spec:
  policies: [{policy: human-review}, {policy: max-ai-share}]
`

const now = new Date().toISOString()
let organisation: TestOrganisation
const database = openDatabase(env.DB)

interface Judged {
  readonly repository: string
  readonly number: number
  readonly state?: 'open' | 'closed' | 'merged'
  readonly results: Readonly<Record<string, Verdict['result']>>
  /** Id of what was signed about it. */
  readonly signed?: string
}

/** A pull request as it is read and reported on. */
async function judge({ repository, number, state = 'merged', results, signed }: Judged): Promise<void> {
  const head = String(number).padStart(40, '0')
  await savePullRequest(organisation.id, database, {
    key: { repository, number },
    installation: 1,
    pull: {
      number,
      title: 'A change',
      state,
      head,
      base: 'b'.repeat(40),
      headRef: 'topic',
      authorLogin: 'grace',
      updatedAt: now,
    },
    commits: [head],
  })
  const report: Report = {
    repository,
    number,
    head,
    conclusion: 'success',
    lines: { ai: 1, human: 0, mixed: 0, unknown: 0 },
    sessions: [],
    verdicts: Object.entries(results).map(([policy, result]) => ({
      ...{ policy, version: 1, result, gate: false, findings: [], doubts: [], reason: null },
    })),
    unobservedCommits: [],
    signatures: { verified: 0, total: 0 },
    checkpoint: null,
    ...(signed === undefined ? {} : { conclusions: { testResult: signed, summary: signed } }),
    notRecorded: [],
    dashboardUrl: 'https://stemma.test',
  }
  expect(await saveReport(organisation.id, database, { report, now })).toBe(true)
}

async function control(id: string, scope = 'organisation', query = '') {
  const path = `/v1/frameworks/reviews/posture?scope=${scope}${query}`
  const response = await request(path, { token: organisation.machine.token })
  return PostureView.parse(await response.json()).controls.find((one) => one.id === id)
}

const signed = 'c'.repeat(64)

beforeAll(async () => {
  organisation = await createOrganisation('reviewers')
  const headers = { 'content-type': 'application/yaml' }
  const applied = await request('/v1/contract', { method: 'PUT', token: organisation.token, headers, body: documents })
  expect(applied.status).toBe(200)
})

test('says of rules about pull requests why they are not evaluated', async () => {
  expect(await control('R1')).toMatchObject({ state: 'not-evaluated', why: 'human-review has seen no evidence yet.' })
  await judge({ repository: 'acme/shop-web', number: 1, state: 'open', results: { 'human-review': 'fail' } })
  expect(await control('R1')).toMatchObject({
    state: 'not-evaluated',
    why: 'human-review waits for a pull request that is not merged.',
    coverage: { decided: 0, total: 1 },
    evidence: [],
  })
})

describe('verdicts on whole pull requests', () => {
  beforeAll(async () => {
    const results = { 'human-review': 'pass', 'max-ai-share': 'pass' } as const
    await judge({ repository: 'acme/shop-web', number: 1, results, signed })
    await judge({ repository: 'acme/tools', number: 2, results: { ...results, 'max-ai-share': 'fail' } })
  })

  test('show a control, with the signed conclusion as evidence', async () => {
    expect(await control('R1')).toMatchObject({ state: 'satisfied', coverage: { decided: 2, total: 2 } })
    expect((await control('R1', 'product:shop'))?.evidence).toEqual([
      { evidenceId: signed, session: null, repository: 'acme/shop-web', pullRequests: [1] },
    ])
  })

  test('are looked at by product, project and repository', async () => {
    expect((await control('R2', 'product:shop'))?.state).toBe('satisfied')
    expect(await control('R2', 'project:tools')).toMatchObject({
      state: 'violated',
      why: 'max-ai-share was violated once.',
      evidence: [{ evidenceId: null, session: null, repository: 'acme/tools', pullRequests: [2] }],
    })
    expect((await control('R2', 'repository:acme/tools'))?.state).toBe('violated')
    expect((await control('R2'))?.state).toBe('violated')
  })

  test('count in the period of the newest report, and for the trend in the one before', async () => {
    const from = (days: number) => new Date(Date.parse(now) + days * 86_400_000).toISOString().slice(0, 10)
    const before = await control('R1', 'organisation', `&from=${from(-30)}&to=${from(-1)}`)
    expect(before?.state).toBe('not-evaluated')
    const after = await control('R1', 'organisation', `&from=${from(1)}&to=${from(3)}`)
    expect(after).toMatchObject({ state: 'not-evaluated', before: 'satisfied' })
  })

  test('are replaced by those of the next report', async () => {
    await judge({ repository: 'acme/tools', number: 2, results: { 'human-review': 'pass', 'max-ai-share': 'waived' } })
    expect(await control('R2')).toMatchObject({ state: 'satisfied', coverage: { decided: 2, total: 2 } })
  })

  test('follow a repository to its new name', async () => {
    await renameRepository(organisation.id, database, { former: 'acme/tools', present: 'acme/shop-tools' })
    expect((await control('R1', 'product:shop'))?.coverage).toEqual({ decided: 2, total: 2 })
    expect((await control('R1', 'project:tools'))?.coverage).toBeNull()
  })
})

test('a missing review is proved by what was merged, not by what is still open', async () => {
  await judge({ repository: 'acme/shop-web', number: 3, results: { 'human-review': 'fail' } })
  await judge({ repository: 'acme/shop-web', number: 4, state: 'open', results: { 'human-review': 'fail' } })
  expect(await control('R1', 'product:shop')).toMatchObject({
    state: 'violated',
    why: 'human-review was violated once.',
    coverage: { decided: 3, total: 4 },
    evidence: [{ repository: 'acme/shop-web', pullRequests: [3] }],
  })
})

test('the overview counts them as the posture does', async () => {
  const response = await request('/v1/metrics/overview?repository=acme/shop-web', { token: organisation.machine.token })
  const { policies } = Overview.parse(await response.json())
  expect(policies).toEqual([
    { policy: 'human-review', pass: 1, fail: 1, error: 0, waived: 0 },
    { policy: 'max-ai-share', pass: 1, fail: 0, error: 0, waived: 0 },
  ])
})

test('an export names what was signed about a pull request', async () => {
  const path = '/v1/frameworks/reviews/posture/export?format=csv&scope=product:shop'
  const text = await (await request(path, { token: organisation.machine.token })).text()
  expect(text).toContain(`,${signed}`)
  expect(text).toContain('acme/shop-web#3')
})
