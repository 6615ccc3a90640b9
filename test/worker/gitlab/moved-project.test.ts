/** Projects that are renamed or moved: GitLab sends no webhook about it, and its old names answer with the id at most. */
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { onRepositoryMoved } from '#queues/repository-moved.ts'
import { until } from '#test/durable-objects/github.ts'
import { request } from '#test/workerd/organisation.ts'
import { reconcile } from '#worker/reconcile.ts'
import { openDatabase } from '#worker/store/database.ts'
import { findPullRequest } from '#worker/store/pull-requests.ts'
import { findDelivery } from '#worker/store/webhook-deliveries.ts'
import { type Group, hunk, openGroup, shaOf } from './group.ts'

const FORMER = 'acme/tools/shop'
const PRESENT = 'acme/retail/boutique'

let world: Group
beforeEach(async () => {
  world = await openGroup(FORMER)
})
afterEach(() => {
  vi.restoreAllMocks()
})

const known = async (repository: string) =>
  (await findPullRequest(world.organisation, openDatabase(env.DB), { repository, number: 1 }))?.pullRequest ?? null

/** With a note and a status, under its former name. */
async function reported() {
  const merge = await world.open()
  await world.witness(shaOf('a'))
  await until(() => world.own(merge).length === 1 && world.statusOf(shaOf('a'))?.status === 'success')
  return merge
}

const push = (digit: string, project: string) =>
  world.gitlab.push(project, 'topic', { id: shaOf(digit), message: 'More', files: { 'src/more.ts': hunk } })

test('the next webhook names the id: note, status and stored rows go on under the new name', async () => {
  const merge = await reported()
  const [note] = world.own(merge)
  world.gitlab.rename(FORMER, PRESENT)
  await push('b', PRESENT)
  // The machine cloned under the former name.
  await world.witness(shaOf('b'), FORMER)
  await until(() => world.statusOf(shaOf('b'), PRESENT)?.status === 'success' && (note?.edits ?? 0) > 0)
  expect(world.own(merge)).toEqual([note])
  expect(note?.body).toContain(PRESENT)
  expect(await known(PRESENT)).toMatchObject({ head: shaOf('b') })
  expect(await known(FORMER)).toBeNull()
  expect(world.gitlab.state.violations).toEqual([])
})

test('without a webhook the next answer of GitLab tells: evidence that comes late finds the merge request', async () => {
  const merge = await world.open()
  await until(() => world.statusOf(shaOf('a'))?.status === 'success')
  world.deliverBy(async () => {})
  world.gitlab.rename(FORMER, PRESENT)
  await world.witness(shaOf('a'), FORMER)
  await until(() => world.own(merge).length === 1)
  await until(async () => (await known(PRESENT))?.sessions === 1)
  expect(await known(FORMER)).toBeNull()
})

test('without a webhook the clock tells, of a project that went to another group of the organisation too', async () => {
  const merge = await reported()
  world.deliverBy(async () => {})
  await world.addGroup(world.group + 50_000, 'umbrella')
  const moved = 'umbrella/shop'
  world.gitlab.rename(FORMER, moved)
  await push('b', moved)
  await world.witness(shaOf('b'), moved)
  expect((await reconcile(env, new Date())).noticed).toBe(1)
  await until(() => world.statusOf(shaOf('b'), moved)?.status === 'success')
  await until(async () => (await known(moved))?.head === shaOf('b'))
  expect(world.own(merge)).toHaveLength(1)
  expect(await known(FORMER)).toBeNull()
})

test('a group that is renamed keeps its claim, and its projects their merge requests', async () => {
  const merge = await reported()
  world.gitlab.renameGroup('acme', 'apex')
  const moved = 'apex/tools/shop'
  await reconcile(env, new Date())
  await until(async () => (await known(moved)) !== null)
  await push('b', moved)
  await world.witness(shaOf('b'), moved)
  await until(() => world.statusOf(shaOf('b'), moved)?.status === 'success')
  expect(world.own(merge)).toHaveLength(1)
  expect(await known(FORMER)).toBeNull()
})

test('a new project that takes the former name is another one, and mixes with nothing', async () => {
  const merge = await reported()
  world.gitlab.rename(FORMER, PRESENT)
  await world.gitlab.push(FORMER, 'main', { id: shaOf('1'), message: 'Begin anew', files: {} })
  await world.gitlab.push(FORMER, 'topic', { id: shaOf('2'), message: 'Other', files: { 'src/other.ts': hunk } })
  const other = await world.gitlab.openMergeRequest(FORMER, { branch: 'topic', title: 'Of the new project' })
  await until(() => world.statusOf(shaOf('2'), FORMER)?.status === 'success')
  await until(async () => (await known(FORMER))?.title === 'Of the new project')
  await until(async () => (await known(PRESENT))?.head === shaOf('a'))
  expect(world.own(merge)).toHaveLength(1)
  expect(world.own(other)).toHaveLength(0)
})

test('evidence of a merge request whose name another project took reaches that merge request, not the other', async () => {
  const merge = await world.open()
  await until(() => world.statusOf(shaOf('a'))?.status === 'success')
  world.deliverBy(async () => {})
  world.gitlab.rename(FORMER, PRESENT)
  await world.gitlab.push(FORMER, 'main', { id: shaOf('1'), message: 'Begin anew', files: {} })
  await world.gitlab.push(FORMER, 'topic', { id: shaOf('2'), message: 'Other', files: { 'src/other.ts': hunk } })
  const other = await world.gitlab.openMergeRequest(FORMER, { branch: 'topic', title: 'Of the new project' })
  await world.witness(shaOf('a'), PRESENT)
  await until(() => world.own(merge).length === 1)
  expect(world.own(other)).toHaveLength(0)
  expect(await known(PRESENT)).toMatchObject({ head: shaOf('a') })
})

test('a webhook that comes late, under a name that is none any more, undoes nothing', async () => {
  const merge = await reported()
  const late: { readonly event: string; readonly key: string; readonly body: string }[] = []
  world.deliverBy(async (delivery) => {
    late.push(delivery)
  })
  await world.gitlab.note(FORMER, merge, 'stemma: run again')
  world.deliverBy(null)
  world.gitlab.rename(FORMER, PRESENT)
  await push('b', PRESENT)
  await until(async () => (await known(PRESENT))?.head === shaOf('b'))
  for (const { event, key, body } of late) {
    const headers = { 'x-gitlab-event': event, 'x-gitlab-token': world.hook.token, 'idempotency-key': key }
    const answer = await request(world.hook.url, { method: 'POST', headers, body })
    const { id = '' } = (await answer.json()) as { readonly id?: string }
    await until(async () => (await findDelivery(openDatabase(env.DB), id))?.state === 'done')
  }
  expect(await known(PRESENT)).toMatchObject({ head: shaOf('b') })
  expect(await known(FORMER)).toBeNull()
  await push('c', PRESENT)
  await until(async () => (await known(PRESENT))?.head === shaOf('c'))
  expect(await known(FORMER)).toBeNull()
  expect(late).toHaveLength(1)
})

test('a project that left for a group of somebody else is followed nowhere', async () => {
  await reported()
  const { id } = world.gitlab.project(FORMER)
  world.gitlab.rename(FORMER, 'strangers/shop')
  const { organisation, group } = world
  await onRepositoryMoved({ type: 'repository-moved', organisation, installation: -group, repository: FORMER, id }, env)
  expect(world.gitlab.state.requests).toContain(`GET /api/v4/projects/${id}`)
  expect(await known('strangers/shop')).toBeNull()
  expect(await known(FORMER)).not.toBeNull()
})
