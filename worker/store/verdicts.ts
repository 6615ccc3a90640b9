/** Verdicts of policies, keyed by evidence, policy and the rule's version. */
import { and, asc, eq, sql } from 'drizzle-orm'
import { Verdict } from '#core/policy/policy.ts'
import type { Database } from './database.ts'
import type { EvidenceRow } from './evidence.ts'
import { transact } from './index-session.ts'
import { contributeVerdicts } from './rollups.ts'
import { verdicts } from './schema.ts'

/** Replaces what the contract in force says of this evidence; an answer by an older contract never overwrites a newer one. */
export async function saveVerdicts(
  organisation: string,
  database: Database,
  saved: {
    readonly evidence: EvidenceRow
    readonly contractVersion: number
    readonly verdicts: readonly Verdict[]
  },
): Promise<void> {
  const { id: evidenceId, sessionId, logIndex } = saved.evidence
  const scope = { organisation, sessionId, evidenceId, logIndex }
  const rows = JSON.stringify(saved.verdicts)
  const isOurs = sql`not exists (select 1 from verdicts where organisation = ${organisation}
    and evidence_id = ${evidenceId} and contract_version > ${saved.contractVersion})`
  await transact(database, [
    contributeVerdicts('out', scope),
    sql`delete from verdicts where organisation = ${organisation} and evidence_id = ${evidenceId} and ${isOurs}`,
    sql`insert into verdicts (organisation, evidence_id, policy, version, contract_version, result, verdict)
        select ${organisation}, ${evidenceId}, value ->> 'policy', value ->> 'version', ${saved.contractVersion},
          value ->> 'result', json(value)
        from json_each(${rows}) where ${isOurs}
        on conflict do nothing`,
    contributeVerdicts('in', scope),
  ])
}

export async function verdictsOf(
  organisation: string,
  database: Database,
  evidenceId: string,
): Promise<readonly Verdict[]> {
  const rows = await database
    .select({ verdict: verdicts.verdict })
    .from(verdicts)
    .where(and(eq(verdicts.organisation, organisation), eq(verdicts.evidenceId, evidenceId)))
    .orderBy(asc(verdicts.policy))
  return rows.map(({ verdict }) => Verdict.parse(verdict))
}
