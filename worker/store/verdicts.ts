/** Verdicts of policies, keyed by evidence, policy and the rule's version. */
import { and, asc, eq, max, type SQL, sql } from 'drizzle-orm'
import { Verdict } from '#core/policy/policy.ts'
import { type Database, transact } from './database.ts'
import type { SessionEvidence } from './evidence.ts'
import { contributeVerdicts } from './rollups.ts'
import { verdicts } from './schema.ts'

/** What a contract says of one evidence. */
interface JudgedEvidence {
  readonly evidenceId: string
  readonly contractVersion: number
  readonly verdicts: readonly Verdict[]
}

export async function saveVerdicts(
  organisation: string,
  database: Database,
  {
    evidence,
    contractVersion,
    verdicts: reached,
  }: Omit<JudgedEvidence, 'evidenceId'> & { readonly evidence: SessionEvidence },
): Promise<void> {
  const { id: evidenceId, sessionId, logIndex } = evidence
  const scope = { organisation, sessionId, evidenceId, logIndex }
  await transact(database, [
    contributeVerdicts('out', scope),
    ...replaceVerdicts(organisation, { evidenceId, contractVersion, verdicts: reached }),
    contributeVerdicts('in', scope),
  ])
}

/** Statements that replace the verdicts; an answer by an older contract never replaces one by a newer. */
export function replaceVerdicts(
  organisation: string,
  { evidenceId, contractVersion, verdicts: reached }: JudgedEvidence,
): readonly SQL[] {
  const isNewest = sql`not exists (select 1 from verdicts where organisation = ${organisation}
    and evidence_id = ${evidenceId} and contract_version > ${contractVersion})`
  return [
    // What another contract or another version of the rule said stays on record, with both.
    sql`insert into former_verdicts (organisation, evidence_id, policy, version, contract_version, result, findings)
        select organisation, evidence_id, policy, version, contract_version, result,
          json_array_length(verdict, '$.findings')
        from verdicts where organisation = ${organisation} and evidence_id = ${evidenceId}
          and contract_version <= ${contractVersion}
          and (contract_version < ${contractVersion} or not exists (
            select 1 from json_each(${JSON.stringify(reached)})
            where value ->> 'policy' = policy and value ->> 'version' = version)) on conflict do nothing`,
    sql`delete from verdicts where organisation = ${organisation} and evidence_id = ${evidenceId} and ${isNewest}`,
    sql`insert into verdicts (organisation, evidence_id, policy, version, contract_version, result, verdict)
        select ${organisation}, ${evidenceId}, value ->> 'policy', value ->> 'version', ${contractVersion},
          value ->> 'result', json(value)
        from json_each(${JSON.stringify(reached)}) where ${isNewest}
        on conflict do nothing`,
  ]
}

/** Version of the contract by which the evidence was judged; null = it has no verdicts. */
export async function judgedUnder(
  organisation: string,
  database: Database,
  evidenceId: string,
): Promise<number | null> {
  const [row] = await database
    .select({ version: max(verdicts.contractVersion) })
    .from(verdicts)
    .where(and(eq(verdicts.organisation, organisation), eq(verdicts.evidenceId, evidenceId)))
  return row?.version ?? null
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
