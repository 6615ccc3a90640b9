/** Enrolled keys of an organisation. */
import { and, asc, desc, eq, inArray, isNull, or } from 'drizzle-orm'
import type { Database } from './database.ts'
import { credentials, keys, people } from './schema.ts'

export interface KeyRow {
  readonly id: string
  readonly name: string
  readonly person: { readonly id: string; readonly name: string }
  readonly createdAt: string
  readonly revokedAt: string | null
}

export interface StoredKey {
  readonly id: string
  readonly person: string
  /** base64 of the SPKI. */
  readonly spki: string
  readonly revokedAt: string | null
}

/** Keys that may have made a signature: those that it hints at, and those of the person who sends it. */
export async function candidateKeys(
  organisation: string,
  database: Database,
  { ids, person }: { readonly ids: readonly string[]; readonly person: string },
): Promise<readonly StoredKey[]> {
  return (
    database
      .select({ id: keys.id, person: keys.person, spki: keys.spki, revokedAt: keys.revokedAt })
      .from(keys)
      .where(and(eq(keys.organisation, organisation), or(inArray(keys.id, [...ids]), eq(keys.person, person))))
      // Those that are hinted at first, so that the limit never cuts them off.
      .orderBy(desc(inArray(keys.id, [...ids])), asc(keys.id))
      .limit(MAX_CANDIDATES)
  )
}

/** A person has one key for each machine; each candidate costs one signature check of 50 µs. */
const MAX_CANDIDATES = 50

export async function listKeys(organisation: string, database: Database): Promise<readonly KeyRow[]> {
  return database
    .select({
      id: keys.id,
      name: keys.name,
      person: { id: people.id, name: people.name },
      createdAt: keys.createdAt,
      revokedAt: keys.revokedAt,
    })
    .from(keys)
    .innerJoin(people, and(eq(people.organisation, keys.organisation), eq(people.id, keys.person)))
    .where(eq(keys.organisation, organisation))
    .orderBy(asc(keys.createdAt), asc(keys.id))
}

/** Revokes the key and the tokens of its device. null: no such key. The first revocation keeps its time. */
export async function revokeKey(
  organisation: string,
  database: Database,
  { id, person, now }: { readonly id: string; readonly person: string | null; readonly now: string },
): Promise<KeyRow | null> {
  const own = person === null ? undefined : eq(keys.person, person)
  const mine = and(eq(keys.organisation, organisation), eq(keys.id, id), own)
  const [revoked] = await database
    .update(keys)
    .set({ revokedAt: now })
    .where(and(mine, isNull(keys.revokedAt)))
    .returning({ id: keys.id })
  if (revoked !== undefined) {
    await database
      .update(credentials)
      .set({ revokedAt: now })
      .where(and(eq(credentials.organisation, organisation), eq(credentials.keyId, id), isNull(credentials.revokedAt)))
  }
  const [row] = await database
    .select({
      id: keys.id,
      name: keys.name,
      person: { id: people.id, name: people.name },
      createdAt: keys.createdAt,
      revokedAt: keys.revokedAt,
    })
    .from(keys)
    .innerJoin(people, and(eq(people.organisation, keys.organisation), eq(people.id, keys.person)))
    .where(mine)
  return row ?? null
}
