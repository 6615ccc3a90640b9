/** GitHub App installations: by these a webhook finds its organisation. */
import { and, asc, eq, inArray, isNotNull, ne } from 'drizzle-orm'
import type { ClaimedInstallation } from '#core/api/account.ts'
import { installationId } from '#core/installation.ts'
import type { Database } from './database.ts'
import { installations, organisations, sessions } from './schema.ts'

/** null where no organisation has claimed the installation at its set-up. */
export async function organisationOfInstallation(database: Database, installation: number): Promise<string | null> {
  const [row] = await database
    .select({ organisation: installations.organisation })
    .from(installations)
    .where(eq(installations.id, installation))
  return row?.organisation ?? null
}

/** Whose it is, and what it is called at its forge; null where no organisation has claimed it. */
export async function findInstallation(
  database: Database,
  installation: number,
): Promise<{ readonly organisation: string; readonly account: string } | null> {
  const [row] = await database
    .select({ organisation: installations.organisation, account: installations.account })
    .from(installations)
    .where(eq(installations.id, installation))
  return row ?? null
}

/** After the App was uninstalled; what was stored of its repositories stays with the organisation. */
export async function removeInstallation(database: Database, installation: number): Promise<void> {
  await database.delete(installations).where(eq(installations.id, installation))
}

export async function listInstallations(database: Database): Promise<readonly number[]> {
  const rows = await database.select({ id: installations.id }).from(installations)
  return rows.map(({ id }) => id)
}

/** The forge says that it is called so now. */
export async function keepAccount(
  organisation: string,
  database: Database,
  { id, account }: { readonly id: number; readonly account: string },
): Promise<void> {
  await database
    .update(installations)
    .set({ account })
    .where(
      and(eq(installations.organisation, organisation), eq(installations.id, id), ne(installations.account, account)),
    )
}

export async function installationsOf(
  organisation: string,
  database: Database,
): Promise<readonly { readonly id: number; readonly account: string }[]> {
  return database
    .select({ id: installations.id, account: installations.account })
    .from(installations)
    .where(eq(installations.organisation, organisation))
    .orderBy(asc(installations.account))
}

/** A page of them is more than anybody works off in one sitting. */
const MAX_REPOSITORIES_SEEN = 100

/** Repositories of which sessions came, by name. */
export async function repositoriesSeen(organisation: string, database: Database): Promise<readonly string[]> {
  const rows = await database
    .selectDistinct({ repository: sessions.repository })
    .from(sessions)
    .where(and(eq(sessions.organisation, organisation), isNotNull(sessions.repository)))
    .orderBy(asc(sessions.repository))
    .limit(MAX_REPOSITORIES_SEEN)
  return rows.flatMap(({ repository }) => (repository === null ? [] : [repository]))
}

/** All or nothing. `taken`: one of them is somebody else's. Those that are the organisation's own take the new account. */
export async function claimInstallations(
  organisation: string,
  database: Database,
  claimed: readonly ClaimedInstallation[],
): Promise<'claimed' | 'unknown' | 'taken'> {
  const known = await database.select().from(organisations).where(eq(organisations.id, organisation))
  if (known.length === 0) return 'unknown'
  const rows = claimed.map(({ forge, id, account }) => ({ id: installationId(forge, id), organisation, account }))
  const ids = rows.map(({ id }) => id)
  const foreign = and(inArray(installations.id, ids), ne(installations.organisation, organisation))
  if ((await database.select({ id: installations.id }).from(installations).where(foreign)).length > 0) return 'taken'
  for (const row of rows) {
    await database
      .insert(installations)
      .values(row)
      .onConflictDoUpdate({
        target: installations.id,
        set: { account: row.account },
        setWhere: eq(installations.organisation, organisation),
      })
  }
  return 'claimed'
}
