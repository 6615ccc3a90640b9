/** GitHub App installations: by these a webhook finds its organisation. */
import { eq } from 'drizzle-orm'
import type { Database } from './database.ts'
import { installations } from './schema.ts'

/** null where no organisation has claimed the installation at its set-up. */
export async function organisationOfInstallation(database: Database, installation: number): Promise<string | null> {
  const [row] = await database
    .select({ organisation: installations.organisation })
    .from(installations)
    .where(eq(installations.id, installation))
  return row?.organisation ?? null
}

/** After the App was uninstalled; what was stored of its repositories stays with the organisation. */
export async function removeInstallation(database: Database, installation: number): Promise<void> {
  await database.delete(installations).where(eq(installations.id, installation))
}

export async function listInstallations(database: Database): Promise<readonly number[]> {
  const rows = await database.select({ id: installations.id }).from(installations)
  return rows.map(({ id }) => id)
}
