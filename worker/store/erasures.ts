/**
 * Erasure of transcripts. The rows are marked first, together with a note of what is still to be done in the bucket; only
 * then is the blob replaced. So two sessions that share a blob see each other's mark, and a crash leaves a note behind
 * that the clock works off.
 */
import { type SQL, sql } from 'drizzle-orm'
import type { Erasure } from '#core/api/retention.ts'
import type { BlobStore } from './blobs.ts'
import { type Database, transact } from './database.ts'

export interface ErasureRequest {
  readonly sessionId: string
  /** Who asks, and whether only their own evidence is meant. */
  readonly person: string
  readonly isOwn: boolean
  readonly erasure: Erasure
}

/** Marks the transcripts of a session, those that come later included. Ids of the evidence that was marked. */
export async function markSession(
  organisation: string,
  database: Database,
  { sessionId, person, isOwn, erasure }: ErasureRequest,
): Promise<readonly string[]> {
  const which = sql`session_id = ${sessionId} ${isOwn ? sql`and person = ${person}` : sql``}`
  const marked = await database.all<{ id: string }>(
    sql`select id from evidence where organisation = ${organisation} and ${which} and transcript is not null
          and erased_at is null order by log_index`,
  )
  await transact(database, [
    sql`insert into erased_sessions (organisation, session_id, erased_at, erased_by, person)
        values (${organisation}, ${sessionId}, ${erasure.at}, ${erasure.by}, ${person}) on conflict do nothing`,
    ...mark(organisation, which, erasure),
  ])
  return marked.map(({ id }) => id)
}

/** Marks pieces of evidence by their ids; those that carry a mark keep it. */
export async function markEvidence(
  organisation: string,
  database: Database,
  { ids, erasure }: { readonly ids: readonly string[]; readonly erasure: Erasure },
): Promise<void> {
  const which = sql`id in (select value from json_each(${JSON.stringify(ids)}))`
  await transact(database, mark(organisation, which, erasure))
}

/** A note for each transcript, also where the evidence was marked when it arrived, and the mark. */
function mark(organisation: string, which: SQL, { at, by }: Erasure): readonly SQL[] {
  return [
    sql`insert into pending_erasures (id, organisation, transcript, erased_at, erased_by)
        select lower(hex(randomblob(16))), organisation, transcript, coalesce(max(erased_at), ${at}),
          coalesce(max(erased_by), ${by})
        from evidence where organisation = ${organisation} and ${which} and transcript is not null group by transcript`,
    sql`update evidence set erased_at = ${at}, erased_by = ${by}
        where organisation = ${organisation} and ${which} and transcript is not null and erased_at is null`,
  ]
}

interface Pending {
  readonly id: string
  readonly transcript: string
  readonly erasedAt: string
  readonly erasedBy: Erasure['by']
  /** How many others name the transcript and keep it, and how many of those may still turn out to be refused. */
  readonly holders: number
  readonly undecided: number
}

/** Works off what is noted, oldest first; how many blobs were replaced. What others still name stays for them. */
export async function settleErasures(
  organisation: string,
  database: Database,
  { blobs, limit }: { readonly blobs: BlobStore; readonly limit: number },
): Promise<number> {
  const pending = await database.all<Pending>(
    sql`select p.id, p.transcript, p.erased_at as erasedAt, p.erased_by as erasedBy,
          count(e.id) as holders, coalesce(sum(e.state = 'queued'), 0) as undecided
        from pending_erasures p
        left join evidence e on e.organisation = p.organisation and e.transcript = p.transcript
          and e.erased_at is null and e.state <> 'failed'
        where p.organisation = ${organisation} group by p.id order by undecided, p.erased_at limit ${limit}`,
  )
  let replaced = 0
  const settled: string[] = []
  for (const { id, transcript, erasedAt, erasedBy, holders, undecided } of pending) {
    if (holders > 0 && holders === undecided) continue
    if (holders === 0) {
      await blobs.erase(transcript, { at: erasedAt, by: erasedBy })
      replaced++
    }
    settled.push(id)
  }
  await database.run(
    sql`delete from pending_erasures where organisation = ${organisation}
        and id in (select value from json_each(${JSON.stringify(settled)}))`,
  )
  return replaced
}

/** The clock's: organisations in which something was noted and not worked off. */
export async function organisationsWithErasures(database: Database, limit: number): Promise<readonly string[]> {
  const rows = await database.all<{ organisation: string }>(
    sql`select organisation from pending_erasures group by organisation order by min(erased_at) limit ${limit}`,
  )
  return rows.map(({ organisation }) => organisation)
}
