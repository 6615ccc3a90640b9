/** The keys by which an organisation's evidence is judged, remembered for a moment. */
import type { Pipeline } from '#core/api/identity.ts'
import { readKeyText } from '#core/evidence/ssh-key.ts'
import type { TrustedKey } from '#core/evidence/verify.ts'
import { CREDENTIAL_MEMORY_MS } from './middleware/authenticate.ts'
import type { Database } from './store/database.ts'
import { candidateKeys } from './store/keys.ts'

export interface EnrolledTrust extends TrustedKey {
  readonly person: string
  /** When it was last seen on its person's GitHub account; null: enrolled. */
  readonly publishedAt: string | null
  readonly pipeline: Pipeline | null
}

/** As for credentials: a revocation is seen at once in the isolate that did it, and within this time in all others. */
const KEY_MEMORY_MS = CREDENTIAL_MEMORY_MS
const MAX_REMEMBERED = 1_000

const remembered = new Map<string, { readonly keys: readonly EnrolledTrust[]; readonly until: number }>()

export function forgetKeys(): void {
  remembered.clear()
}

/** `hints`: key ids that an envelope names; they only narrow the search. */
export async function trustedKeys(
  organisation: string,
  database: Database,
  { hints, person }: { readonly hints: readonly string[]; readonly person: string },
): Promise<readonly EnrolledTrust[]> {
  const ids = [...new Set(hints)].sort()
  const name = JSON.stringify([organisation, person, ids])
  const known = remembered.get(name)
  if (known !== undefined && known.until > Date.now()) return known.keys

  const stored = await candidateKeys(organisation, database, { ids, person })
  const keys = await Promise.all(
    stored.map(async ({ spki, revokedAt, person: owner, publishedAt, pipeline }) => ({
      publicKey: await readKeyText(spki),
      revokedAt,
      person: owner,
      publishedAt,
      pipeline,
    })),
  )
  // What is not there yet is not remembered: a key works at once after its enrolment.
  if (ids.every((id) => keys.some(({ publicKey }) => publicKey.id === id))) {
    if (remembered.size >= MAX_REMEMBERED) remembered.clear()
    remembered.set(name, { keys, until: Date.now() + KEY_MEMORY_MS })
  }
  return keys
}
