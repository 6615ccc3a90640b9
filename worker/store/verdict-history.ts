/** Every verdict that was ever reached on a session: by which version of the rule, under which contract. */
import { sql } from 'drizzle-orm'
import type { VerdictHistory } from '#core/api/verdicts.ts'
import type { Database } from './database.ts'

/** Fifty policies under forty versions of a contract; who needs more asks for one policy. */
const MAX_VERDICTS = 2_000

interface Row {
  readonly policy: string
  readonly version: number
  readonly contractVersion: number
  readonly contractAt: string | null
  readonly result: VerdictHistory['items'][number]['result']
  readonly findings: number
  readonly evidenceId: string
  readonly isPresent: number
}

/** null where the organisation has no such session. `policy` null: all of them. */
export async function verdictHistory(
  organisation: string,
  database: Database,
  { session, policy }: { readonly session: string; readonly policy: string | null },
): Promise<VerdictHistory | null> {
  const [known] = await database.all<{ evidenceId: string }>(
    sql`select evidence_id as evidenceId from sessions where organisation = ${organisation} and id = ${session}`,
  )
  if (known === undefined) return null
  const only = policy === null ? sql`` : sql`and v.policy = ${policy}`
  const rows = await database.all<Row>(
    sql`with reached as (
          select v.policy, v.version, v.contract_version, v.result, json_array_length(v.verdict, '$.findings') as findings,
            v.evidence_id, v.evidence_id = ${known.evidenceId} as is_present, e.log_index
          from evidence e join verdicts v on v.organisation = e.organisation and v.evidence_id = e.id
          where e.organisation = ${organisation} and e.session_id = ${session} ${only}
          union all
          select v.policy, v.version, v.contract_version, v.result, v.findings, v.evidence_id, 0, e.log_index
          from evidence e join former_verdicts v on v.organisation = e.organisation and v.evidence_id = e.id
          where e.organisation = ${organisation} and e.session_id = ${session} ${only})
        select r.policy, r.version, r.contract_version as contractVersion, c.created_at as contractAt, r.result,
          r.findings, r.evidence_id as evidenceId, r.is_present as isPresent
        from reached r
        left join contracts c on c.organisation = ${organisation} and c.version = r.contract_version
        order by r.policy, r.is_present desc, r.log_index desc, r.contract_version desc, r.version desc
        limit ${MAX_VERDICTS + 1}`,
  )
  const items = rows.slice(0, MAX_VERDICTS).map(({ isPresent, ...row }) => ({ ...row, isPresent: isPresent === 1 }))
  return { session, items, isCut: rows.length > MAX_VERDICTS }
}
