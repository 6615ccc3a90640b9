/** The lines of changes, counted once for each change, whoever speaks of it. */
import { type SQL, sql } from 'drizzle-orm'
import type { ChangeFigures } from '#core/metrics/session-figures.ts'
import { type Database, transact } from './database.ts'
import type { EvidenceRow } from './evidence.ts'
import { contributeLines, yieldsTo } from './rollups.ts'

export interface AttributedCommits {
  readonly evidence: EvidenceRow
  readonly repository: string | null
  readonly commits: readonly ChangeFigures[]
}

/** Statements, to be run in the transaction of whatever else the evidence says. */
export function countChanges(
  organisation: string,
  { evidence, repository: named, commits }: AttributedCommits,
): readonly SQL[] {
  const { person, logIndex } = evidence
  const repository = named ?? ''
  const hasSession = evidence.sessionId !== null
  const scope = {
    organisation,
    repository,
    logIndex,
    hasSession,
    changes: JSON.stringify(commits.map(({ change }) => change)),
  }
  return [
    contributeLines('out', scope),
    sql`insert into changes (organisation, repository, change, has_session, log_index, day, person, ai, human, mixed,
          unknown)
        select ${organisation}, ${repository}, value ->> 'change', ${hasSession ? 1 : 0}, ${logIndex}, value ->> 'day',
          ${person}, value ->> 'ai', value ->> 'human', value ->> 'mixed', value ->> 'unknown'
        from json_each(${JSON.stringify(commits)}) where true
        on conflict (organisation, repository, change) do update set has_session = excluded.has_session,
          log_index = excluded.log_index, day = excluded.day, person = excluded.person, ai = excluded.ai,
          human = excluded.human, mixed = excluded.mixed, unknown = excluded.unknown
        where ${yieldsTo(scope)}`,
    contributeLines('in', scope),
  ]
}

/** Evidence of commits to which no session contributed: it has lines, and nothing else to index. */
export async function indexObservedCommits(
  organisation: string,
  database: Database,
  { evidence, repository, commits }: AttributedCommits,
): Promise<void> {
  const { id: evidenceId, logIndex } = evidence
  await transact(database, [
    sql`insert into observed_commits (organisation, "commit", patch_id, evidence_id, log_index)
        select ${organisation}, value ->> 'commit', value ->> 'patchId', ${evidenceId}, ${logIndex}
        from json_each(${JSON.stringify(commits)}) where true
        on conflict (organisation, "commit") do update set patch_id = excluded.patch_id,
          evidence_id = excluded.evidence_id, log_index = excluded.log_index
        where excluded.log_index >= observed_commits.log_index`,
    ...countChanges(organisation, { evidence, repository, commits }),
    markIndexed(organisation, evidenceId),
  ])
}

export function markIndexed(organisation: string, evidenceId: string): SQL {
  return sql`update evidence set state = 'indexed', reason = null
        where organisation = ${organisation} and id = ${evidenceId}`
}
