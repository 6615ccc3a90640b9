/** SSH keys that nobody enrolled, but that a person publishes on GitHub: good as long as they are there. */
import type { Envelope } from '#core/evidence/envelope.ts'
import { readKeyText, sshKeyLine } from '#core/evidence/ssh-key.ts'
import { isSshSignature } from '#core/evidence/ssh-signature.ts'
import { isFault } from '#core/fault.ts'
import type { Env } from '../env.ts'
import type { Principal } from '../store/credentials.ts'
import type { Database } from '../store/database.ts'
import { findLogin, installationsOf } from '../store/identity.ts'
import { listKeys, notePublishedKey, revokeKey } from '../store/keys.ts'
import { type EnrolledTrust, forgetKeys } from '../trust.ts'
import { publishedKeys } from './github-account.ts'

/** For so long the account is not asked again: a push sends many pieces of evidence within seconds. */
const FRESH_MS = 60_000

/** Whether the envelope may be signed by a key that only the person's account can vouch for. */
export function asksForAccount(envelope: Envelope, keys: readonly EnrolledTrust[], now: string): boolean {
  const vouched = keys.filter(
    ({ publishedAt }) => publishedAt === null || Date.parse(now) - Date.parse(publishedAt) < FRESH_MS,
  )
  return envelope.signatures.some(
    ({ keyid, bytes }) => isSshSignature(bytes) && !vouched.some(({ publicKey }) => publicKey.id === keyid),
  )
}

/**
 * What the person's account publishes now becomes known with this time, and what it no longer publishes is revoked for
 * good. false where no account can be asked. Throws forge-unavailable or rate-limited.
 */
export async function takePublishedKeys(env: Env, principal: Principal, database: Database): Promise<boolean> {
  const { organisation, person } = principal
  const [installation] = await installationsOf(organisation.id, database)
  const login = await findLogin(organisation.id, database, person.id)
  if (installation === undefined || login === null) return false
  const lines = await publishedKeys(env, { login, installation })
  if (lines === null) return false
  const now = new Date().toISOString()
  const present = new Set<string>()
  for (const line of lines) {
    const id = await idOf(line)
    if (id === null) continue
    present.add(id)
    const name = `${login}'s on GitHub`.slice(0, 100)
    await notePublishedKey(organisation.id, database, { id, spki: sshKeyLine(line), name, person: person.id, now })
  }
  for (const key of await listKeys(organisation.id, database)) {
    const isGone = key.person.id === person.id && key.publishedAt !== null && !present.has(key.id)
    if (isGone && key.revokedAt === null) {
      await revokeKey(organisation.id, database, { id: key.id, person: person.id, now })
    }
  }
  forgetKeys()
  return true
}

/** null for kinds of keys that are not taken: an account may well publish some. */
async function idOf(line: string): Promise<string | null> {
  try {
    return (await readKeyText(sshKeyLine(line))).id
  } catch (fault) {
    if (isFault(fault)) return null
    throw fault
  }
}
