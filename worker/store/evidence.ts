/** The rows of acknowledged evidence. */
import { and, asc, eq, lt, ne, sql } from 'drizzle-orm'
import type { Erasure } from '#core/api/retention.ts'
import type { Database } from './database.ts'
import { evidence } from './schema.ts'

export type EvidenceRow = typeof evidence.$inferSelect

/** Evidence about a session, as opposed to commits alone. */
export interface SessionEvidence extends EvidenceRow {
  readonly sessionId: string
}

export function isAboutSession(row: EvidenceRow): row is SessionEvidence {
  return row.sessionId !== null
}

/** null where the transcript was not erased. */
export function erasureOf({ erasedAt, erasedBy }: Pick<EvidenceRow, 'erasedAt' | 'erasedBy'>): Erasure | null {
  return erasedAt === null || erasedBy === null ? null : { at: erasedAt, by: erasedBy }
}

export interface NewEvidence {
  readonly id: string
  readonly sessionId: string | null
  readonly person: string
  readonly keyId: string
  readonly transcript: string | null
  readonly logIndex: number
  readonly receipt: string
  readonly receivedAt: string
}

/**
 * The row as it is stored: the first one, where the same evidence was there before. A session whose transcript was erased
 * on request stays erased, however far the transcript that comes now has grown.
 */
export async function insertEvidence(
  organisation: string,
  database: Database,
  row: NewEvidence,
): Promise<{ readonly row: EvidenceRow; readonly created: boolean }> {
  const { id, sessionId, person, keyId, transcript, logIndex, receipt, receivedAt } = row
  // Written out, because this runs for each evidence and building it anew costs more than running it.
  const [created] = await database.all<Pick<EvidenceRow, 'erasedAt' | 'erasedBy'>>(
    sql`insert into evidence (organisation, id, session_id, person, key_id, transcript, log_index, receipt, received_at,
          state, queued_at, erased_at, erased_by)
        select ${organisation}, ${id}, ${sessionId}, ${person}, ${keyId}, ${transcript}, ${logIndex}, ${receipt},
          ${receivedAt}, 'queued', ${receivedAt}, e.erased_at, e.erased_by
        from (select 1) left join erased_sessions e on e.organisation = ${organisation} and e.session_id = ${sessionId}
          and ${transcript} is not null
        where true
        on conflict do nothing returning erased_at as erasedAt, erased_by as erasedBy`,
  )
  if (created !== undefined) {
    return {
      row: { organisation, ...row, state: 'queued', reason: null, queuedAt: receivedAt, ...created },
      created: true,
    }
  }
  const present = await findEvidence(organisation, database, id)
  if (present === null) throw new Error(`evidence ${id} is neither new nor present`)
  return { row: present, created: false }
}

export async function findEvidence(organisation: string, database: Database, id: string): Promise<EvidenceRow | null> {
  const [row] = await database
    .select()
    .from(evidence)
    .where(and(eq(evidence.organisation, organisation), eq(evidence.id, id)))
  return row ?? null
}

/** Marks evidence that cannot be indexed; it stays readable, with its reason. What was indexed once stays so. */
export async function failEvidence(
  organisation: string,
  database: Database,
  { id, reason }: { readonly id: string; readonly reason: string },
): Promise<void> {
  await database
    .update(evidence)
    .set({ state: 'failed', reason: reason.slice(0, 2_000) })
    .where(and(eq(evidence.organisation, organisation), eq(evidence.id, id), ne(evidence.state, 'indexed')))
}

export async function queueEvidence(
  organisation: string,
  database: Database,
  { id, now }: { readonly id: string; readonly now: string },
): Promise<void> {
  await database
    .update(evidence)
    .set({ state: 'queued', reason: null, queuedAt: now })
    .where(and(eq(evidence.organisation, organisation), eq(evidence.id, id)))
}

/**
 * Evidence of every organisation whose queue message got lost, oldest first; taken means marked as queued now.
 * The one query that crosses organisations: nobody asks it but the clock.
 */
export async function takeForgottenEvidence(
  database: Database,
  { before, now, limit }: { readonly before: string; readonly now: string; readonly limit: number },
): Promise<readonly { readonly organisation: string; readonly id: string }[]> {
  const rows = await database
    .select({ organisation: evidence.organisation, id: evidence.id })
    .from(evidence)
    .where(and(eq(evidence.state, 'queued'), lt(evidence.queuedAt, before)))
    .orderBy(asc(evidence.queuedAt))
    .limit(limit)
  await database.run(
    sql`update evidence set queued_at = ${now} where (organisation, id) in
        (select value ->> 'organisation', value ->> 'id' from json_each(${JSON.stringify(rows)}))`,
  )
  return rows
}
