import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { generateKeyPairSync } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Write } from '#objects/outbox-storage.ts'
import { onEvaluate } from '#queues/evaluate.ts'
import { onIndex } from '#queues/index.ts'
import {
  createOrganisation,
  pushEvidence,
  request,
  sendJson,
  smallCommit,
  smallSession,
  type TestOrganisation,
} from '#test/workerd/organisation.ts'
import type { ForgeEvent } from '#worker/github/payload.ts'
import { openDatabase } from '#worker/store/database.ts'
import { findPullRequest, pullRequestName, pullRequestsWithoutReport } from '#worker/store/pull-requests.ts'
import { json, type ScriptedGitHub, scriptGitHub, until } from './github.ts'

const repository = 'octo/widgets'
const shaOf = (digit: string) => digit.repeat(40)
const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
})

interface Pull {
  head: string
  commits: string[]
  state: 'open' | 'closed'
  merged_at: string | null
  updated_at: string
}

/** Another patch for each commit. */
function fiveLines(path: string): string {
  const lines = Array.from({ length: 5 }, (_, at) => `+line ${at} of ${path.slice(-40)}\n`).join('')
  return `diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -0,0 +1,5 @@\n${lines}`
}

let github: ScriptedGitHub
let pull: Pull
let organisation: TestOrganisation
let next = 1
const database = openDatabase(env.DB)

beforeEach(async () => {
  github = scriptGitHub()
  // The tests say themselves when evidence is indexed and evaluated.
  vi.spyOn(env.JOBS, 'send').mockImplementation(async () => ({
    metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } },
  }))
  pull = { head: shaOf('a'), commits: [shaOf('a')], state: 'open', merged_at: null, updated_at: '2026-11-22T10:00:00Z' }
  github.answer(({ method, path }) => {
    if (method !== 'GET') return null
    if (/\/pulls\/\d+\/commits/.test(path)) {
      return json(
        pull.commits.map((sha) => ({
          sha,
          parents: [],
          commit: { message: `commit ${sha[0]}` },
          author: { login: 'ada' },
        })),
      )
    }
    if (/\/commits\/[0-9a-f]{40}$/.test(path)) return new Response(fiveLines(path))
    if (!/\/pulls\/\d+$/.test(path)) return null
    const { head, commits: _, ...rest } = pull
    return json({
      number: Number(/(\d+)$/.exec(path)?.[1]),
      title: 'A change',
      user: { login: 'ada' },
      head: { sha: head, ref: 'feature' },
      base: { sha: shaOf('0') },
      ...rest,
    })
  })
  organisation = await createOrganisation(`organisation ${next}`)
})
afterEach(() => {
  vi.restoreAllMocks()
})

/** A pull request of its own, whose alarm comes only when the test says so, and what it hands to its outbox. */
async function openPull(number = next++) {
  const installation = 1_000 + number
  const key = { repository, number }
  const subject = { organisation: organisation.id, installation, ...key }
  const stub = env.PULL_REQUEST.getByName(pullRequestName(organisation.id, key))
  const outbox = env.GITHUB_OUTBOX.getByName(String(installation))
  const prepare = () =>
    runInDurableObject(stub, (object) => {
      Object.assign(object, {
        env: { ...env, GITHUB_APP_ID: '42', GITHUB_PRIVATE_KEY: privateKey, PULL_REQUEST_DEBOUNCE_MS: '3600000' },
      })
    })
  await prepare()
  const event = (action: 'opened' | 'synchronize' | 'closed' = 'opened'): ForgeEvent => ({
    kind: 'pull-request',
    installation,
    repository,
    number,
    action,
  })
  return {
    number,
    installation,
    key,
    stub,
    prepare,
    observe: (what: ForgeEvent = event()) => stub.observe(subject, what),
    turn: () => runDurableObjectAlarm(stub),
    /** The newest body under each key, in order of arrival; the outbox is not connected, so that all stay. */
    handed: () =>
      runInDurableObject(outbox, (_, state) =>
        [...state.storage.sql.exec('SELECT body FROM waiting ORDER BY rowid').raw<[string]>()].map(([body]) =>
          Write.parse(JSON.parse(body)),
        ),
      ),
    plannedAt: () => runInDurableObject(stub, (_, state) => state.storage.getAlarm()),
  }
}

type OpenPull = Awaited<ReturnType<typeof openPull>>

async function checkOf(one: OpenPull, head = pull.head) {
  const handed = await one.handed()
  return handed.flatMap((write) => (write.kind === 'check' && write.run.head === head ? [write.run] : [])).at(-1)
}

async function commentsOf(one: OpenPull) {
  return (await one.handed()).flatMap((write) => (write.kind === 'comment' ? [write.body] : []))
}

interface Given {
  readonly isEvaluated?: boolean
  /** Repository that the evidence names. */
  readonly named?: string
  readonly change?: Parameters<typeof smallSession>[0]
}

/** Evidence for the commit, indexed and, unless told otherwise, judged by the contract in force. */
async function giveEvidence(commit: string, { isEvaluated = true, named = repository, change = {} }: Given = {}) {
  const session = smallSession({ id: `claude-code:session-${next}-${commit[0]}`, ...change })
  const { id } = await pushEvidence(organisation.machine, {
    session,
    attribution: [smallCommit(commit, session.id)],
    predicate: { repository: named },
  })
  const message = { organisation: organisation.id, evidenceId: id }
  const evaluate = () => onEvaluate({ type: 'evaluate', ...message }, env)
  await onIndex({ type: 'index', ...message }, env)
  await evaluate()
  // As after a new contract, whose verdicts are still to come.
  if (!isEvaluated) await env.DB.prepare('DELETE FROM verdicts WHERE evidence_id = ?').bind(id).run()
  return { id, session, evaluate }
}

describe('contract and waivers', () => {
  const command = 'git commit --no-verify -m x'
  const call = { at: null, thread: 'main', callId: 'c1', tool: 'Bash', input: {}, paths: [] }
  const bypass = {
    eventCount: 1,
    events: [{ kind: 'toolCall' as const, id: 'e1', category: 'shell' as const, command, ...call }],
  }
  const reportOf = async (one: OpenPull) => {
    await one.observe()
    await one.turn()
    return (await findPullRequest(organisation.id, database, one.key))?.report
  }
  const verdictOf = async (one: OpenPull) =>
    (await reportOf(one))?.sessions[0]?.verdicts.find(({ policy }) => policy === 'no-hook-bypass')

  test('a waiver of the pull request holds on it, and on no other', async () => {
    await giveEvidence(pull.head, { change: bypass })
    const one = await openPull()
    expect(await verdictOf(one)).toMatchObject({ result: 'fail' })
    const scope = { kind: 'pullRequest', repository, number: one.number }
    const expiresAt = new Date(Date.now() + 86_400_000).toISOString()
    const wanted = { policy: 'no-hook-bypass', scope, reason: 'The hook is broken here.', expiresAt }
    const asked = await sendJson('POST', '/v1/waivers', organisation.machine.token, wanted)
    const { id } = await asked.json<{ id: string }>()
    expect(await verdictOf(one)).toMatchObject({ result: 'fail' })
    const token = organisation.token
    expect((await request(`/v1/waivers/${id}/approval`, { method: 'POST', token })).status).toBe(200)
    await one.turn()
    const report = (await findPullRequest(organisation.id, database, one.key))?.report
    expect(report).toMatchObject({ conclusion: 'success', sessions: [{ verdicts: expect.anything() }] })
    expect((await commentsOf(one)).at(-1)).toContain('**no-hook-bypass** is waived')
    expect(await verdictOf(await openPull())).toMatchObject({ result: 'fail' })
  })

  test('policies on the whole pull request decide by what the forge says of it', async () => {
    const policies = [
      { policy: 'human-review', gate: true, with: { aiHeavyApprovals: 1 } },
      { policy: 'signed-commits', gate: true },
      { policy: 'scope-limit', gate: true, with: { maximumLines: 10 } },
      { policy: 'cost-budget', gate: true, with: { scope: 'person', limit: 1 } },
      { policy: 'no-force-push', gate: true },
    ]
    // JSON is YAML.
    const text = JSON.stringify({
      apiVersion: 'stemma.dev/v1',
      kind: 'Contract',
      metadata: { name: 'strict' },
      spec: { policies },
    })
    const sources = [{ file: 'a.yaml', text }]
    expect((await sendJson('PUT', '/v1/contract', organisation.token, { sources })).status).toBe(200)
    const reviews: unknown[] = []
    let additions = 11
    let signature = { verified: false, reason: 'unsigned' }
    github.answer(({ path }) => {
      if (/\/reviews\?/.test(path)) return json(reviews)
      if (/\/files\?/.test(path)) return json([{ filename: 'a.ts', status: 'modified', additions, deletions: 0 }])
      if (!/\/pulls\/\d+\/commits/.test(path)) return null
      const commit = { message: 'x', verification: signature }
      return json([{ sha: pull.head, parents: [], commit, author: { login: 'ada' } }])
    })
    const review = (login: string, state: string, commit_id = pull.head) => ({ user: { login }, state, commit_id })
    const cost = (microUsd: number) => ({ cost: { microUsd, unpricedModels: [], priceTable: 'example' } })
    const { session } = await giveEvidence(pull.head, { change: cost(2_000_000) })
    const one = await openPull()
    const results = async () => {
      const report = await reportOf(one)
      const found = Object.fromEntries((report?.verdicts ?? []).map(({ policy, result }) => [policy, result]))
      return { conclusion: report?.conclusion, ...found }
    }
    const bad = { 'human-review': 'fail', 'signed-commits': 'fail', 'scope-limit': 'fail', 'cost-budget': 'fail' }
    expect(await results()).toEqual({ conclusion: 'failure', ...bad })
    // Those on the whole stand in the place of what the session alone was told; the others stay.
    const first = (await findPullRequest(organisation.id, database, one.key))?.report
    expect(first?.sessions[0]?.verdicts.map(({ policy }) => policy)).toEqual(['no-force-push', 'cost-budget'])
    const spent = first?.verdicts?.find(({ policy }) => policy === 'cost-budget')?.findings[0]
    expect(spent?.message).toMatch(/\$2\.00 in 1 session; the budget is \$1\.00/)
    expect(spent?.citations.map(({ event }) => event)).toEqual([session.id])

    // Neither the author nor an older version counts, and a comment takes no approval back.
    reviews.push(review('ada', 'APPROVED'), review('grace', 'APPROVED', shaOf('0')), review('check[bot]', 'APPROVED'))
    additions = 3
    signature = { verified: true, reason: 'valid' }
    await giveEvidence(pull.head, { change: { id: session.id, ...cost(500_000) } })
    const left = { 'signed-commits': 'pass', 'scope-limit': 'pass', 'cost-budget': 'pass' }
    expect(await results()).toEqual({ conclusion: 'failure', ...left, 'human-review': 'fail' })
    reviews.push(review('grace', 'APPROVED'), review('grace', 'COMMENTED'))
    expect(await results()).toEqual({ conclusion: 'success', ...left, 'human-review': 'pass' })
    reviews.push(review('grace', 'DISMISSED'))
    expect(await results()).toEqual({ conclusion: 'failure', ...left, 'human-review': 'fail' })
  })

  test('evidence that names another repository does not pass by the contract of that one', async () => {
    const contractOf = (name: string, attach: string, policy: string) =>
      `apiVersion: stemma.dev/v1\nkind: Contract\nmetadata: {name: ${name}}\nspec:\n  attach: ${attach}\n  policies: [{policy: ${policy}, gate: true}]\n`
    const sources = [
      { file: 'a.yaml', text: contractOf('all', 'organisation', 'no-force-push') },
      { file: 'b.yaml', text: contractOf('widgets', `{repositories: [${repository}]}`, 'no-hook-bypass') },
    ]
    expect((await sendJson('PUT', '/v1/contract', organisation.token, { sources })).status).toBe(200)
    await giveEvidence(pull.head, { named: 'mallory/fork', change: bypass })
    const report = await reportOf(await openPull())
    expect(report?.conclusion).toBe('failure')
    expect(report?.sessions[0]?.verdicts).toMatchObject([
      { policy: 'no-hook-bypass', result: 'error', gate: true },
      { policy: 'no-force-push', result: 'pass', gate: true },
    ])
  })
})

describe('a new head', () => {
  test('has its check in progress at once, and a completed one after the pause', async () => {
    const one = await openPull()
    await one.observe()
    expect(await checkOf(one)).toMatchObject({ name: 'Stemma', status: 'in_progress', conclusion: null })
    await one.turn()
    expect(await checkOf(one)).toMatchObject({ status: 'completed', conclusion: 'success' })
  })

  test('without any session is told so by the check alone: no comment', async () => {
    const one = await openPull()
    await one.observe()
    await one.turn()
    expect(await commentsOf(one)).toEqual([])
    expect(await findPullRequest(organisation.id, database, one.key)).toMatchObject({
      pullRequest: { head: pull.head, conclusion: 'success', sessions: 0 },
      report: { head: pull.head, sessions: [] },
    })
  })

  test('with evidence gets one comment, and a report that names session and lines', async () => {
    const { session } = await giveEvidence(pull.head)
    const one = await openPull()
    await one.observe()
    await one.turn()
    expect(await commentsOf(one)).toHaveLength(1)
    const view = await findPullRequest(organisation.id, database, one.key)
    expect(view?.report?.sessions).toMatchObject([{ id: session.id, person: 'Grace', lines: { ai: 8 } }])
    expect(view?.report?.signatures).toEqual({ verified: 1, total: 1 })
    // The evidence, and what was concluded of it.
    expect(view?.report?.checkpoint?.size).toBe(3)
    expect((await checkOf(one))?.summary).toContain(view?.report?.conclusions?.summary)
    expect((await checkOf(one))?.status).toBe('completed')
  })

  test('counts what commits without evidence add as unknown, and asks for each commit once', async () => {
    const { session } = await giveEvidence(pull.head)
    pull.commits = [shaOf('d'), pull.head]
    const one = await openPull()
    await one.observe()
    await one.turn()
    const { report } = (await findPullRequest(organisation.id, database, one.key)) ?? {}
    expect(report?.lines).toMatchObject({ ai: 8, unknown: 5 })
    expect(report?.unobservedCommits.map(({ commit }) => commit)).toEqual([shaOf('d')])
    expect(report?.sessions.map(({ id }) => id)).toEqual([session.id])
    await one.observe()
    await one.turn()
    expect(github.asked.filter(({ path }) => path.includes(`/commits/${shaOf('d')}`))).toHaveLength(1)
  })

  test('overtakes the older one, whose result is written nowhere', async () => {
    const one = await openPull()
    await one.observe()
    const { promise: isReleased, resolve: release } = Promise.withResolvers<void>()
    let isHeld = false
    github.answer(async ({ path }) => {
      if (isHeld || !/\/pulls\/\d+\/commits/.test(path)) return null
      isHeld = true
      await isReleased
      return json([{ sha: shaOf('a'), parents: [], commit: { message: 'old' }, author: null }])
    })
    const turned = one.turn()
    await until(() => isHeld)
    pull = { ...pull, head: shaOf('b'), commits: [shaOf('a'), shaOf('b')], updated_at: '2026-11-22T11:00:00Z' }
    await one.observe()
    release()
    await turned
    expect((await checkOf(one, shaOf('a')))?.status).toBe('in_progress')
    await one.turn()
    expect(await checkOf(one, shaOf('b'))).toMatchObject({ status: 'completed' })
    expect((await findPullRequest(organisation.id, database, one.key))?.report?.head).toBe(shaOf('b'))
  })
})

describe('events', () => {
  test('repeated, late and in any order give the same end', async () => {
    const one = await openPull()
    const events = ['synchronize', 'opened', 'opened', 'synchronize'] as const
    for (const action of events) {
      await one.observe({
        kind: 'pull-request',
        installation: one.installation,
        repository,
        number: one.number,
        action,
      })
    }
    await one.turn()
    const handed = await one.handed()
    expect(handed).toHaveLength(1)
    expect(await checkOf(one)).toMatchObject({ status: 'completed' })
  })

  test('a stream of them does not put the report off', async () => {
    const one = await openPull()
    await one.observe()
    const planned = await one.plannedAt()
    await one.observe()
    expect(await one.plannedAt()).toBe(planned)
  })

  test('evidence that comes later replaces check and comment', async () => {
    const one = await openPull()
    await one.observe()
    await one.turn()
    expect(await commentsOf(one)).toEqual([])
    await giveEvidence(pull.head)
    // Evaluation has touched the pull request by itself.
    expect(await one.plannedAt()).not.toBeNull()
    await one.turn()
    expect(await commentsOf(one)).toHaveLength(1)
    expect((await findPullRequest(organisation.id, database, one.key))?.pullRequest.sessions).toBe(1)
  })

  test('a closed pull request is noted and gets no report', async () => {
    pull = { ...pull, state: 'closed', merged_at: '2026-11-22T12:00:00Z' }
    const one = await openPull()
    await one.observe()
    await one.turn()
    expect(await one.handed()).toEqual([])
    expect(await findPullRequest(organisation.id, database, one.key)).toMatchObject({
      pullRequest: { state: 'merged', conclusion: null },
      report: null,
    })
  })

  test('"Re-run" opens a new run; of another App it is none of our business', async () => {
    const one = await openPull()
    await one.observe()
    await one.turn()
    const rerun = {
      kind: 'check-rerequested' as const,
      installation: one.installation,
      repository,
      head: pull.head,
      numbers: [one.number],
    } satisfies Partial<ForgeEvent>
    await one.observe({ ...rerun, app: 7 })
    expect((await checkOf(one))?.status).toBe('completed')
    await one.observe({ ...rerun, app: 42 })
    expect(await one.handed()).toMatchObject([{ kind: 'check', isNew: true, run: { status: 'in_progress' } }])
    await one.turn()
    expect(await one.handed()).toMatchObject([{ kind: 'check', isNew: true, run: { status: 'completed' } }])
  })

  test('a commit of the merge queue gets the verdict of its pull request', async () => {
    const one = await openPull()
    await one.observe({
      kind: 'merge-group',
      installation: one.installation,
      repository,
      head: shaOf('f'),
      number: one.number,
    })
    expect((await checkOf(one, shaOf('f')))?.status).toBe('in_progress')
    await one.turn()
    const [onHead, onQueue] = [await checkOf(one), await checkOf(one, shaOf('f'))]
    expect(onQueue).toEqual({ ...onHead, head: shaOf('f') })
    expect(onQueue?.status).toBe('completed')
  })
})

describe('a required check never hangs and never passes by accident', () => {
  test('evidence whose policies were not evaluated is waited for', async () => {
    const { evaluate } = await giveEvidence(pull.head, { isEvaluated: false })
    const one = await openPull()
    await one.observe()
    await one.turn()
    expect((await checkOf(one))?.status).toBe('in_progress')
    const planned = (await one.plannedAt()) ?? 0
    expect(planned).toBeGreaterThan(Date.now())
    expect(planned).toBeLessThan(Date.now() + 610_000)
    await evaluate()
    await one.turn()
    expect((await checkOf(one))?.status).toBe('completed')
  })

  test('and after the deadline it counts as an error of each policy', async () => {
    await giveEvidence(pull.head, { isEvaluated: false })
    const one = await openPull()
    await one.observe()
    await runInDurableObject(one.stub, (_, state) => {
      const held = state.storage.kv.get<object>('state')
      state.storage.kv.put('state', { ...held, headSince: Date.now() - 3_600_000 })
    })
    await one.turn()
    expect(await checkOf(one)).toMatchObject({ status: 'completed', conclusion: 'failure' })
    const { report } = (await findPullRequest(organisation.id, database, one.key)) ?? {}
    expect(report?.sessions[0]?.verdicts.every(({ result }) => result === 'error')).toBe(true)
  })

  test('a lasting failure ends in a completed check that names it, and heals by itself', async () => {
    const one = await openPull()
    await one.observe()
    let isBroken = true
    github.answer(({ path }) => (isBroken && /\/commits/.test(path) ? json({ message: 'oh no' }, 502) : null))
    await one.turn()
    await one.turn()
    expect((await checkOf(one))?.status).toBe('in_progress')
    await one.turn()
    const failed = await checkOf(one)
    expect(failed).toMatchObject({ status: 'completed', conclusion: 'failure' })
    expect(failed?.summary).toContain('forge-unavailable')
    expect(await one.plannedAt()).not.toBeNull()
    isBroken = false
    await one.turn()
    expect(await checkOf(one)).toMatchObject({ status: 'completed', conclusion: 'success' })
  })

  test('a head that GitHub names only later is opened then', async () => {
    let isBroken = true
    github.answer(({ path }) => (isBroken && /\/pulls\//.test(path) ? json({ message: 'oh no' }, 500) : null))
    const one = await openPull()
    await one.observe()
    expect(await one.handed()).toEqual([])
    isBroken = false
    await one.turn()
    expect((await checkOf(one))?.status).toBe('completed')
  })

  test('commits and head that were read at different times give no report', async () => {
    const one = await openPull()
    await one.observe()
    pull.commits = [shaOf('c')]
    await one.turn()
    expect((await checkOf(one))?.status).toBe('in_progress')
    pull.commits = [pull.head]
    await one.turn()
    expect((await checkOf(one))?.status).toBe('completed')
  })

  test('work that was under way survives the death of the object', async () => {
    const one = await openPull()
    await one.observe()
    await evictDurableObject(one.stub)
    await one.prepare()
    expect(await one.plannedAt()).not.toBeNull()
    await one.turn()
    expect((await checkOf(one))?.status).toBe('completed')
  })
})

describe('organisations', () => {
  test("another organisation's evidence for the same commit is not seen", async () => {
    await giveEvidence(pull.head)
    organisation = await createOrganisation('strangers')
    const one = await openPull()
    await one.observe()
    await one.turn()
    expect((await findPullRequest(organisation.id, database, one.key))?.report?.sessions).toEqual([])
  })

  test('the clock finds a head without report', async () => {
    const one = await openPull()
    await one.observe()
    await one.turn()
    const window = { before: '2027-01-01T00:00:00Z', limit: 100 }
    const has = async () =>
      (await pullRequestsWithoutReport(database, window)).some(({ number }) => number === one.number)
    expect(await has()).toBe(false)
    pull = { ...pull, head: shaOf('b'), commits: [shaOf('c')], updated_at: '2026-11-22T11:00:00Z' }
    await env.DB.prepare('UPDATE pull_requests SET head = ? WHERE number = ?').bind(shaOf('b'), one.number).run()
    expect(await has()).toBe(true)
  })
})
