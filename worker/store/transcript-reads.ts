/** Who read which transcript. Rows are only ever added: one for a reader, a session and an hour. */
import { sql } from 'drizzle-orm'
import type { TranscriptRead } from '#core/api/retention.ts'
import type { Database } from './database.ts'
import { type PageRequest, pageOf, readCursor } from './page.ts'

export interface NewRead {
  readonly sessionId: string
  readonly person: string
  readonly credential: string
  readonly route: string
  readonly now: string
}

export async function recordRead(
  organisation: string,
  database: Database,
  { sessionId, person, credential, route, now }: NewRead,
): Promise<void> {
  await database.run(
    sql`insert into transcript_reads (organisation, session_id, person, credential, hour, read_at, route)
        values (${organisation}, ${sessionId}, ${person}, ${credential}, ${now.slice(0, 13)}, ${now}, ${route})
        on conflict do nothing`,
  )
}

/** How many people have read the session's transcript. */
export async function countReaders(organisation: string, database: Database, sessionId: string): Promise<number> {
  const [row] = await database.all<{ people: number }>(
    sql`select count(distinct person) as people from transcript_reads
        where organisation = ${organisation} and session_id = ${sessionId}`,
  )
  return row?.people ?? 0
}

interface Filter {
  readonly session: string | null
  /** Only readings of this person's sessions; null = of all. */
  readonly concerning: string | null
  readonly page: PageRequest
}

interface Row extends Omit<TranscriptRead, 'person'> {
  readonly person: string
  readonly name: string
  readonly position: string
}

/** Newest first. */
export async function listReads(
  organisation: string,
  database: Database,
  { session, concerning, page }: Filter,
): Promise<{ readonly items: readonly TranscriptRead[]; readonly next: string | null }> {
  const after = readCursor(page.cursor)
  const position = sql`r.session_id || ' ' || r.person || ' ' || r.credential`
  const rows = await database.all<Row>(
    sql`select r.session_id as sessionId, r.person, p.name, r.credential, r.read_at as readAt, r.route,
          ${position} as position
        from transcript_reads r
        join people p on p.organisation = r.organisation and p.id = r.person
        left join sessions s on s.organisation = r.organisation and s.id = r.session_id
        where r.organisation = ${organisation}
          ${session === null ? sql`` : sql`and r.session_id = ${session}`}
          ${concerning === null ? sql`` : sql`and s.person = ${concerning}`}
          ${after === null ? sql`` : sql`and (r.read_at, ${position}) < (${after[0]}, ${after[1]})`}
        order by r.read_at desc, position desc limit ${page.limit + 1}`,
  )
  const { items, next } = pageOf(rows, page.limit, (row) => [row.readAt, row.position])
  return {
    items: items.map(({ person, name, position: _, ...row }) => ({ ...row, person: { id: person, name } })),
    next,
  }
}
