/** Messages that failed for good, until somebody replays them. */
import { and, desc, eq, lt, or } from 'drizzle-orm'
import type { DeadLetter } from '#core/api/account.ts'
import type { Database } from './database.ts'
import { type PageRequest, pageOf, readCursor } from './page.ts'
import { deadLetters } from './schema.ts'

/** `organisation`: null where the message does not tell; then no organisation sees it. Redelivery keeps the first row. */
export async function keepDeadLetter(
  organisation: string | null,
  database: Database,
  letter: Omit<DeadLetter, 'replayedAt'>,
): Promise<void> {
  await database
    .insert(deadLetters)
    .values({ organisation, ...letter })
    .onConflictDoNothing()
}

export async function listDeadLetters(
  organisation: string,
  database: Database,
  page: PageRequest,
): Promise<{ readonly items: readonly DeadLetter[]; readonly next: string | null }> {
  const after = readCursor(page.cursor)
  const rows = await database
    .select(columns)
    .from(deadLetters)
    .where(
      and(
        eq(deadLetters.organisation, organisation),
        after === null
          ? undefined
          : or(
              lt(deadLetters.failedAt, after[0]),
              and(eq(deadLetters.failedAt, after[0]), lt(deadLetters.id, after[1])),
            ),
      ),
    )
    .orderBy(desc(deadLetters.failedAt), desc(deadLetters.id))
    .limit(page.limit + 1)
  return pageOf(rows, page.limit, ({ failedAt, id }) => [failedAt, id])
}

export async function findDeadLetter(organisation: string, database: Database, id: string): Promise<DeadLetter | null> {
  const [row] = await database
    .select(columns)
    .from(deadLetters)
    .where(and(eq(deadLetters.organisation, organisation), eq(deadLetters.id, id)))
  return row ?? null
}

export async function markReplayed(
  organisation: string,
  database: Database,
  { id, now }: { readonly id: string; readonly now: string },
): Promise<void> {
  await database
    .update(deadLetters)
    .set({ replayedAt: now })
    .where(and(eq(deadLetters.organisation, organisation), eq(deadLetters.id, id)))
}

const columns = {
  id: deadLetters.id,
  message: deadLetters.message,
  reason: deadLetters.reason,
  attempts: deadLetters.attempts,
  failedAt: deadLetters.failedAt,
  replayedAt: deadLetters.replayedAt,
}
