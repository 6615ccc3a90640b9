/** Agent configurations: the newest of each machine and repository, and those before. */
import { type SQL, sql } from 'drizzle-orm'
import { ConfigurationRow } from '#core/api/configurations.ts'
import { markIndexed } from './count-changes.ts'
import { type Database, transact } from './database.ts'
import { type PageRequest, pageOf, readCursor } from './page.ts'

export interface NewConfiguration extends Pick<ConfigurationRow, 'repository' | 'commit' | 'hash' | 'tier' | 'agents'> {
  readonly evidence: {
    readonly id: string
    readonly logIndex: number
    readonly person: string
    readonly keyId: string
    readonly receivedAt: string
  }
}

/** Idempotent: the same evidence gives the same row. */
export async function saveConfiguration(
  organisation: string,
  database: Database,
  { evidence, repository, commit, hash, tier, agents }: NewConfiguration,
): Promise<void> {
  const { id, logIndex, person, keyId, receivedAt } = evidence
  await transact(database, [
    sql`insert into configurations (organisation, evidence_id, log_index, repository, person, key_id, received_at,
          "commit", hash, tier, agents, drift)
        values (${organisation}, ${id}, ${logIndex}, ${repository ?? ''}, ${person}, ${keyId}, ${receivedAt}, ${commit},
          ${hash}, ${tier}, ${JSON.stringify(agents)}, null)
        on conflict do nothing`,
    markIndexed(organisation, id),
  ])
}

/** Evidence before and after this of the same key and repository, in the order of the log. */
export interface Neighbours {
  readonly before: string | null
  readonly after: string | null
}

export async function neighboursOf(organisation: string, database: Database, id: string): Promise<Neighbours> {
  const [found] = await database.all<Neighbours>(
    sql`select
          (select n.evidence_id from configurations n
             where n.organisation = ${organisation} and n.key_id = c.key_id and n.repository = c.repository
               and n.log_index < c.log_index order by n.log_index desc limit 1) as before,
          (select n.evidence_id from configurations n
             where n.organisation = ${organisation} and n.key_id = c.key_id and n.repository = c.repository
               and n.log_index > c.log_index order by n.log_index asc limit 1) as after
        from configurations c where c.organisation = ${organisation} and c.evidence_id = ${id}`,
  )
  return found ?? { before: null, after: null }
}

export async function saveDrift(
  organisation: string,
  database: Database,
  { id, drift }: { readonly id: string; readonly drift: number | null },
): Promise<void> {
  await database.run(
    sql`update configurations set drift = ${drift} where organisation = ${organisation} and evidence_id = ${id}`,
  )
}

/**
 * Newest evidence of the sessions to which this configuration belongs: sent by the same key for the same repository
 * after it and before the next one.
 */
export async function sessionsUnder(organisation: string, database: Database, id: string): Promise<readonly string[]> {
  const rows = await database.all<{ id: string }>(
    sql`select s.evidence_id as id from configurations c
        join evidence e on e.organisation = c.organisation and e.key_id = c.key_id and e.log_index > c.log_index
        join sessions s on s.organisation = c.organisation and s.evidence_id = e.id
          and coalesce(s.repository, '') = c.repository
        where c.organisation = ${organisation} and c.evidence_id = ${id}
          and not exists (select 1 from configurations n where n.organisation = ${organisation} and n.key_id = c.key_id
            and n.repository = c.repository and n.log_index > c.log_index and n.log_index < e.log_index)
        order by e.log_index`,
  )
  return rows.map((row) => row.id)
}

export interface ConfigurationFilter {
  readonly repository?: string | undefined
  readonly person?: string | undefined
  /** Only the newest of each machine and repository. */
  readonly current: boolean
}

/** Newest first. */
export async function listConfigurations(
  organisation: string,
  database: Database,
  { filter, page }: { readonly filter: ConfigurationFilter; readonly page: PageRequest },
): Promise<{ readonly items: readonly ConfigurationRow[]; readonly next: string | null }> {
  const { repository, person, current } = filter
  const after = readCursor(page.cursor)
  const conditions = [
    ...(repository === undefined ? [] : [sql`c.repository = ${repository}`]),
    ...(person === undefined ? [] : [sql`c.person = ${person}`]),
    ...(current
      ? [
          sql`not exists (select 1 from configurations n where n.organisation = ${organisation} and n.key_id = c.key_id
            and n.repository = c.repository and n.log_index > c.log_index)`,
        ]
      : []),
    ...(after === null ? [] : [sql`(c.received_at, c.evidence_id) < (${after[0]}, ${after[1]})`]),
  ]
  const rows = await select(
    organisation,
    database,
    sql`${sql.join([sql`true`, ...conditions], sql` and `)} order by c.received_at desc, c.evidence_id desc
      limit ${page.limit + 1}`,
  )
  return pageOf(rows, page.limit, (row) => [row.receivedAt, row.id])
}

export async function findConfiguration(
  organisation: string,
  database: Database,
  id: string,
): Promise<ConfigurationRow | null> {
  const [found] = await select(organisation, database, sql`c.evidence_id = ${id}`)
  return found ?? null
}

interface StoredConfiguration extends Omit<ConfigurationRow, 'repository' | 'person' | 'machine' | 'agents'> {
  readonly repository: string
  readonly person: string
  readonly personName: string
  readonly keyId: string
  readonly keyName: string
  readonly agents: string
}

async function select(organisation: string, database: Database, rest: SQL): Promise<readonly ConfigurationRow[]> {
  const rows = await database.all<StoredConfiguration>(
    sql`select c.evidence_id as id, c.repository, c.person, p.name as personName, c.key_id as keyId, k.name as keyName,
          c.received_at as receivedAt, c."commit" as "commit", c.hash, c.tier, c.agents, c.drift
        from configurations c
        join people p on p.organisation = c.organisation and p.id = c.person
        join keys k on k.organisation = c.organisation and k.id = c.key_id
        where c.organisation = ${organisation} and ${rest}`,
  )
  return rows.map(({ repository, person, personName, keyId, keyName, agents, ...row }) =>
    ConfigurationRow.parse({
      ...row,
      repository: repository === '' ? null : repository,
      person: { id: person, name: personName },
      machine: { keyId, name: keyName },
      agents: JSON.parse(agents),
    }),
  )
}
