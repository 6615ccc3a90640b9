/** Organisations and their people. */
import { eq, sql } from 'drizzle-orm'
import type { Role, Setup } from '#core/api/account.ts'
import type { LogReaders } from '#core/api/log.ts'
import { installationId } from '#core/installation.ts'
import type { Database } from './database.ts'
import { credentials, installations, organisations, people } from './schema.ts'

export interface NewOrganisation {
  readonly name: string
  readonly administrator: { readonly id: string; readonly name: string; readonly login: string }
  readonly installations: Setup['installations']
  readonly tokenDigest: string
  readonly now: string
}

/** All or nothing. false where an installation belongs to an organisation already. */
export async function createOrganisation(
  organisation: string,
  database: Database,
  { name, administrator, installations: owned, tokenDigest, now }: NewOrganisation,
): Promise<boolean> {
  try {
    await database.batch([
      database.insert(organisations).values({ id: organisation, name, createdAt: now }),
      database.insert(people).values({ organisation, ...administrator, role: 'administrator', createdAt: now }),
      database.insert(credentials).values({
        digest: tokenDigest,
        organisation,
        person: administrator.id,
        kind: 'token',
        role: 'administrator',
        createdAt: now,
      }),
      ...owned.map(({ forge, id, account }) =>
        database.insert(installations).values({ id: installationId(forge, id), organisation, account }),
      ),
    ])
    return true
  } catch (error) {
    if (isUniqueViolation(error)) return false
    throw error
  }
}

/** The person with that login, made a member where there is none yet. */
export async function enlistPerson(
  organisation: string,
  database: Database,
  person: { readonly id: string; readonly name: string; readonly login: string; readonly now: string },
): Promise<{ readonly id: string; readonly name: string; readonly role: Role }> {
  const [row] = await database
    .insert(people)
    .values({
      organisation,
      id: person.id,
      name: person.name,
      login: person.login,
      role: 'member',
      createdAt: person.now,
    })
    // A no-op update, so that the row comes back in the same round trip.
    .onConflictDoUpdate({ target: [people.organisation, people.login], set: { login: sql`excluded.login` } })
    .returning({ id: people.id, name: people.name, role: people.role })
  if (row === undefined) throw new Error('an upsert gave no row')
  return row
}

/** null where there is no such organisation. */
export async function findLogReaders(organisation: string, database: Database): Promise<LogReaders | null> {
  const [row] = await database
    .select({ readers: organisations.logReaders })
    .from(organisations)
    .where(eq(organisations.id, organisation))
  return row?.readers ?? null
}

export async function setLogReaders(organisation: string, database: Database, readers: LogReaders): Promise<void> {
  await database.update(organisations).set({ logReaders: readers }).where(eq(organisations.id, organisation))
}

function isUniqueViolation(error: unknown): boolean {
  const text = error instanceof Error ? `${error.message} ${String(error.cause)}` : String(error)
  return text.includes('UNIQUE constraint failed')
}
