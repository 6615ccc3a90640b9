/** The key of an organisation under which its devices digest attributed lines. */
import { eq } from 'drizzle-orm'
import type { Database } from './database.ts'
import { lineKeys } from './schema.ts'

/** The organisation's key, base64; `fresh` becomes it where there is none yet, also under two requests at once. */
export async function lineKeyOf(
  organisation: string,
  database: Database,
  { fresh, now }: { readonly fresh: string; readonly now: string },
): Promise<string> {
  await database.insert(lineKeys).values({ organisation, key: fresh, createdAt: now }).onConflictDoNothing()
  const [row] = await database.select().from(lineKeys).where(eq(lineKeys.organisation, organisation))
  return row?.key ?? fresh
}

/** null where no device has asked for it yet: then no evidence has digests. */
export async function findLineKey(organisation: string, database: Database): Promise<string | null> {
  const [row] = await database.select().from(lineKeys).where(eq(lineKeys.organisation, organisation))
  return row?.key ?? null
}
