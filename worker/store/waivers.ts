/** Waivers of an organisation. A row is never deleted: who let what pass stays on record. */
import { type SQL, sql } from 'drizzle-orm'
import { Waiver, WaiverScope } from '#core/policy/waiver.ts'
import { type Database, openDatabase } from './database.ts'
import { type PageRequest, pageOf, readCursor } from './page.ts'
import { pullRequestName, touchPullRequests } from './pull-requests.ts'
import { waivers } from './schema.ts'
import { sourcesOfSession } from './sessions.ts'

/** More waivers than these at once would be no exceptions; the longest-lasting ones count. */
const MAX_IN_FORCE = 1_000

export function waiversInForce(organisation: string, database: Database, now: string): Promise<readonly Waiver[]> {
  const within = sql`w.state = 'approved' and w.expires_at > ${now}`
  return select(organisation, database, sql`${within} order by w.expires_at desc limit ${MAX_IN_FORCE}`)
}

export async function findWaiver(organisation: string, database: Database, id: string): Promise<Waiver | null> {
  const [found] = await select(organisation, database, sql`w.id = ${id}`)
  return found ?? null
}

/** Newest first. */
export async function listWaivers(
  organisation: string,
  database: Database,
  { state, page }: { readonly state: Waiver['state'] | null; readonly page: PageRequest },
): Promise<{ readonly items: readonly Waiver[]; readonly next: string | null }> {
  const after = readCursor(page.cursor)
  const later = after === null ? sql`` : sql`and (w.created_at, w.id) < (${after[0]}, ${after[1]})`
  const chosen = state === null ? sql`true` : sql`w.state = ${state}`
  const rows = await select(
    organisation,
    database,
    sql`${chosen} ${later} order by w.created_at desc, w.id desc limit ${page.limit + 1}`,
  )
  return pageOf(rows, page.limit, ({ createdAt, id }) => [createdAt, id])
}

export async function saveWaiver(
  organisation: string,
  database: Database,
  waiver: Pick<Waiver, 'id' | 'policy' | 'scope' | 'reason' | 'createdAt' | 'expiresAt'> & { readonly person: string },
): Promise<void> {
  const { person, ...rest } = waiver
  await database.insert(waivers).values({ organisation, ...rest, state: 'requested', requestedBy: person })
}

interface Decision {
  readonly id: string
  readonly person: string
  readonly now: string
  /** What is logged of it. */
  readonly statement: string
}

/** false where it does not wait for approval (any more), or where this person asked for it. */
export async function approveWaiver(
  organisation: string,
  database: Database,
  { id, person, now, statement }: Decision,
): Promise<boolean> {
  const changed = await database.all(
    sql`update waivers set state = 'approved', approved_by = ${person}, approved_at = ${now},
          statement = ${statement}, log_index = null
        where organisation = ${organisation} and id = ${id} and state = 'requested' and requested_by <> ${person}
          and expires_at > ${now}
        returning id`,
  )
  return changed.length > 0
}

export async function revokeWaiver(
  organisation: string,
  database: Database,
  { id, person, now, statement }: Decision,
): Promise<void> {
  await database.run(
    sql`update waivers set state = 'revoked', revoked_by = ${person}, revoked_at = ${now},
          statement = ${statement}, log_index = null
        where organisation = ${organisation} and id = ${id} and state <> 'revoked'`,
  )
}

export async function saveWaiverLeaf(
  organisation: string,
  database: Database,
  { id, statement, index }: { readonly id: string; readonly statement: string; readonly index: number },
): Promise<void> {
  await database.run(
    sql`update waivers set log_index = ${index}
        where organisation = ${organisation} and id = ${id} and statement = ${statement}`,
  )
}

/** Waivers of every organisation whose decision is not in the log. Nobody asks this but the clock. */
export function unloggedWaivers(
  database: Database,
  limit: number,
): Promise<readonly { readonly organisation: string; readonly id: string; readonly statement: string }[]> {
  return database.all(
    sql`select organisation, id, statement from waivers where statement is not null and log_index is null limit ${limit}`,
  )
}

/** Approved waivers of every organisation that ended without anybody having been told. Nobody asks this but the clock. */
export async function endedWaivers(
  database: Database,
  { now, limit }: { readonly now: string; readonly limit: number },
): Promise<readonly { readonly organisation: string; readonly id: string; readonly scope: WaiverScope }[]> {
  const rows = await database.all<{ organisation: string; id: string; scope: string }>(
    sql`select organisation, id, scope from waivers
        where state = 'approved' and expires_at <= ${now} and ended_at is null order by expires_at limit ${limit}`,
  )
  return rows.map(({ scope, ...row }) => ({ ...row, scope: WaiverScope.parse(JSON.parse(scope)) }))
}

export async function markEnded(
  organisation: string,
  database: Database,
  { id, now }: { readonly id: string; readonly now: string },
): Promise<void> {
  await database.run(
    sql`update waivers set ended_at = ${now} where organisation = ${organisation} and id = ${id} and ended_at is null`,
  )
}

/** What of the Worker's bindings this needs. */
type PullRequestObjects = Parameters<typeof touchPullRequests>[0]

/** A repository with more open pull requests shows the change on the others at their next push. */
const MAX_TOUCHED = 100

/** Tells the open pull requests that a waiver covers that it came or went. */
export async function touchScope(env: PullRequestObjects, organisation: string, scope: WaiverScope): Promise<void> {
  const database = openDatabase(env.DB)
  if (scope.kind === 'session') {
    const sources = await sourcesOfSession(organisation, database, scope.session)
    const commits = (sources?.attributing ?? []).map(({ commit }) => commit)
    return touchPullRequests(env, organisation, commits)
  }
  const only = scope.kind === 'pullRequest' ? sql`and number = ${scope.number}` : sql``
  const found = await database.all<{ repository: string; number: number }>(
    sql`select repository, number from pull_requests where organisation = ${organisation}
        and lower(repository) = ${scope.repository.toLowerCase()} and state = 'open' ${only} limit ${MAX_TOUCHED}`,
  )
  for (const key of found) await env.PULL_REQUEST.getByName(pullRequestName(organisation, key)).touch('waiver')
}

interface StoredWaiver extends Omit<Waiver, 'scope' | 'requestedBy' | 'approvedBy' | 'revokedBy'> {
  readonly scope: string
  readonly requestedBy: string
  readonly requestedByName: string
  readonly approvedBy: string | null
  readonly approvedByName: string | null
  readonly revokedBy: string | null
  readonly revokedByName: string | null
}

async function select(organisation: string, database: Database, rest: SQL): Promise<readonly Waiver[]> {
  const rows = await database.all<StoredWaiver>(
    sql`select w.id, w.policy, w.scope, w.reason, w.state, w.created_at as createdAt, w.expires_at as expiresAt,
          w.requested_by as requestedBy, r.name as requestedByName, w.approved_by as approvedBy,
          a.name as approvedByName, w.approved_at as approvedAt, w.revoked_by as revokedBy, v.name as revokedByName,
          w.revoked_at as revokedAt, w.log_index as logIndex, w.statement
        from waivers w
        join people r on r.organisation = w.organisation and r.id = w.requested_by
        left join people a on a.organisation = w.organisation and a.id = w.approved_by
        left join people v on v.organisation = w.organisation and v.id = w.revoked_by
        where w.organisation = ${organisation} and ${rest}`,
  )
  return rows.map(
    ({ scope, requestedByName, requestedBy, approvedBy, approvedByName, revokedBy, revokedByName, ...row }) =>
      Waiver.parse({
        ...row,
        scope: JSON.parse(scope),
        requestedBy: personOf(requestedBy, requestedByName),
        approvedBy: personOf(approvedBy, approvedByName),
        revokedBy: personOf(revokedBy, revokedByName),
      }),
  )
}

function personOf(id: string | null, name: string | null) {
  return id === null ? null : { id, name: name ?? '' }
}
