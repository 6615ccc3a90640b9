/** Sessions as people read them. */
import { and, asc, desc, eq, exists, gte, lt, lte, or, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { Erasure } from '#core/api/retention.ts'
import type { SessionRow } from '#core/api/sessions.ts'
import { captureKinds } from '#core/session/session.ts'
import { Cost, Usage } from '#core/session/usage.ts'
import type { Database } from './database.ts'
import { erasureOf } from './evidence.ts'
import { type PageRequest, pageOf, readCursor } from './page.ts'
import { evidence, people, sessionCommits, sessionModels, sessions } from './schema.ts'

export interface SessionFilter {
  readonly repository?: string | undefined
  readonly agent?: string | undefined
  readonly person?: string | undefined
  readonly model?: string | undefined
  /** UTC days, both inclusive. */
  readonly from?: string | undefined
  readonly to?: string | undefined
}

/** Newest first by when they began; those of which nobody recorded that, by when they came. */
export async function listSessions(
  organisation: string,
  database: Database,
  { filter, page }: { readonly filter: SessionFilter; readonly page: PageRequest },
): Promise<{ readonly items: readonly SessionRow[]; readonly next: string | null }> {
  const after = readCursor(page.cursor)
  const rows = await selectSessions(database)
    .where(
      and(
        eq(sessions.organisation, organisation),
        filter.repository === undefined ? undefined : eq(sessions.repository, filter.repository),
        filter.agent === undefined ? undefined : eq(sessions.agent, filter.agent),
        filter.person === undefined ? undefined : eq(sessions.person, filter.person),
        filter.model === undefined ? undefined : usesModel(organisation, database, filter.model),
        filter.from === undefined ? undefined : gte(sessions.day, filter.from),
        filter.to === undefined ? undefined : lte(sessions.day, filter.to),
        after === null
          ? undefined
          : or(lt(sessions.beganAt, after[0]), and(eq(sessions.beganAt, after[0]), lt(sessions.id, after[1]))),
      ),
    )
    .orderBy(desc(sessions.beganAt), desc(sessions.id))
    .limit(page.limit + 1)
  const { items, next } = pageOf(rows, page.limit, (row) => [row.startedAt ?? row.receivedAt, row.id])
  return { items: await complete(organisation, database, items), next }
}

export async function findSession(organisation: string, database: Database, id: string): Promise<SessionRow | null> {
  const rows = await selectSessions(database).where(and(eq(sessions.organisation, organisation), eq(sessions.id, id)))
  const [row] = await complete(organisation, database, rows)
  return row ?? null
}

/** What a session is read from. */
export interface SessionSources {
  /** The newest evidence, for the header. */
  readonly evidenceId: string
  readonly transcript: string | null
  /** null where the transcript was not erased. */
  readonly erasure: Erasure | null
  /** Whose session it is. */
  readonly person: string
  /** For each commit the evidence that attributes it newest: a later push need not repeat earlier commits. */
  readonly attributing: readonly { readonly commit: string; readonly evidenceId: string }[]
}

/** null: no such session. */
export async function sourcesOfSession(
  organisation: string,
  database: Database,
  id: string,
): Promise<SessionSources | null> {
  const [[session], attributing] = await database.batch([
    database
      .select({
        evidenceId: sessions.evidenceId,
        transcript: sessions.transcript,
        person: sessions.person,
        erasedAt: evidence.erasedAt,
        erasedBy: evidence.erasedBy,
      })
      .from(sessions)
      .innerJoin(evidence, and(eq(evidence.organisation, sessions.organisation), eq(evidence.id, sessions.evidenceId)))
      .where(and(eq(sessions.organisation, organisation), eq(sessions.id, id))),
    database
      .select({ commit: sessionCommits.commit, evidenceId: sessionCommits.evidenceId })
      .from(sessionCommits)
      .where(and(eq(sessionCommits.organisation, organisation), eq(sessionCommits.sessionId, id)))
      .orderBy(asc(sessionCommits.logIndex), asc(sessionCommits.commit)),
  ])
  if (session === undefined) return null
  const { erasedAt, erasedBy, ...sources } = session
  return { ...sources, erasure: erasureOf({ erasedAt, erasedBy }), attributing }
}

/** Newest evidence of the sessions that contributed to open pull requests: what a new contract has to judge again. */
export async function evidenceOfOpenPullRequests(
  organisation: string,
  database: Database,
  limit: number,
): Promise<readonly string[]> {
  const rows = await database.all<{ evidenceId: string }>(
    sql`select distinct s.evidence_id as evidenceId from pull_requests p
        join pull_request_commits c on c.organisation = p.organisation and c.repository = p.repository
          and c.number = p.number
        join session_commits sc on sc.organisation = p.organisation and sc."commit" = c."commit"
        join sessions s on s.organisation = p.organisation and s.id = sc.session_id
        where p.organisation = ${organisation} and p.state = 'open' order by p.updated_at desc limit ${limit}`,
  )
  return rows.map(({ evidenceId }) => evidenceId)
}

function selectSessions(database: Database) {
  return database
    .select({
      id: sessions.id,
      evidenceId: sessions.evidenceId,
      agent: sessions.agent,
      agentVersion: sessions.agentVersion,
      person: { id: people.id, name: people.name },
      repository: sessions.repository,
      branches: sessions.branches,
      startedAt: sessions.startedAt,
      endedAt: sessions.endedAt,
      receivedAt: sessions.receivedAt,
      durationSeconds: sessions.durationSeconds,
      usage: sessions.usage,
      cost: sessions.cost,
      files: sessions.files,
      capture: sessions.capture,
    })
    .from(sessions)
    .innerJoin(people, and(eq(people.organisation, sessions.organisation), eq(people.id, sessions.person)))
}

type SelectedSession = Awaited<ReturnType<typeof selectSessions>>[number]

function usesModel(organisation: string, database: Database, model: string) {
  return exists(
    database
      .select({ model: sessionModels.model })
      .from(sessionModels)
      .where(
        and(
          eq(sessionModels.organisation, organisation),
          eq(sessionModels.sessionId, sessions.id),
          eq(sessionModels.model, model),
        ),
      ),
  )
}

/** Adds what lies in other tables: four queries in one round trip, however many sessions there are. */
async function complete(
  organisation: string,
  database: Database,
  rows: readonly SelectedSession[],
): Promise<readonly SessionRow[]> {
  if (rows.length === 0) return []
  // One parameter for all ids: D1 takes 100 parameters a statement.
  const ids = sql`(select value from json_each(${JSON.stringify(rows.map(({ id }) => id))}))`
  const evidenceIds = sql`(select value from json_each(${JSON.stringify(rows.map(({ evidenceId }) => evidenceId))}))`
  const [models, lines, verdicts, pullRequests] = await database.batch([
    database.all<{ id: string; model: string }>(
      sql`select session_id as id, model from session_models
          where organisation = ${organisation} and session_id in ${ids} order by tokens desc, model`,
    ),
    // Of the commits that are one change, the newest attribution counts (SQLite takes the row of the maximum).
    database.all<{ id: string; commits: number; ai: number; human: number; mixed: number; unknown: number }>(
      sql`select session_id as id, count(*) as commits, sum(ai) as ai, sum(human) as human, sum(mixed) as mixed,
            sum(unknown) as unknown
          from (select session_id, ai, human, mixed, unknown, max(log_index) from session_commits
            where organisation = ${organisation} and session_id in ${ids}
            group by session_id, coalesce(patch_id, "commit"))
          group by session_id`,
    ),
    database.all<{ id: string; result: keyof SessionRow['verdicts']; verdicts: number }>(
      sql`select evidence_id as id, result, count(*) as verdicts from verdicts
          where organisation = ${organisation} and evidence_id in ${evidenceIds} group by evidence_id, result`,
    ),
    database.all<{ id: string; repository: string; number: number }>(
      sql`select distinct c.session_id as id, p.repository, p.number
          from session_commits c
          join pull_request_commits p on p.organisation = c.organisation and p."commit" = c."commit"
          where c.organisation = ${organisation} and c.session_id in ${ids} order by p.repository, p.number`,
    ),
  ])
  return rows.map((row) => {
    const counted = lines.find(({ id }) => id === row.id)
    return {
      ...row,
      agent: { id: row.agent, version: row.agentVersion },
      branches: [...row.branches],
      models: models.filter(({ id }) => id === row.id).map(({ model }) => model),
      usage: row.usage === null ? null : Usage.parse(row.usage),
      cost: Cost.parse(row.cost),
      capture: Capture.parse(row.capture),
      lines:
        counted === undefined
          ? null
          : { ai: counted.ai, human: counted.human, mixed: counted.mixed, unknown: counted.unknown },
      commits: counted?.commits ?? 0,
      verdicts: {
        ...noVerdicts,
        ...Object.fromEntries(
          verdicts.filter(({ id }) => id === row.evidenceId).map(({ result, verdicts: count }) => [result, count]),
        ),
      },
      pullRequests: pullRequests
        .filter(({ id }) => id === row.id)
        .map(({ repository, number }) => ({ repository, number })),
    }
  })
}

const Capture = z.enum(captureKinds)
const noVerdicts: SessionRow['verdicts'] = { fail: 0, error: 0, pass: 0, skipped: 0, waived: 0 }
