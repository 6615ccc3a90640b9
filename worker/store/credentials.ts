/** Credentials: what proves who asks. Here the organisation is the answer, never a question. */
import { and, eq, gt, isNull, or } from 'drizzle-orm'
import type { Role } from '#core/api/account.ts'
import type { Database } from './database.ts'
import { type CredentialKind, credentials, keys, organisations, people } from './schema.ts'

/** Who asks, and for which organisation. */
export interface Principal {
  readonly organisation: { readonly id: string; readonly name: string }
  readonly person: { readonly id: string; readonly name: string }
  readonly role: Role
  readonly kind: CredentialKind
  readonly expiresAt: string | null
  /** The key with which a device's token falls; null of all others. */
  readonly keyId: string | null
}

/** null for what is unknown, expired, used or revoked. `digest` = hex SHA-256 of the secret. */
export async function findPrincipal(database: Database, digest: string, now: string): Promise<Principal | null> {
  const [row] = await database
    .select({
      organisation: { id: organisations.id, name: organisations.name },
      person: { id: people.id, name: people.name },
      role: credentials.role,
      kind: credentials.kind,
      expiresAt: credentials.expiresAt,
      keyId: credentials.keyId,
    })
    .from(credentials)
    .innerJoin(organisations, eq(organisations.id, credentials.organisation))
    .innerJoin(people, and(eq(people.organisation, credentials.organisation), eq(people.id, credentials.person)))
    .where(and(eq(credentials.digest, digest), isValid(now)))
  return row ?? null
}

export interface NewCredential {
  readonly digest: string
  readonly person: string
  readonly kind: CredentialKind
  readonly role: Role
  readonly now: string
  readonly expiresAt: string | null
}

export async function issueCredential(
  organisation: string,
  database: Database,
  { now, ...credential }: NewCredential,
): Promise<void> {
  await database.insert(credentials).values({ organisation, ...credential, createdAt: now })
}

/** Every auditor's token of the organisation ends. */
export async function revokeAuditors(organisation: string, database: Database, now: string): Promise<void> {
  await database
    .update(credentials)
    .set({ revokedAt: now })
    .where(
      and(eq(credentials.organisation, organisation), eq(credentials.kind, 'auditor'), isNull(credentials.revokedAt)),
    )
}

/** Whoever knows the secret of a browser's session may end it. */
export async function endBrowserSession(database: Database, digest: string, now: string): Promise<void> {
  await database
    .update(credentials)
    .set({ revokedAt: now })
    .where(and(eq(credentials.digest, digest), eq(credentials.kind, 'browser')))
}

/** Uses a sign-in link up and opens a browser session in its stead; false where it was used or is too old. */
export async function exchangeSignIn(
  database: Database,
  link: string,
  session: { readonly digest: string; readonly now: string; readonly expiresAt: string },
): Promise<boolean> {
  const [used] = await database
    .update(credentials)
    .set({ usedAt: session.now })
    .where(and(eq(credentials.digest, link), eq(credentials.kind, 'sign-in'), isValid(session.now)))
    .returning({
      organisation: credentials.organisation,
      person: credentials.person,
      role: credentials.role,
    })
  if (used === undefined) return false
  await database.insert(credentials).values({
    ...used,
    digest: session.digest,
    kind: 'browser',
    createdAt: session.now,
    expiresAt: session.expiresAt,
  })
  return true
}

export interface Enrolment {
  /** Digest of the enrolment token that is used up. */
  readonly digest: string
  readonly key: { readonly id: string; readonly spki: string; readonly name: string }
  /** Digest of the token that the device gets. */
  readonly deviceDigest: string
  readonly now: string
}

/**
 * Uses the token up, enrols the key and issues the device's token, all or nothing.
 * `taken`: the organisation knows the key as somebody else's or as revoked; the token is not used up then.
 */
export async function enrolKey(
  organisation: string,
  database: Database,
  { person, digest, key, deviceDigest, now }: Enrolment & { readonly person: string },
): Promise<'enrolled' | 'taken' | 'used'> {
  const [known] = await database
    .select({ person: keys.person, revokedAt: keys.revokedAt })
    .from(keys)
    .where(and(eq(keys.organisation, organisation), eq(keys.id, key.id)))
  if (known !== undefined && (known.person !== person || known.revokedAt !== null)) return 'taken'

  const [used] = await database
    .update(credentials)
    .set({ usedAt: now, keyId: key.id })
    .where(
      and(
        eq(credentials.organisation, organisation),
        eq(credentials.digest, digest),
        eq(credentials.kind, 'enrolment'),
        isValid(now),
      ),
    )
    .returning({ role: credentials.role })
  if (used === undefined) return 'used'
  await database.batch([
    database
      .insert(keys)
      .values({ organisation, ...key, person, createdAt: now })
      .onConflictDoNothing(),
    database.insert(credentials).values({
      organisation,
      digest: deviceDigest,
      person,
      kind: 'device',
      role: 'member',
      keyId: key.id,
      createdAt: now,
    }),
  ])
  return 'enrolled'
}

function isValid(now: string) {
  return and(
    isNull(credentials.usedAt),
    isNull(credentials.revokedAt),
    or(isNull(credentials.expiresAt), gt(credentials.expiresAt, now)),
  )
}
