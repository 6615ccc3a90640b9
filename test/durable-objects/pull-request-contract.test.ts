/** The contract in force decides, and waivers let pass. */
import { describe, expect, test } from 'vitest'
import { request, sendJson } from '#test/workerd/organisation.ts'
import { findPullRequest } from '#worker/store/pull-requests.ts'
import { json } from './github.ts'
import { commentsOf, database, repository, shaOf } from './opened-pull-request.ts'
import { freshForEachTest, giveEvidence, type OpenPull, openPull, world } from './pull-request-world.ts'

freshForEachTest()

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
    return (await findPullRequest(world.organisation.id, database, one.key))?.report
  }
  const verdictOf = async (one: OpenPull) =>
    (await reportOf(one))?.sessions[0]?.verdicts.find(({ policy }) => policy === 'no-hook-bypass')

  test('a waiver of the pull request holds on it, and on no other', async () => {
    await giveEvidence(world, world.pull.head, { change: bypass })
    const one = await openPull(world)
    expect(await verdictOf(one)).toMatchObject({ result: 'fail' })
    const scope = { kind: 'pullRequest', repository, number: one.number }
    const expiresAt = new Date(Date.now() + 86_400_000).toISOString()
    const wanted = { policy: 'no-hook-bypass', scope, reason: 'The hook is broken here.', expiresAt }
    const asked = await sendJson('POST', '/v1/waivers', world.organisation.machine.token, wanted)
    const { id } = await asked.json<{ id: string }>()
    expect(await verdictOf(one)).toMatchObject({ result: 'fail' })
    const token = world.organisation.token
    expect((await request(`/v1/waivers/${id}/approval`, { method: 'POST', token })).status).toBe(200)
    await one.turn()
    const report = (await findPullRequest(world.organisation.id, database, one.key))?.report
    expect(report).toMatchObject({ conclusion: 'success', sessions: [{ verdicts: expect.anything() }] })
    expect((await commentsOf(one)).at(-1)).toContain('**no-hook-bypass** is waived')
    expect(await verdictOf(await openPull(world))).toMatchObject({ result: 'fail' })
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
    expect((await sendJson('PUT', '/v1/contract', world.organisation.token, { sources })).status).toBe(200)
    const reviews: unknown[] = []
    let additions = 11
    let signature = { verified: false, reason: 'unsigned' }
    world.github.answer(({ path }) => {
      if (/\/reviews\?/.test(path)) return json(reviews)
      if (/\/files\?/.test(path)) return json([{ filename: 'a.ts', status: 'modified', additions, deletions: 0 }])
      if (!/\/pulls\/\d+\/commits/.test(path)) return null
      const commit = { message: 'x', verification: signature }
      return json([{ sha: world.pull.head, parents: [], commit, author: { login: 'ada' } }])
    })
    const review = (login: string, state: string, commit_id = world.pull.head) => ({
      user: { login },
      state,
      commit_id,
    })
    const cost = (microUsd: number) => ({ cost: { microUsd, unpricedModels: [], priceTable: 'example' } })
    const { session } = await giveEvidence(world, world.pull.head, { change: cost(2_000_000) })
    const one = await openPull(world)
    const results = async () => {
      const report = await reportOf(one)
      const found = Object.fromEntries((report?.verdicts ?? []).map(({ policy, result }) => [policy, result]))
      return { conclusion: report?.conclusion, ...found }
    }
    const bad = { 'human-review': 'fail', 'signed-commits': 'fail', 'scope-limit': 'fail', 'cost-budget': 'fail' }
    expect(await results()).toEqual({ conclusion: 'failure', ...bad })
    // Those on the whole stand in the place of what the session alone was told; the others stay.
    const first = (await findPullRequest(world.organisation.id, database, one.key))?.report
    expect(first?.sessions[0]?.verdicts.map(({ policy }) => policy)).toEqual(['no-force-push', 'cost-budget'])
    const spent = first?.verdicts?.find(({ policy }) => policy === 'cost-budget')?.findings[0]
    expect(spent?.message).toMatch(/\$2\.00 in 1 session; the budget is \$1\.00/)
    expect(spent?.citations.map(({ event }) => event)).toEqual([session.id])

    // Neither the author nor an older version counts, and a comment takes no approval back.
    reviews.push(review('ada', 'APPROVED'), review('grace', 'APPROVED', shaOf('0')), review('check[bot]', 'APPROVED'))
    additions = 3
    signature = { verified: true, reason: 'valid' }
    await giveEvidence(world, world.pull.head, { change: { id: session.id, ...cost(500_000) } })
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
    expect((await sendJson('PUT', '/v1/contract', world.organisation.token, { sources })).status).toBe(200)
    await giveEvidence(world, world.pull.head, { named: 'mallory/fork', change: bypass })
    const report = await reportOf(await openPull(world))
    expect(report?.conclusion).toBe('failure')
    expect(report?.sessions[0]?.verdicts).toMatchObject([
      { policy: 'no-hook-bypass', result: 'error', gate: true },
      { policy: 'no-force-push', result: 'pass', gate: true },
    ])
  })
})
