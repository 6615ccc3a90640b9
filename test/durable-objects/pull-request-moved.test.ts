/** A repository that is renamed while its pull request is being read. */
import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { findPullRequest, pullRequestName } from '#worker/store/pull-requests.ts'
import { database } from './opened-pull-request.ts'
import { freshForEachTest, openPull, world } from './pull-request-world.ts'

freshForEachTest()

test('nothing is written under the name that it had, and no turn fails for ever', async () => {
  const one = await openPull(world)
  await one.observe()
  const { id: organisation } = world.organisation
  const moved = { repository: 'octo/gadgets', number: one.number }
  let isMoved = false
  world.github.answer(async ({ path }) => {
    if (isMoved || !path.includes('/pulls/') || !path.includes('/commits')) return null
    isMoved = true
    const object = env.PULL_REQUEST.getByName(pullRequestName(organisation, one.key))
    await object.moveTo({ organisation, installation: one.installation, ...moved })
    return null
  })
  await one.turn()
  expect(isMoved).toBe(true)
  expect(await findPullRequest(organisation, database, one.key)).toBeNull()
  // All that was known went along, and no alarm is left behind.
  expect(await one.plannedAt()).toBeNull()
})
