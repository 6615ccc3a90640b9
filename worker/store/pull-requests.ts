/** Pull requests with the commits of their present head, and the reports on them. */
import { and, desc, eq, lt, or, type SQL, sql } from 'drizzle-orm'
import type { PullRequestRow, PullRequestView } from '#core/api/pull-requests.ts'
import type { ForgePullRequest } from '#core/ports.ts'
import { Report } from '#core/report/report.ts'
import { type Database, openDatabase, transact } from './database.ts'
import { type PageRequest, pageOf, readCursor } from './page.ts'
import { pullRequests } from './schema.ts'

export interface PullRequestKey {
  /** `owner/name` */
  readonly repository: string
  readonly number: number
}

/** Name of the pull request's object. No part before the last holds a `#`, so that no two keys share a name. */
export function pullRequestName(organisation: string, { repository, number }: PullRequestKey): string {
  return `${organisation}/${repository}#${number}`
}

export interface ReadPullRequest {
  readonly key: PullRequestKey
  readonly installation: number
  readonly pull: ForgePullRequest
  /** Commit ids in order. */
  readonly commits: readonly string[]
}

/** Writes what was read from the forge. What was read earlier never overwrites it. */
export async function savePullRequest(
  organisation: string,
  database: Database,
  { key: { repository, number }, installation, pull, commits }: ReadPullRequest,
): Promise<void> {
  const isThisHead = sql`exists (select 1 from pull_requests where organisation = ${organisation}
    and repository = ${repository} and number = ${number} and head = ${pull.head})`
  await transact(database, [
    sql`insert into pull_requests (organisation, repository, number, installation, title, state, head, head_ref, author,
          updated_at, sessions)
        values (${organisation}, ${repository}, ${number}, ${installation}, ${pull.title}, ${pull.state}, ${pull.head},
          ${pull.headRef}, ${pull.authorLogin}, ${pull.updatedAt}, 0)
        on conflict (organisation, repository, number) do update set installation = excluded.installation,
          title = excluded.title, state = excluded.state, head = excluded.head, head_ref = excluded.head_ref,
          author = excluded.author, updated_at = excluded.updated_at
        where excluded.updated_at >= pull_requests.updated_at`,
    sql`delete from pull_request_commits where organisation = ${organisation} and repository = ${repository}
        and number = ${number} and ${isThisHead}`,
    sql`insert into pull_request_commits (organisation, repository, number, "commit", position)
        select ${organisation}, ${repository}, ${number}, value, key from json_each(${JSON.stringify(commits)})
        where ${isThisHead} on conflict do nothing`,
  ])
}

/** By what evidence that comes later finds the pull request: patches of its commits, and some lines of unknown origin. */
export async function saveTraces(
  organisation: string,
  database: Database,
  {
    key: { repository, number },
    patches,
    digests,
  }: {
    readonly key: PullRequestKey
    readonly patches: readonly { readonly commit: string; readonly patchId: string }[]
    readonly digests: readonly string[]
  },
): Promise<void> {
  await transact(database, [
    sql`update pull_request_commits set patch_id = given.value ->> 'patchId'
        from json_each(${JSON.stringify(patches)}) as given
        where organisation = ${organisation} and repository = ${repository} and number = ${number}
          and "commit" = given.value ->> 'commit'`,
    sql`delete from pull_request_lines where organisation = ${organisation} and repository = ${repository}
        and number = ${number}`,
    sql`insert into pull_request_lines (organisation, repository, number, digest)
        select ${organisation}, ${repository}, ${number}, value from json_each(${JSON.stringify(digests)})
        where true on conflict do nothing`,
  ])
}

/** false where the pull request has another head by now, and the report is therefore left out. */
export async function saveReport(
  organisation: string,
  database: Database,
  { report, now }: { readonly report: Report; readonly now: string },
): Promise<boolean> {
  const { repository, number, head, conclusion, sessions, verdicts = [] } = report
  const isSaved = sql`exists (select 1 from pull_requests where organisation = ${organisation}
    and repository = ${repository} and number = ${number} and head = ${head})`
  const judged = JSON.stringify(verdicts.map(({ policy, version, result }) => ({ policy, version, result })))
  const [saved] = await database.batch([
    database
      .update(pullRequests)
      .set({ reportHead: head, conclusion, sessions: sessions.length, report, reportedAt: now })
      .where(and(isKey(organisation, { repository, number }), eq(pullRequests.head, head)))
      .returning({ number: pullRequests.number }),
    database.run(
      sql`delete from pull_request_verdicts where organisation = ${organisation} and repository = ${repository}
          and number = ${number} and ${isSaved}`,
    ),
    database.run(
      sql`insert into pull_request_verdicts (organisation, repository, number, policy, version, result, day)
          select ${organisation}, ${repository}, ${number}, value ->> 'policy', value ->> 'version',
            value ->> 'result', ${now.slice(0, 10)}
          from json_each(${judged}) where ${isSaved} on conflict do nothing`,
    ),
  ])
  return saved.length > 0
}

/** Newest first by the forge's time of change. */
export async function listPullRequests(
  organisation: string,
  database: Database,
  { repository, page }: { readonly repository?: string | undefined; readonly page: PageRequest },
): Promise<{ readonly items: readonly PullRequestRow[]; readonly next: string | null }> {
  const after = readCursor(page.cursor)
  // The key as one text, so that it serves as the id of a cursor.
  const id = sql<string>`${pullRequests.repository} || '#' || ${pullRequests.number}`
  const rows = await database
    .select({ ...rowColumns, id })
    .from(pullRequests)
    .where(
      and(
        eq(pullRequests.organisation, organisation),
        repository === undefined ? undefined : eq(pullRequests.repository, repository),
        after === null
          ? undefined
          : or(
              lt(pullRequests.updatedAt, after[0]),
              and(eq(pullRequests.updatedAt, after[0]), sql`${id} < ${after[1]}`),
            ),
      ),
    )
    .orderBy(desc(pullRequests.updatedAt), sql`${id} desc`)
    .limit(page.limit + 1)
  const { items, next } = pageOf(rows, page.limit, (row) => [row.updatedAt, row.id])
  return { items: items.map(rowOf), next }
}

/** The report is that of the newest head that has one; its own `head` says which. */
export async function findPullRequest(
  organisation: string,
  database: Database,
  key: PullRequestKey,
): Promise<PullRequestView | null> {
  const [row] = await database
    .select({ ...rowColumns, report: pullRequests.report })
    .from(pullRequests)
    .where(isKey(organisation, key))
  if (row === undefined) return null
  return { pullRequest: rowOf(row), report: row.report === null ? null : Report.parse(row.report) }
}

/** Open and merged pull requests of one organisation that contain one of the commits, its patch, or lines that stand in it. */
function pullRequestsWithCommits(
  organisation: string,
  database: Database,
  commits: readonly string[],
): Promise<readonly PullRequestKey[]> {
  return database.all<PullRequestKey>(
    sql`with wanted as (select value as "commit" from json_each(${JSON.stringify(commits)})),
          patches as (
            select patch_id from session_commits
              where organisation = ${organisation} and "commit" in (select "commit" from wanted)
            union select patch_id from observed_commits
              where organisation = ${organisation} and "commit" in (select "commit" from wanted)),
          found as (
            select repository, number from pull_request_commits
              where organisation = ${organisation} and "commit" in (select "commit" from wanted)
            union select repository, number from pull_request_commits
              where organisation = ${organisation} and patch_id in (select patch_id from patches)
            union select l.repository, l.number from pull_request_lines l
              join evidence_lines e on e.organisation = l.organisation and e.digest = l.digest
              where l.organisation = ${organisation} and e."commit" in (select "commit" from wanted))
        select p.repository, p.number from found f
        join pull_requests p on p.organisation = ${organisation} and p.repository = f.repository and p.number = f.number
        where p.organisation = ${organisation} and p.state in ('open', 'merged')`,
  )
}

/** Open pull requests whose branch was pushed, or whose head a check belongs to. */
export function pullRequestsAt(
  organisation: string,
  database: Database,
  {
    repository,
    at,
  }: { readonly repository: string; readonly at: { readonly branch: string } | { readonly head: string } },
): Promise<readonly PullRequestKey[]> {
  const there = 'branch' in at ? eq(pullRequests.headRef, at.branch) : eq(pullRequests.head, at.head)
  return keysOf(organisation, database, [eq(pullRequests.repository, repository), isOpen, there])
}

/** Open pull requests that were last read through the installation. */
export function pullRequestsOfInstallation(
  organisation: string,
  database: Database,
  installation: number,
): Promise<readonly PullRequestKey[]> {
  return keysOf(organisation, database, [eq(pullRequests.installation, installation), isOpen])
}

/** All pull requests of a repository, whatever their state. */
export function pullRequestsOf(
  organisation: string,
  database: Database,
  repository: string,
): Promise<readonly PullRequestKey[]> {
  return keysOf(organisation, database, [eq(pullRequests.repository, repository)])
}

const isOpen = eq(pullRequests.state, 'open')

function keysOf(organisation: string, database: Database, conditions: readonly SQL[]) {
  return database
    .select({ repository: pullRequests.repository, number: pullRequests.number })
    .from(pullRequests)
    .where(and(eq(pullRequests.organisation, organisation), ...conditions))
}

/**
 * Open pull requests of every organisation whose head has no report although it is older than `before`, and those whose
 * report was made before the contract in force: one without evidence learns of it by nothing else.
 * Nobody asks this but the clock.
 */
export function pullRequestsWithoutReport(
  database: Database,
  { before, limit }: { readonly before: string; readonly limit: number },
): Promise<readonly (PullRequestKey & { readonly organisation: string })[]> {
  return database.all<PullRequestKey & { organisation: string }>(
    sql`select organisation, repository, number from pull_requests
        where state = 'open' and updated_at < ${before} and (report_head is not head or reported_at <=
          (select max(created_at) from contracts where contracts.organisation = pull_requests.organisation
            and contracts.created_at < ${before}))
        order by updated_at limit ${limit}`,
  )
}

/** What of the Worker's bindings this needs. */
interface PullRequestObjects {
  readonly DB: D1Database
  readonly PULL_REQUEST: { getByName(name: string): { touch(reason: string): Promise<void> } }
}

/**
 * Tells the pull requests that contain one of the commits that their evidence changed: of merged ones the statement does. A commit that no pull
 * request contains yet needs nothing: the webhook that brings it finds the evidence.
 */
export async function touchPullRequests(
  env: PullRequestObjects,
  organisation: string,
  commits: readonly string[],
): Promise<void> {
  const found = await pullRequestsWithCommits(organisation, openDatabase(env.DB), commits)
  for (const key of found) await env.PULL_REQUEST.getByName(pullRequestName(organisation, key)).touch('evidence')
}

const rowColumns = {
  repository: pullRequests.repository,
  number: pullRequests.number,
  title: pullRequests.title,
  state: pullRequests.state,
  head: pullRequests.head,
  sessions: pullRequests.sessions,
  reportHead: pullRequests.reportHead,
  conclusion: pullRequests.conclusion,
  updatedAt: pullRequests.updatedAt,
}

type SelectedRow = PullRequestRow & { readonly reportHead: string | null }

/** A conclusion about an earlier head is none about this one. */
function rowOf({ repository, number, title, state, head, sessions, reportHead, conclusion, updatedAt }: SelectedRow) {
  const isCurrent = reportHead === head
  return { repository, number, title, state, head, sessions, conclusion: isCurrent ? conclusion : null, updatedAt }
}

function isKey(organisation: string, { repository, number }: PullRequestKey): SQL | undefined {
  return and(
    eq(pullRequests.organisation, organisation),
    eq(pullRequests.repository, repository),
    eq(pullRequests.number, number),
  )
}
