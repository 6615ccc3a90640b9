/** A repository by its id: under whatever name it is spoken of, what is stored of it stands under its present one. */
import { isFault } from '#core/fault.ts'
import { forgeOf, isWithin } from '#core/installation.ts'
import type { ForgeRepository } from '#core/ports.ts'
import type { Env } from '#worker/env.ts'
import { openForgeOf } from '#worker/forge.ts'
import type { Database } from '#worker/store/database.ts'
import { installationsOf } from '#worker/store/installations.ts'
import { pullRequestName, pullRequestsOf } from '#worker/store/pull-requests.ts'
import { forgetRepository, repositoriesOf, saveRepository } from '#worker/store/repository-ids.ts'
import { renameRepository } from '#worker/store/repository-names.ts'

export interface Place {
  readonly organisation: string
  readonly database: Database
  readonly env: Env
}

export interface SpokenOf extends ForgeRepository {
  readonly installation: number
  /** Names that it is known to have had. */
  readonly formers?: readonly string[]
}

export interface Followed {
  readonly installation: number
  readonly repository: string
}

/**
 * Where it is now. What is said may be old, so that a name that differs from the known one is looked up; nothing else is.
 * Idempotent. Throws where the forge cannot be asked, so that the queue tries again.
 */
export async function followRepository(
  { installation, id, name, formers = [] }: SpokenOf,
  place: Place,
): Promise<Followed> {
  const { organisation, database } = place
  const forge = forgeOf(installation)
  const stored = await repositoriesOf(organisation, database, { forge, id, name })
  const known = stored.find((one) => one.id === id)?.name ?? null
  const isShared = stored.some((one) => one.id !== id)
  if (known === name && !isShared && formers.length === 0) return { installation, repository: name }

  const isNews = (known ?? name) !== name || isShared || formers.length > 0
  const asked = isNews ? await presentName(installation, id, place) : name
  // Which of two that are said to bear one name does so cannot be told.
  if (asked === null && isShared) return { installation, repository: known ?? name }
  const present = asked ?? name
  const home = await homeOf(present, installation, place)
  // Out of what belongs to the organisation nothing follows.
  if (home === null) return { installation, repository: known ?? name }
  const holdersOf = async (wanted: string) =>
    (await repositoriesOf(organisation, database, { forge, id, name: wanted })).filter((one) => one.id !== id)
  for (const other of await holdersOf(present)) await giveWay({ ...other, installation }, present, place)
  for (const former of new Set([...formers, known ?? name, name])) {
    if (former === present || (await holdersOf(former)).length > 0) continue
    await moveRepository(former, { installation: home, repository: present }, place)
  }
  await saveRepository(organisation, database, { forge, id, name: present })
  return { installation: home, repository: present }
}

/** Another one bore the name: it has left it, and takes along what is its own, before anything is mixed. */
async function giveWay(
  { id, installation }: ForgeRepository & { readonly installation: number },
  taken: string,
  place: Place,
): Promise<void> {
  const { organisation, database } = place
  const forge = forgeOf(installation)
  const present = await presentName(installation, id, place)
  const home = present === null ? null : await homeOf(present, installation, place)
  if (present === null || present === taken || home === null) {
    return forgetRepository(organisation, database, { forge, id })
  }
  await moveRepository(taken, { installation: home, repository: present }, place)
  await saveRepository(organisation, database, { forge, id, name: present })
}

/** null where the forge shows us none of this id, or is not connected. */
async function presentName(installation: number, id: number, { env }: Place): Promise<string | null> {
  try {
    return (await openForgeOf(env, installation).repository(id)).name
  } catch (error) {
    if (isFault(error) && (error.code === 'not-found' || error.code === 'unavailable')) return null
    throw error
  }
}

/** The installation through which the organisation reaches it; null where it went to a group that is not its own. */
async function homeOf(name: string, installation: number, { organisation, database }: Place): Promise<number | null> {
  // GitHub tells of what an installation reaches only, whatever the account is called by now.
  if (forgeOf(installation) === 'github') return installation
  const own = (await installationsOf(organisation, database)).filter(
    ({ id, account }) => forgeOf(id) === 'gitlab' && isWithin(account, name),
  )
  return own.some(({ id }) => id === installation) ? installation : (own[0]?.id ?? null)
}

/** Objects first, rows last: by the rows the next attempt finds what this one did not reach. */
export async function moveRepository(
  former: string,
  { installation, repository }: Followed,
  { organisation, database, env }: Place,
): Promise<void> {
  for (const { number } of await pullRequestsOf(organisation, database, former)) {
    const object = env.PULL_REQUEST.getByName(pullRequestName(organisation, { repository: former, number }))
    await object.moveTo({ organisation, installation, repository, number })
  }
  // What waits may wait at the one through which it was reached before.
  const own = (await installationsOf(organisation, database)).filter(({ id }) => forgeOf(id) === forgeOf(installation))
  for (const id of new Set([installation, ...own.map((one) => one.id)])) {
    await env.GITHUB_OUTBOX.getByName(String(id)).rename(former, repository)
  }
  await renameRepository(organisation, database, { former, present: repository })
}
