import { env } from 'cloudflare:workers'
import { beforeAll, expect, test } from 'vitest'
import { ReplayPage } from '#core/api/replay.ts'
import {
  createOrganisation,
  pushEvidence,
  request,
  smallSession,
  type TestOrganisation,
} from '#test/workerd/organisation.ts'
import { expectProblem } from '#test/workerd/problem.ts'
import { settle } from '#test/workerd/queue.ts'

let organisation: TestOrganisation
const command = 'git commit --no-verify -m x'
const call = { at: null, thread: 'main', callId: 'c1', tool: 'Bash', input: {}, paths: [] }

async function push(id: string, { isClean, repository }: { readonly isClean: boolean; readonly repository: string }) {
  const { id: evidenceId } = await pushEvidence(organisation.machine, {
    session: isClean
      ? smallSession({ id })
      : smallSession({
          id,
          eventCount: 1,
          events: [{ kind: 'toolCall', id: 'e1', category: 'shell', command, ...call }],
        }),
    predicate: { repository },
  })
  await settle(organisation.id, evidenceId)
  return evidenceId
}

beforeAll(async () => {
  organisation = await createOrganisation('acme')
  await push('claude-code:clean', { isClean: true, repository: 'acme/parser' })
  await push('claude-code:bypass', { isClean: false, repository: 'acme/parser' })
  await push('claude-code:other', { isClean: true, repository: 'acme/other' })
})

const ask = (query: string, token = organisation.machine.token) => request(`/v1/replay?${query}`, { token })
const replay = async (query: string, token?: string) => ReplayPage.parse(await (await ask(query, token)).json())
const resultsOf = ({ items }: ReplayPage) =>
  Object.fromEntries(items.map((item) => [item.session, item.verdict.result]))

test('says what a policy would have said, in pages and by repository, and writes no verdict', async () => {
  const stored = () => env.DB.prepare('SELECT * FROM verdicts ORDER BY evidence_id, policy').all()
  const before = (await stored()).results
  const all = await replay('policy=no-force-push&days=366')
  expect(Object.keys(resultsOf(all)).sort()).toEqual(['claude-code:bypass', 'claude-code:clean', 'claude-code:other'])
  expect(resultsOf(await replay('policy=no-hook-bypass&days=366&repository=acme/parser'))).toEqual({
    'claude-code:bypass': 'fail',
    'claude-code:clean': 'pass',
  })
  const first = await replay('policy=no-hook-bypass&days=366&limit=2')
  const rest = await replay(`policy=no-hook-bypass&days=366&limit=2&cursor=${first.next}`)
  expect([first.items.length, rest.items.length, rest.next]).toEqual([2, 1, null])
  expect(new Set([...first.items, ...rest.items].map(({ session }) => session)).size).toBe(3)
  expect((await stored()).results).toEqual(before)
})

test('takes parameters, and refuses those that do not fit', async () => {
  const strict = encodeURIComponent(JSON.stringify({ allow: ['gpt-*'] }))
  expect(Object.values(resultsOf(await replay(`policy=approved-models&days=366&with=${strict}`)))).toEqual([
    'fail',
    'fail',
    'fail',
  ])
  for (const query of [
    'policy=made-up',
    'policy=approved-models&with=3',
    'policy=approved-models&with={',
    'policy=approved-models&days=0',
  ])
    await expectProblem(await ask(query), 'request-malformed')
})

test('calls evidence that cannot be read an error, and goes on', async () => {
  const evidenceId = await push('claude-code:lost', { isClean: true, repository: 'acme/lost' })
  const row = await env.DB.prepare('SELECT transcript FROM evidence WHERE id = ?')
    .bind(evidenceId)
    .first<{ transcript: string }>()
  const { objects } = await env.BLOBS.list()
  const lost = objects.filter(({ key }) => key.includes(row?.transcript ?? 'none'))
  expect(lost).toHaveLength(1)
  for (const { key } of lost) await env.BLOBS.delete(key)
  const { items } = await replay('policy=no-hook-bypass&days=366&repository=acme/lost')
  expect(items).toMatchObject([{ verdict: { result: 'error', reason: expect.stringContaining('not in the bucket') } }])
})

test('shows an organisation nothing of another, and no older days', async () => {
  const other = await createOrganisation('other')
  expect((await replay('policy=no-hook-bypass&days=366', other.token)).items).toEqual([])
  const { from } = await replay('policy=no-hook-bypass&days=7')
  expect(Date.parse(from)).toBeGreaterThan(Date.now() - 8 * 86_400_000)
})
