/** What the server states of a merge. */
import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { EvidenceAccepted, EvidenceView } from '#core/api/evidence.ts'
import { fromBase64 } from '#core/evidence/bytes.ts'
import { readEnvelope, writeEnvelope } from '#core/evidence/envelope.ts'
import { readPublicKey } from '#core/evidence/key.ts'
import { signStatement } from '#core/evidence/sign.ts'
import { MERGED_ATTRIBUTION_PREDICATE, mergedAttributionStatement } from '#core/evidence/statement.ts'
import { verify } from '#core/evidence/verify.ts'
import { onIndex } from '#queues/index.ts'
import { postEvidence, request, smallCommit } from '#test/workerd/organisation.ts'
import { repository, shaOf } from './opened-pull-request.ts'
import { code, diffOf, freshForEachTest, giveEvidence, openPull, world } from './rewritten-world.ts'

freshForEachTest()

const branch = [
  { sha: shaOf('a'), diff: diffOf(code.slice(0, 2)) },
  { sha: shaOf('b'), diff: diffOf(code.slice(2)) },
]
const squashed = [{ sha: shaOf('5'), diff: diffOf(code, { start: 30 }) }]

async function merge(one: Awaited<ReturnType<typeof openPull>>, tip: string) {
  world.merged = { merge_commit_sha: tip, merged_at: '2026-11-22T12:00:00Z' }
  await one.turn()
  const { results } = await env.DB.prepare('SELECT id, key_id FROM evidence WHERE organisation = ? AND person = ?')
    .bind(world.organisation.id, 'server')
    .all<{ id: string; key_id: string }>()
  for (const { id } of results)
    await onIndex({ type: 'index', organisation: world.organisation.id, evidenceId: id }, env)
  return Promise.all(
    results.map(async ({ id, key_id: keyId }) => {
      const answer = await request(`/v1/evidence/${id}`, { token: world.organisation.machine.token })
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
    .bind(world.organisation.id)
    .first<{ n: number; ai: number }>()

test('a squash merge is stated by the server: signed, logged, with its sources, and counted once', async () => {
  const first = await giveEvidence(world, shaOf('a'), code.slice(0, 2), { hasDigests: true })
  const second = await giveEvidence(world, shaOf('b'), code.slice(2), { hasDigests: true })
  world.commits = branch
  world.landed = squashed
  const one = await openPull(world)
  await one.turn()
  const before = await changesCounted()
  const [stated, ...others] = await merge(one, shaOf('5'))
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
  expect(await merge(one, shaOf('5'))).toHaveLength(1)
})

test('evidence that comes after the merge renews the statement, which points to the one before', async () => {
  await giveEvidence(world, shaOf('a'), code.slice(0, 2), { hasDigests: true })
  world.commits = branch
  world.landed = squashed
  const one = await openPull(world)
  await one.turn()
  const [original, ...none] = await merge(one, shaOf('5'))
  expect(none).toEqual([])
  expect(original?.predicate).toMatchObject({ attribution: [{ added: { ai: 2, unknown: 1 } }] })
  expect(original?.predicate).not.toHaveProperty('supersedes')
  const before = await changesCounted()

  // A laptop that was offline: its evidence wakes the merged pull request by itself.
  const late = await giveEvidence(world, shaOf('b'), code.slice(2), { hasDigests: true })
  expect(await one.plannedAt()).not.toBeNull()
  const all = await merge(one, shaOf('5'))
  const renewed = all.filter(({ view }) => view.id !== original?.view.id)
  expect(renewed).toHaveLength(1)
  expect(renewed[0]?.predicate).toMatchObject({
    supersedes: original?.view.id,
    attribution: [{ commit: shaOf('5'), added: { ai: 3, unknown: 0 } }],
  })
  // From evidence of machines alone: what the server said before is no source of what it says now.
  const sources = renewed[0]?.predicate.sources.map(({ evidence }) => evidence) ?? []
  expect(sources).toContain(late.id)
  expect(sources).not.toContain(original?.view.id)
  expect(await merge(one, shaOf('5'))).toHaveLength(2)
  // Only what the late commit itself added is counted.
  const after = await changesCounted()
  expect((after?.ai ?? 0) - (before?.ai ?? 0)).toBe(1)
})

test('a rebase is as many commits, each by its patch, and a backport of the result is known', async () => {
  const { session } = await giveEvidence(world, shaOf('a'), code.slice(0, 2))
  await giveEvidence(world, shaOf('b'), code.slice(2), { session })
  world.commits = branch
  world.landed = [
    { sha: shaOf('6'), diff: diffOf(code.slice(0, 2), { start: 11 }) },
    { sha: shaOf('7'), diff: diffOf(code.slice(2), { start: 11 }), parents: [shaOf('6')] },
  ]
  const one = await openPull(world)
  await one.turn()
  const [stated] = await merge(one, shaOf('7'))
  expect(stated?.predicate).toMatchObject({
    method: 'rebase',
    attribution: [{ commit: shaOf('6') }, { commit: shaOf('7') }],
  })
  world.merged = null
  world.commits = [{ sha: shaOf('8'), diff: diffOf(code.slice(2), { start: 90 }) }]
  expect((await (await openPull(world)).turn())?.sessions).toMatchObject([{ id: session, foundBy: ['patch'] }])
})

test('a merge commit is what it brings into the base branch', async () => {
  await giveEvidence(world, shaOf('a'), code, { hasDigests: true })
  world.commits = [{ sha: shaOf('a'), diff: diffOf(code) }]
  world.landed = [{ sha: shaOf('9'), diff: diffOf(code), parents: [shaOf('0'), shaOf('a')] }]
  const [stated] = await merge(await openPull(world), shaOf('9'))
  expect(stated?.predicate).toMatchObject({ method: 'merge', attribution: [{ commit: shaOf('9'), added: { ai: 3 } }] })
})

test('a machine cannot state a merge in the place of the server', async () => {
  const { id: source } = await giveEvidence(world, shaOf('a'), code)
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
  const { token, signer } = world.organisation.machine
  const answer = await postEvidence(token, writeEnvelope(await signStatement(statement, signer)))
  const { id } = EvidenceAccepted.parse(await answer.json())
  await onIndex({ type: 'index', organisation: world.organisation.id, evidenceId: id }, env)
  const view = EvidenceView.parse(await (await request(`/v1/evidence/${id}`, { token })).json())
  expect(view).toMatchObject({ state: 'failed', reason: expect.stringContaining('Only the server') })
  world.commits = [{ sha: shaOf('9'), diff: diffOf(['x']) }]
  expect((await (await openPull(world)).turn())?.sessions).toEqual([])
})
