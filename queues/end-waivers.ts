/** What the clock does for waivers: pull requests learn that one has ended, and what a crash left unlogged is logged. */
import type { Env } from '#worker/env.ts'
import { openDatabase } from '#worker/store/database.ts'
import { logWaiver } from '#worker/store/log-waiver.ts'
import { endedWaivers, markEnded, touchScope, unloggedWaivers } from '#worker/store/waivers.ts'

/** For one turn of the clock, every five minutes; the rest waits for the next one. */
const MAX_WAIVERS = 100

/** How many ended. One that fails keeps no other waiting, and is tried again at the next turn. */
export async function endWaivers(env: Env, at: Date): Promise<number> {
  const database = openDatabase(env.DB)
  const now = at.toISOString()
  for (const { organisation, id, statement } of await unloggedWaivers(database, MAX_WAIVERS)) {
    await attempt(() => logWaiver(organisation, env, { id, statement, at: now }))
  }
  let ended = 0
  for (const { organisation, id, scope } of await endedWaivers(database, { now, limit: MAX_WAIVERS })) {
    const isTold = await attempt(async () => {
      await touchScope(env, organisation, scope)
      await markEnded(organisation, database, { id, now })
    })
    if (isTold) ended++
  }
  return ended
}

async function attempt(work: () => Promise<void>): Promise<boolean> {
  try {
    await work()
    return true
  } catch (error) {
    console.warn(JSON.stringify({ clock: 'waivers', problem: String(error) }))
    return false
  }
}
