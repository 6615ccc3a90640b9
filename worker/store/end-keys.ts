/** Revoked keys -> the organisation's log, which from then on takes nothing by them and holds a signed word of each. */
import type { KeyRevocation } from '#core/evidence/key-revocation.ts'
import type { Database } from './database.ts'
import { listKeys } from './keys.ts'

/** What of the Worker's bindings this needs. */
interface Log {
  readonly EVIDENCE_LOG: {
    getByName(name: string): { endKeys(ends: readonly KeyRevocation[], now: string): Promise<void> }
  }
}

/**
 * Every revoked key of the organisation, those included whose end could not be logged when it came: what is logged already
 * costs nothing.
 */
export async function endKeys(
  organisation: string,
  env: Log,
  { database, now }: { readonly database: Database; readonly now: string },
): Promise<void> {
  const ends = (await listKeys(organisation, database)).flatMap(({ id: keyId, revokedAt }) =>
    revokedAt === null ? [] : [{ keyId, revokedAt }],
  )
  if (ends.length > 0) await env.EVIDENCE_LOG.getByName(organisation).endKeys(ends, now)
}
