/** Enrolled keys of an organisation. */
import { and, asc, desc, eq, inArray, isNull, or, sql } from 'drizzle-orm'
import type { Pipeline } from '#core/api/identity.ts'
import type { Database } from './database.ts'
import { credentials, keys, people } from './schema.ts'

export interface KeyRow {
  readonly id: string
  readonly name: string
  readonly person: { readonly id: string; readonly name: string }
  readonly createdAt: string
  readonly revokedAt: string | null
  /** As in the table. */
  readonly publicKey: string
  readonly expiresAt: string | null
  readonly publishedAt: string | null
  /** Name of the repository; null: a person's key. */
  readonly pipeline: string | null
}

export interface StoredKey {
  readonly id: string
  readonly person: string
  /** Read by `readKeyText`. */
  readonly spki: string
  /** When it was revoked or expires, whichever comes first: from then on nothing is taken that it signed. */
  readonly revokedAt: string | null
  readonly publishedAt: string | null
  readonly pipeline: Pipeline | null
}

/** Keys that may have made a signature: those that it hints at, and those of the person who sends it. */
export async function candidateKeys(
  organisation: string,
  database: Database,
  { ids, person }: { readonly ids: readonly string[]; readonly person: string },
): Promise<readonly StoredKey[]> {
  const rows = await database
    .select({
      id: keys.id,
      person: keys.person,
      spki: keys.spki,
      revokedAt: keys.revokedAt,
      expiresAt: keys.expiresAt,
      publishedAt: keys.publishedAt,
      pipeline: keys.pipeline,
    })
    .from(keys)
    .where(and(eq(keys.organisation, organisation), or(inArray(keys.id, [...ids]), eq(keys.person, person))))
    // Those that are hinted at first, so that the limit never cuts them off.
    .orderBy(desc(inArray(keys.id, [...ids])), asc(keys.id))
    .limit(MAX_CANDIDATES)
  return rows.map(({ expiresAt, ...row }) => ({ ...row, revokedAt: earlier(row.revokedAt, expiresAt) }))
}

function earlier(left: string | null, right: string | null): string | null {
  if (left === null || right === null) return left ?? right
  return left < right ? left : right
}

/** A person has one key for each machine; each candidate costs one signature check of 50 µs. */
const MAX_CANDIDATES = 50

const listed = {
  id: keys.id,
  name: keys.name,
  person: { id: people.id, name: people.name },
  createdAt: keys.createdAt,
  revokedAt: keys.revokedAt,
  publicKey: keys.spki,
  expiresAt: keys.expiresAt,
  publishedAt: keys.publishedAt,
  pipeline: keys.pipeline,
}

/** Of a pipeline the repository tells enough; what else it said stays with its key. */
function rowOf<Row extends { readonly pipeline: Pipeline | null }>(row: Row) {
  return { ...row, pipeline: row.pipeline?.repository ?? null }
}

export async function listKeys(organisation: string, database: Database): Promise<readonly KeyRow[]> {
  const rows = await database
    .select(listed)
    .from(keys)
    .innerJoin(people, and(eq(people.organisation, keys.organisation), eq(people.id, keys.person)))
    .where(eq(keys.organisation, organisation))
    .orderBy(asc(keys.createdAt), asc(keys.id))
  return rows.map(rowOf)
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
    .select(listed)
    .from(keys)
    .innerJoin(people, and(eq(people.organisation, keys.organisation), eq(people.id, keys.person)))
    .where(mine)
  return row === undefined ? null : rowOf(row)
}

export interface NewKey {
  readonly id: string
  readonly spki: string
  readonly name: string
  readonly person: string
  readonly now: string
}

/** `taken`: the organisation knows the key as another person's, or as revoked. */
export async function isKeyFree(
  organisation: string,
  database: Database,
  { id, person }: { readonly id: string; readonly person: string },
): Promise<boolean> {
  const [known] = await database
    .select({ person: keys.person, revokedAt: keys.revokedAt })
    .from(keys)
    .where(and(eq(keys.organisation, organisation), eq(keys.id, id)))
  return known === undefined || (known.person === person && known.revokedAt === null)
}

interface KeyAddition {
  readonly key: NewKey
  readonly deviceDigest: string
  /** Of key and token alike. */
  readonly expiresAt?: string | null
  readonly pipeline?: Pipeline | null
}

/** Enrols a key and issues the token of its device, both or neither. */
export async function addKey(organisation: string, database: Database, addition: KeyAddition): Promise<void> {
  await database.batch(additionOf(organisation, database, addition))
}

/**
 * The new key takes the place of the old one, whose tokens fall with it: all of it or nothing. `gone`: the old key was
 * revoked before.
 */
export async function replaceKey(
  organisation: string,
  database: Database,
  { old, ...addition }: KeyAddition & { readonly old: string },
): Promise<'replaced' | 'gone'> {
  const { now } = addition.key
  const isOld = and(eq(keys.organisation, organisation), eq(keys.id, old), isNull(keys.revokedAt))
  const [living] = await database.select({ id: keys.id }).from(keys).where(isOld)
  if (living === undefined) return 'gone'
  await database.batch([
    database.update(keys).set({ revokedAt: now }).where(isOld),
    database
      .update(credentials)
      .set({ revokedAt: now })
      .where(
        and(eq(credentials.organisation, organisation), eq(credentials.keyId, old), isNull(credentials.revokedAt)),
      ),
    ...additionOf(organisation, database, addition),
  ])
  return 'replaced'
}

function additionOf(
  organisation: string,
  database: Database,
  { key: { now, ...key }, deviceDigest, expiresAt = null, pipeline = null }: KeyAddition,
) {
  return [
    database
      .insert(keys)
      .values({ organisation, ...key, createdAt: now, expiresAt, pipeline })
      .onConflictDoNothing(),
    database.insert(credentials).values({
      organisation,
      digest: deviceDigest,
      person: key.person,
      kind: 'device',
      role: 'member',
      keyId: key.id,
      createdAt: now,
      expiresAt,
    }),
  ] as const
}

/** A key that is on its person's GitHub account, seen there now. Others' and revoked ones stay as they are. */
export async function notePublishedKey(organisation: string, database: Database, key: NewKey): Promise<void> {
  const { now, ...values } = key
  await database
    .insert(keys)
    .values({ organisation, ...values, createdAt: now, publishedAt: now })
    .onConflictDoUpdate({
      target: [keys.organisation, keys.id],
      set: { publishedAt: now },
      // Evidence of a machine's own key, or of somebody else's, never becomes that of an account.
      setWhere: sql`${keys.organisation} = ${organisation} and ${keys.person} = ${key.person}
        and ${keys.revokedAt} is null and ${keys.publishedAt} is not null`,
    })
}
