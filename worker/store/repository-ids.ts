/** Which id bears which name at its forge: by a name that changed, a repository that was renamed or moved is known again. */
import { and, eq, or } from 'drizzle-orm'
import type { ForgeName } from '#core/installation.ts'
import type { ForgeRepository } from '#core/ports.ts'
import type { Database } from './database.ts'
import { repositories } from './schema.ts'

/** The one of the id, and those that bear the name. */
export async function repositoriesOf(
  organisation: string,
  database: Database,
  { forge, id, name }: ForgeRepository & { readonly forge: ForgeName },
): Promise<readonly ForgeRepository[]> {
  return database
    .select({ id: repositories.id, name: repositories.name })
    .from(repositories)
    .where(
      and(
        eq(repositories.organisation, organisation),
        eq(repositories.forge, forge),
        or(eq(repositories.id, id), eq(repositories.name, name)),
      ),
    )
}

export async function saveRepository(
  organisation: string,
  database: Database,
  { forge, id, name }: ForgeRepository & { readonly forge: ForgeName },
): Promise<void> {
  await database
    .insert(repositories)
    .values({ organisation, forge, id, name })
    .onConflictDoUpdate({ target: [repositories.organisation, repositories.forge, repositories.id], set: { name } })
}

/** After the forge said that there is none of this id any more. */
export async function forgetRepository(
  organisation: string,
  database: Database,
  { forge, id }: { readonly forge: ForgeName; readonly id: number },
): Promise<void> {
  await database
    .delete(repositories)
    .where(and(eq(repositories.organisation, organisation), eq(repositories.forge, forge), eq(repositories.id, id)))
}
