/** Sessions behind commits whose ids are gone. */
import { runInDurableObject } from 'cloudflare:test'
import { expect, test } from 'vitest'
import { createOrganisation, enrolMachine } from '#test/workerd/organisation.ts'
import { json } from './github.ts'
import { shaOf } from './opened-pull-request.ts'
import { code, diffOf, freshForEachTest, giveEvidence, lineKey, openPull, world } from './rewritten-world.ts'

freshForEachTest()

test('a rebased commit is known by its patch, with its lines where they stand now', async () => {
  const { session } = await giveEvidence(world, shaOf('a'), code)
  world.commits = [{ sha: shaOf('b'), diff: diffOf(code, { start: 41 }) }]
  const one = await openPull(world)
  const report = await one.turn()
  expect(report?.sessions).toMatchObject([{ id: session, foundBy: ['patch'], lines: { ai: 3 } }])
  expect(report?.sessions[0]?.files[0]?.ranges).toMatchObject([{ start: 41, end: 43 }])
  expect(report?.unobservedCommits).toEqual([])
  expect(await one.comment()).toContain('found again by the same patch')
})

test('a squash of two people is known by the digests of its lines, and what nobody saw stays unknown', async () => {
  const other = await enrolMachine(world.organisation.token, { name: 'Hedy', login: 'hedy' })
  const first = await giveEvidence(world, shaOf('a'), code.slice(0, 2), { hasDigests: true })
  const second = await giveEvidence(world, shaOf('b'), code.slice(2), { machine: other, hasDigests: true })
  const unseen = ['and then a line of somebody else']
  world.commits = [{ sha: shaOf('c'), diff: diffOf([...unseen, ...code], { start: 7 }) }]
  const one = await openPull(world)
  const report = await one.turn()
  expect(report?.sessions.map(({ id, person, foundBy, lines }) => [id, person, foundBy, lines.ai])).toEqual([
    [first.session, 'Grace', ['lines'], 2],
    [second.session, 'Hedy', ['lines'], 1],
  ])
  expect(report?.lines).toEqual({ ai: 3, human: 0, mixed: 0, unknown: 1 })
  expect(report?.sessions[0]?.files[0]?.ranges).toMatchObject([{ start: 8, end: 9 }])
})

test('a session whose lines are not in the diff is not shown', async () => {
  await giveEvidence(world, shaOf('a'), code, { hasDigests: true })
  world.commits = [{ sha: shaOf('b'), diff: diffOf(['nothing of it is here']) }]
  const report = await (await openPull(world)).turn()
  expect(report?.sessions).toEqual([])
  expect(report?.unobservedCommits).toHaveLength(1)
})

test.each([
  ['patch', false],
  ['lines', true],
] as const)('evidence that arrives later finds its open pull request by %s, and no other', async (way, hasDigests) => {
  const more = hasDigests ? ['one more line'] : []
  world.commits = [{ sha: shaOf('b'), diff: diffOf([...code, ...more]) }]
  if (hasDigests) await lineKey(world.organisation.machine)
  const one = await openPull(world)
  expect((await one.turn())?.sessions).toEqual([])
  world.commits = [{ sha: shaOf('c'), diff: diffOf(['something else']) }]
  const other = await openPull(world)
  await other.turn()
  for (const { stub } of [one, other]) await runInDurableObject(stub, (_, state) => state.storage.deleteAlarm())
  const { session } = await giveEvidence(world, shaOf('a'), code, { hasDigests })
  expect(await one.plannedAt()).not.toBeNull()
  expect(await other.plannedAt()).toBeNull()
  world.commits = [{ sha: shaOf('b'), diff: diffOf([...code, ...more]) }]
  expect((await one.turn())?.sessions).toMatchObject([{ id: session, foundBy: [way] }])
})

test("another organisation's evidence is found by neither patch nor lines", async () => {
  await giveEvidence(world, shaOf('a'), code, { hasDigests: true })
  world.organisation = await createOrganisation('strangers to the rewriters')
  await lineKey(world.organisation.machine)
  world.commits = [{ sha: shaOf('b'), diff: diffOf(code) }]
  expect((await (await openPull(world)).turn())?.sessions).toEqual([])
})

test('a diff that the forge does not show leaves the lines unknown', async () => {
  await giveEvidence(world, shaOf('a'), code)
  world.commits = [{ sha: shaOf('b'), diff: '' }]
  world.github.answer(({ path }) => {
    if (path.endsWith(`/commits/${shaOf('b')}`)) return json({ message: 'The diff exceeded the maximum' }, 406)
    return path.includes(`/commits/${shaOf('b')}?`) ? json({ stats: { additions: 30_000 } }) : null
  })
  const report = await (await openPull(world)).turn()
  expect(report).toMatchObject({ lines: { unknown: 30_000 }, sessions: [] })
})
