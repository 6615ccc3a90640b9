import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { generateKeyPairSync } from 'node:crypto'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { EvidenceAccepted, EvidenceView } from '#core/api/evidence.ts'
import type { CommitAttribution, LineRange } from '#core/attribution/attribution.ts'
import { digestLines, LineKey } from '#core/attribution/line-digests.ts'
import { joinDigests } from '#core/attribution/merged-attribution.ts'
import { patchIdOf } from '#core/attribution/patch-id.ts'
import { fromBase64, utf8 } from '#core/evidence/bytes.ts'
import { readEnvelope, writeEnvelope } from '#core/evidence/envelope.ts'
import { readPublicKey } from '#core/evidence/key.ts'
import { signStatement } from '#core/evidence/sign.ts'
import { MERGED_ATTRIBUTION_PREDICATE, mergedAttributionStatement } from '#core/evidence/statement.ts'
import { verify } from '#core/evidence/verify.ts'
import { Write } from '#objects/outbox-storage.ts'
import { onIndex } from '#queues/index.ts'
import {
  createOrganisation,
  enrolMachine,
  type Machine,
  postEvidence,
  pushEvidence,
  request,
  smallCommit,
  smallSession,
  type TestOrganisation,
} from '#test/workerd/organisation.ts'
import { openDatabase } from '#worker/store/database.ts'
import { findPullRequest, pullRequestName } from '#worker/store/pull-requests.ts'
import { json, type ScriptedGitHub, scriptGitHub } from './github.ts'

const repository = 'octo/widgets'
const shaOf = (digit: string) => digit.repeat(40)
const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
})
const database = openDatabase(env.DB)

interface ScriptedCommit {
  readonly sha: string
  readonly diff: string
  readonly parents?: readonly string[]
}

let github: ScriptedGitHub
let organisation: TestOrganisation
let commits: readonly ScriptedCommit[]
/** Commits of the base branch. */
let landed: readonly ScriptedCommit[]
let merged: { readonly merge_commit_sha: string; readonly merged_at: string } | null
let next = 500

beforeEach(async () => {
  github = scriptGitHub()
  vi.spyOn(env.JOBS, 'send').mockImplementation(async () => ({
    metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } },
  }))
  commits = []
  landed = []
  merged = null
  const shape = ({ sha, parents = [shaOf('0')] }: ScriptedCommit) => ({
    sha,
    parents: parents.map((parent) => ({ sha: parent })),
    commit: { message: `commit ${sha[0]}`, author: { date: '2026-11-22T09:00:00Z' } },
    author: { login: 'ada' },
  })
  github.answer(({ method, path }) => {
    if (method !== 'GET') return null
    if (/\/pulls\/\d+\/commits/.test(path)) return json(commits.map(shape))
    const asked = /\/commits\/([0-9a-f]{40})(\?|$)/.exec(path)
    const commit = [...commits, ...landed].find(({ sha }) => sha === asked?.[1])
    if (commit !== undefined) return asked?.[2] === '?' ? json(shape(commit)) : new Response(commit.diff)
    if (!/\/pulls\/\d+$/.test(path)) return null
    return json({
      number: Number(/(\d+)$/.exec(path)?.[1]),
      title: 'A change',
      user: { login: 'ada' },
      head: { sha: commits.at(-1)?.sha, ref: 'feature' },
      base: { sha: shaOf('0') },
      state: merged === null ? 'open' : 'closed',
      merged_at: null,
      updated_at: merged?.merged_at ?? '2026-11-22T10:00:00Z',
      ...merged,
    })
  })
  organisation = await createOrganisation(`rewriters ${next}`)
})
afterEach(() => {
  vi.restoreAllMocks()
})

async function openPull() {
  next += 1
  const [number, installation] = [next, 5_000 + next]
  const key = { repository, number }
  const stub = env.PULL_REQUEST.getByName(pullRequestName(organisation.id, key))
  await runInDurableObject(stub, (object) => {
    Object.assign(object, {
      env: { ...env, GITHUB_APP_ID: '42', GITHUB_PRIVATE_KEY: privateKey, PULL_REQUEST_DEBOUNCE_MS: '3600000' },
    })
  })
  const turn = async () => {
    const event = { kind: 'pull-request', installation, repository, number, action: 'synchronize' } as const
    await stub.observe({ organisation: organisation.id, installation, ...key }, event)
    await runDurableObjectAlarm(stub)
    return (await findPullRequest(organisation.id, database, key))?.report
  }
  const outbox = env.GITHUB_OUTBOX.getByName(String(installation))
  return {
    key,
    stub,
    turn,
    plannedAt: () => runInDurableObject(stub, (_, state) => state.storage.getAlarm()),
    comment: () =>
      runInDurableObject(outbox, (_, state) =>
        [...state.storage.sql.exec('SELECT body FROM waiting ORDER BY rowid').raw<[string]>()]
          .map(([body]) => Write.parse(JSON.parse(body)))
          .flatMap((write) => (write.kind === 'comment' ? [write.body] : []))
          .at(-1),
      ),
  }
}

/** Adds the lines to a file at a line; the lines before it do not show. */
function diffOf(lines: readonly string[], { path = 'src/parser.ts', start = 1 } = {}): string {
  const added = lines.map((line) => `+${line}\n`).join('')
  return `diff --git a/${path} b/${path}\n--- a/${path}\n+++ b/${path}\n@@ -${start - 1},0 +${start},${lines.length} @@\n${added}`
}

const range = (start: number, end: number, session: string | null): LineRange =>
  session === null
    ? { start, end, class: 'human', session, model: null, confidence: 'snapshot' }
    : { start, end, class: 'ai', session, model: 'claude-opus-4-5', confidence: 'both' }

async function giveEvidence(
  sha: string,
  lines: readonly string[],
  { machine = organisation.machine, session = `claude-code:of-${sha[0]}-${next}`, hasDigests = false } = {},
) {
  const counts = { ai: lines.length, human: 0, mixed: 0, unknown: 0 }
  const none = { ai: 0, human: 0, mixed: 0, unknown: 0 }
  const attribution: CommitAttribution = smallCommit(sha, session, {
    patchId: await patchIdOf(utf8(diffOf(lines))),
    added: counts,
    files: [
      {
        path: 'src/parser.ts',
        status: 'modified',
        binary: false,
        ranges: [range(1, lines.length, session)],
        added: counts,
        removed: none,
      },
    ],
  })
  const key = hasDigests ? await lineKey(machine) : null
  const files = key === null ? [] : [joinDigests(await digestLines(lines, key.bytes))]
  const { id } = await pushEvidence(machine, {
    session: smallSession({ id: session }),
    attribution: [attribution],
    predicate: {
      repository,
      ...(key === null
        ? {}
        : { lineDigests: { algorithm: 'hmac-sha256-64' as const, key: key.id, commits: [{ commit: sha, files }] } }),
    },
  })
  await onIndex({ type: 'index', organisation: organisation.id, evidenceId: id }, env)
  return { id, session }
}

async function lineKey(machine: Machine) {
  const { id, key } = LineKey.parse(await (await request('/v1/line-key', { token: machine.token })).json())
  return { id, bytes: fromBase64(key) ?? new Uint8Array() }
}

const code = ['const first = read(input)', 'if (first === null) return []', 'return parse(first)']

test('a rebased commit is known by its patch, with its lines where they stand now', async () => {
  const { session } = await giveEvidence(shaOf('a'), code)
  commits = [{ sha: shaOf('b'), diff: diffOf(code, { start: 41 }) }]
  const one = await openPull()
  const report = await one.turn()
  expect(report?.sessions).toMatchObject([{ id: session, foundBy: ['patch'], lines: { ai: 3 } }])
  expect(report?.sessions[0]?.files[0]?.ranges).toMatchObject([{ start: 41, end: 43 }])
  expect(report?.unobservedCommits).toEqual([])
  expect(await one.comment()).toContain('found again by the same patch')
})

test('a squash of two people is known by the digests of its lines, and what nobody saw stays unknown', async () => {
  const other = await enrolMachine(organisation.token, { name: 'Hedy', login: 'hedy' })
  const first = await giveEvidence(shaOf('a'), code.slice(0, 2), { hasDigests: true })
  const second = await giveEvidence(shaOf('b'), code.slice(2), { machine: other, hasDigests: true })
  const unseen = ['and then a line of somebody else']
  commits = [{ sha: shaOf('c'), diff: diffOf([...unseen, ...code], { start: 7 }) }]
  const one = await openPull()
  const report = await one.turn()
  expect(report?.sessions.map(({ id, person, foundBy, lines }) => [id, person, foundBy, lines.ai])).toEqual([
    [first.session, 'Grace', ['lines'], 2],
    [second.session, 'Hedy', ['lines'], 1],
  ])
  expect(report?.lines).toEqual({ ai: 3, human: 0, mixed: 0, unknown: 1 })
  expect(report?.sessions[0]?.files[0]?.ranges).toMatchObject([{ start: 8, end: 9 }])
})

test('a session whose lines are not in the diff is not shown', async () => {
  await giveEvidence(shaOf('a'), code, { hasDigests: true })
  commits = [{ sha: shaOf('b'), diff: diffOf(['nothing of it is here']) }]
  const report = await (await openPull()).turn()
  expect(report?.sessions).toEqual([])
  expect(report?.unobservedCommits).toHaveLength(1)
})

test.each([
  ['patch', false],
  ['lines', true],
] as const)('evidence that arrives later finds its open pull request by %s, and no other', async (way, hasDigests) => {
  const more = hasDigests ? ['one more line'] : []
  commits = [{ sha: shaOf('b'), diff: diffOf([...code, ...more]) }]
  if (hasDigests) await lineKey(organisation.machine)
  const one = await openPull()
  expect((await one.turn())?.sessions).toEqual([])
  commits = [{ sha: shaOf('c'), diff: diffOf(['something else']) }]
  const other = await openPull()
  await other.turn()
  for (const { stub } of [one, other]) await runInDurableObject(stub, (_, state) => state.storage.deleteAlarm())
  const { session } = await giveEvidence(shaOf('a'), code, { hasDigests })
  expect(await one.plannedAt()).not.toBeNull()
  expect(await other.plannedAt()).toBeNull()
  commits = [{ sha: shaOf('b'), diff: diffOf([...code, ...more]) }]
  expect((await one.turn())?.sessions).toMatchObject([{ id: session, foundBy: [way] }])
})

test("another organisation's evidence is found by neither patch nor lines", async () => {
  await giveEvidence(shaOf('a'), code, { hasDigests: true })
  organisation = await createOrganisation('strangers to the rewriters')
  await lineKey(organisation.machine)
  commits = [{ sha: shaOf('b'), diff: diffOf(code) }]
  expect((await (await openPull()).turn())?.sessions).toEqual([])
})

test('a diff that the forge does not show leaves the lines unknown', async () => {
  await giveEvidence(shaOf('a'), code)
  commits = [{ sha: shaOf('b'), diff: '' }]
  github.answer(({ path }) => {
    if (path.endsWith(`/commits/${shaOf('b')}`)) return json({ message: 'The diff exceeded the maximum' }, 406)
    return path.includes(`/commits/${shaOf('b')}?`) ? json({ stats: { additions: 30_000 } }) : null
  })
  const report = await (await openPull()).turn()
  expect(report).toMatchObject({ lines: { unknown: 30_000 }, sessions: [] })
})

async function mergeInto(one: Awaited<ReturnType<typeof openPull>>, tip: string) {
  merged = { merge_commit_sha: tip, merged_at: '2026-11-22T12:00:00Z' }
  await one.turn()
  const { results } = await env.DB.prepare('SELECT id, key_id FROM evidence WHERE organisation = ? AND person = ?')
    .bind(organisation.id, 'server')
    .all<{ id: string; key_id: string }>()
  for (const { id } of results) await onIndex({ type: 'index', organisation: organisation.id, evidenceId: id }, env)
  return Promise.all(
    results.map(async ({ id, key_id: keyId }) => {
      const answer = await request(`/v1/evidence/${id}`, { token: organisation.machine.token })
      const view = EvidenceView.parse(await answer.json())
      const [row] = (await env.DB.prepare('SELECT spki FROM keys WHERE id = ?').bind(keyId).all<{ spki: string }>())
        .results
      const publicKey = await readPublicKey(fromBase64(row?.spki ?? '') ?? new Uint8Array())
      const trust = { keys: [{ publicKey, revokedAt: null }], loggedAt: view.receivedAt }
      const verified = await verify(readEnvelope(view.envelope), trust)
      if (!verified.verified || verified.statement.predicateType !== MERGED_ATTRIBUTION_PREDICATE) throw verified
      return { view, predicate: verified.statement.predicate }
    }),
  )
}

const changesCounted = async () =>
  await env.DB.prepare('SELECT count(*) AS n, sum(ai) AS ai FROM changes WHERE organisation = ?')
    .bind(organisation.id)
    .first<{ n: number; ai: number }>()

test('a squash merge is stated by the server: signed, logged, with its sources, and counted once', async () => {
  const first = await giveEvidence(shaOf('a'), code.slice(0, 2), { hasDigests: true })
  const second = await giveEvidence(shaOf('b'), code.slice(2), { hasDigests: true })
  commits = [
    { sha: shaOf('a'), diff: diffOf(code.slice(0, 2)) },
    { sha: shaOf('b'), diff: diffOf(code.slice(2)) },
  ]
  landed = [{ sha: shaOf('5'), diff: diffOf(code, { start: 30 }) }]
  const one = await openPull()
  await one.turn()
  const before = await changesCounted()
  const [stated, ...others] = await mergeInto(one, shaOf('5'))
  expect(others).toEqual([])
  expect(stated?.predicate).toMatchObject({
    repository,
    pullRequest: one.key.number,
    method: 'squash',
    head: shaOf('b'),
    attribution: [
      { commit: shaOf('5'), added: { ai: 3, unknown: 0 }, files: [{ ranges: [{ start: 30 }, { end: 32 }] }] },
    ],
  })
  expect(stated?.predicate.sources.map(({ evidence }) => evidence)).toEqual([first.id, second.id].sort())
  expect(stated?.view).toMatchObject({ state: 'indexed', sessionId: null })
  expect(stated?.view.receipt).toContain('c2sp.org/tlog-proof@v1')
  expect(await changesCounted()).toEqual(before)
  // The same merge told again is stated once.
  expect(await mergeInto(one, shaOf('5'))).toHaveLength(1)
})

test('a rebase is as many commits, each by its patch, and a backport of the result is known', async () => {
  const { session } = await giveEvidence(shaOf('a'), code.slice(0, 2))
  await giveEvidence(shaOf('b'), code.slice(2), { session })
  commits = [
    { sha: shaOf('a'), diff: diffOf(code.slice(0, 2)) },
    { sha: shaOf('b'), diff: diffOf(code.slice(2)) },
  ]
  landed = [
    { sha: shaOf('6'), diff: diffOf(code.slice(0, 2), { start: 11 }) },
    { sha: shaOf('7'), diff: diffOf(code.slice(2), { start: 11 }), parents: [shaOf('6')] },
  ]
  const one = await openPull()
  await one.turn()
  const [stated] = await mergeInto(one, shaOf('7'))
  expect(stated?.predicate).toMatchObject({
    method: 'rebase',
    attribution: [{ commit: shaOf('6') }, { commit: shaOf('7') }],
  })
  merged = null
  commits = [{ sha: shaOf('8'), diff: diffOf(code.slice(2), { start: 90 }) }]
  expect((await (await openPull()).turn())?.sessions).toMatchObject([{ id: session, foundBy: ['patch'] }])
})

test('a merge commit is what it brings into the base branch', async () => {
  await giveEvidence(shaOf('a'), code, { hasDigests: true })
  commits = [{ sha: shaOf('a'), diff: diffOf(code) }]
  landed = [{ sha: shaOf('9'), diff: diffOf(code), parents: [shaOf('0'), shaOf('a')] }]
  const [stated] = await mergeInto(await openPull(), shaOf('9'))
  expect(stated?.predicate).toMatchObject({ method: 'merge', attribution: [{ commit: shaOf('9'), added: { ai: 3 } }] })
})

test('a machine cannot state a merge in the place of the server', async () => {
  const { id: source } = await giveEvidence(shaOf('a'), code)
  const attribution = [smallCommit(shaOf('9'), 'claude-code:forged')]
  const statement = mergedAttributionStatement({
    repository,
    pullRequest: 1,
    head: shaOf('a'),
    method: 'squash',
    attribution,
    sources: [{ evidence: source, foundBy: 'lines' }],
    producer: { name: 'stemma-server', version: '1' },
    createdAt: '2026-11-22T12:00:00Z',
  })
  const { token, signer } = organisation.machine
  const answer = await postEvidence(token, writeEnvelope(await signStatement(statement, signer)))
  const { id } = EvidenceAccepted.parse(await answer.json())
  await onIndex({ type: 'index', organisation: organisation.id, evidenceId: id }, env)
  const view = EvidenceView.parse(await (await request(`/v1/evidence/${id}`, { token })).json())
  expect(view).toMatchObject({ state: 'failed', reason: expect.stringContaining('Only the server') })
  commits = [{ sha: shaOf('9'), diff: diffOf(['x']) }]
  expect((await (await openPull()).turn())?.sessions).toEqual([])
})
