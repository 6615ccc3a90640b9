/** How long transcripts stay: the organisation's own number of days, and what its contracts say of single repositories. */
import { eq, sql } from 'drizzle-orm'
import { type ContractsInForce, readContractsInForce } from '#core/policy/contracts-in-force.ts'
import type { Database } from './database.ts'
import { retention } from './schema.ts'

/** null: none is set. */
export async function retentionOf(organisation: string, database: Database): Promise<number | null> {
  const [row] = await database
    .select({ days: retention.days })
    .from(retention)
    .where(eq(retention.organisation, organisation))
  return row?.days ?? null
}

export async function setRetention(organisation: string, database: Database, days: number | null): Promise<void> {
  await database
    .insert(retention)
    .values({ organisation, days })
    .onConflictDoUpdate({ target: retention.organisation, set: { days } })
}

export interface RetentionInForce {
  readonly organisation: string
  readonly days: number | null
  readonly inForce: ContractsInForce
}

interface Row {
  readonly organisation: string
  readonly days: number | null
  readonly version: number | null
  readonly contract: string
  readonly documents: string | null
}

/** The clock's: organisations in which transcripts may expire; those that were looked at longest ago first. */
export async function organisationsWithRetention(
  database: Database,
  { now, limit }: { readonly now: string; readonly limit: number },
): Promise<readonly RetentionInForce[]> {
  const rows = await database.all<Row>(
    sql`select o.id as organisation, r.days, c.version, c.contract, c.documents
        from organisations o
        left join retention r on r.organisation = o.id
        left join contracts c on c.organisation = o.id
          and c.version = (select max(version) from contracts n where n.organisation = o.id)
        where r.days is not null or instr(c.contract, '"retention"') > 0 or instr(c.documents, '"retention"') > 0
        order by coalesce(r.checked_at, ''), o.id limit ${limit}`,
  )
  await database.run(
    sql`insert into retention (organisation, checked_at)
        select value, ${now} from json_each(${JSON.stringify(rows.map(({ organisation }) => organisation))}) where true
        on conflict (organisation) do update set checked_at = excluded.checked_at`,
  )
  return rows.map(({ organisation, days, version, contract, documents }) => ({
    organisation,
    days,
    inForce: readContractsInForce(
      version === null
        ? undefined
        : { version, contract: JSON.parse(contract), documents: documents === null ? null : JSON.parse(documents) },
    ),
  }))
}

/** Repositories of which there are sessions. */
export async function repositoriesOf(organisation: string, database: Database): Promise<readonly string[]> {
  const rows = await database.all<{ repository: string }>(
    sql`select distinct repository from sessions where organisation = ${organisation} and repository is not null`,
  )
  return rows.map(({ repository }) => repository)
}

/** Evidence whose transcript arrived before the given time, for the repository of its session or, by '', any other. */
export async function expiredEvidence(
  organisation: string,
  database: Database,
  {
    before,
    limit,
  }: { readonly before: readonly { readonly repository: string; readonly time: string }[]; readonly limit: number },
): Promise<readonly string[]> {
  const rows = await database.all<{ id: string }>(
    sql`select e.id from evidence e
        left join sessions s on s.organisation = e.organisation and s.id = e.session_id
        join json_each(${JSON.stringify(before)}) b on b.value ->> 'repository' = coalesce(s.repository, '')
        where e.organisation = ${organisation} and e.transcript is not null and e.erased_at is null
          and e.received_at < b.value ->> 'time'
        order by e.received_at limit ${limit}`,
  )
  return rows.map(({ id }) => id)
}
