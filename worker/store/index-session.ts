/** Writes what one evidence says about its session: rows and rollups in one transaction, the newest log index wins. */
import { type SQL, sql } from 'drizzle-orm'
import type { SessionFigures } from '#core/metrics/session-figures.ts'
import type { Verdict } from '#core/policy/policy.ts'
import type { SessionHeader } from '#core/session/session.ts'
import { countChanges, markIndexed } from './count-changes.ts'
import { type Database, transact } from './database.ts'
import type { SessionEvidence } from './evidence.ts'
import { addSession, retractSession } from './rollups.ts'
import { replaceVerdicts } from './verdicts.ts'

export interface IndexedSession {
  readonly evidence: SessionEvidence
  readonly header: SessionHeader
  readonly repository: string | null
  readonly figures: SessionFigures
  readonly contractVersion: number
  readonly verdicts: readonly Verdict[]
}

/**
 * Idempotent, and the same in whatever order the evidence of a session arrives. The caller has made sure that the
 * session is not another person's.
 */
export async function indexSession(
  organisation: string,
  database: Database,
  { evidence, header, repository, figures, contractVersion, verdicts }: IndexedSession,
): Promise<void> {
  const { sessionId, id: evidenceId, logIndex, person } = evidence
  const scope = { organisation, sessionId, evidenceId, logIndex }
  const isNewest = sql`exists (select 1 from sessions where organisation = ${organisation} and id = ${sessionId}
    and evidence_id = ${evidenceId})`

  const statements: SQL[] = [
    ...retractSession(scope),
    sql`insert into sessions (organisation, id, evidence_id, log_index, person, agent, agent_version, repository, branches,
          started_at, ended_at, received_at, day, duration_seconds, usage, cost, tokens, cost_micro_usd, files, capture,
          transcript)
        values (${organisation}, ${sessionId}, ${evidenceId}, ${logIndex}, ${person}, ${header.agent.id},
          ${header.agent.version}, ${repository}, ${JSON.stringify(header.branches)}, ${header.startedAt},
          ${header.endedAt}, ${evidence.receivedAt}, ${figures.day}, ${figures.durationSeconds},
          ${header.usage === null ? null : JSON.stringify(header.usage)}, ${JSON.stringify(header.cost)},
          ${figures.tokens}, ${figures.costMicroUsd}, ${figures.files.length}, ${header.capture}, ${evidence.transcript})
        on conflict (organisation, id) do update set evidence_id = excluded.evidence_id,
          log_index = excluded.log_index, person = excluded.person, agent = excluded.agent,
          agent_version = excluded.agent_version, repository = excluded.repository, branches = excluded.branches,
          started_at = excluded.started_at, ended_at = excluded.ended_at, received_at = excluded.received_at,
          day = excluded.day, duration_seconds = excluded.duration_seconds, usage = excluded.usage,
          cost = excluded.cost, tokens = excluded.tokens, cost_micro_usd = excluded.cost_micro_usd,
          files = excluded.files, capture = excluded.capture, transcript = excluded.transcript
        where excluded.log_index >= sessions.log_index`,
    sql`delete from session_models where organisation = ${organisation} and session_id = ${sessionId} and ${isNewest}`,
    sql`insert into session_models (organisation, session_id, model, requests, tokens, cost_micro_usd)
        select ${organisation}, ${sessionId}, value ->> 'model', value ->> 'requests', value ->> 'tokens',
          value ->> 'costMicroUsd'
        from json_each(${JSON.stringify(figures.models)}) where ${isNewest}`,
    sql`delete from session_files where organisation = ${organisation} and session_id = ${sessionId} and ${isNewest}`,
    sql`insert into session_files (organisation, session_id, path, edits, lines_added, lines_removed)
        select ${organisation}, ${sessionId}, value ->> 'path', value ->> 'edits', value ->> 'linesAdded',
          value ->> 'linesRemoved'
        from json_each(${JSON.stringify(figures.files)}) where ${isNewest}
        on conflict do nothing`,
    // Between taking out and putting in, so that the verdicts are counted with their session.
    ...replaceVerdicts(organisation, { evidenceId, contractVersion, verdicts }),
    ...addSession(scope),

    sql`insert into session_commits (organisation, session_id, "commit", patch_id, evidence_id, log_index,
          ai, human, mixed, unknown)
        select ${organisation}, ${sessionId}, value ->> 'commit', value ->> 'patchId', ${evidenceId}, ${logIndex},
          value ->> 'ai', value ->> 'human', value ->> 'mixed', value ->> 'unknown'
        from json_each(${JSON.stringify(figures.commits)}) where true
        on conflict (organisation, session_id, "commit") do update set patch_id = excluded.patch_id,
          evidence_id = excluded.evidence_id, log_index = excluded.log_index, ai = excluded.ai,
          human = excluded.human, mixed = excluded.mixed, unknown = excluded.unknown
        where excluded.log_index >= session_commits.log_index`,
    ...countChanges(organisation, { evidence, repository, commits: figures.commits }),
    markIndexed(organisation, evidenceId),
  ]
  await transact(database, statements)
}
