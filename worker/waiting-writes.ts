/** What the outboxes of an organisation's installations still hold. */
import { type ForgeName, forgeOf } from '#core/installation.ts'
import type { Env } from './env.ts'
import type { WaitingWrites } from './judge-writes.ts'
import { openDatabase } from './store/database.ts'
import { installationsOf } from './store/installations.ts'

export async function waitingWrites(
  env: Env,
  organisation: string,
  forge: ForgeName,
): Promise<readonly WaitingWrites[]> {
  const installations = await installationsOf(organisation, openDatabase(env.DB))
  const own = installations.filter(({ id }) => forgeOf(id) === forge)
  return Promise.all(
    own.map(async ({ id, account }) => ({
      account,
      writes: await env.GITHUB_OUTBOX.getByName(String(id)).pending(),
    })),
  )
}
