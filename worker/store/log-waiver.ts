/** Has a decision about a waiver signed by the organisation's server, and puts its digest into the log. */
import type { ConclusionView } from '#core/api/conclusions.ts'
import { WAIVER_PREDICATE } from '#core/policy/waiver-statement.ts'
import { openDatabase } from './database.ts'
import { type Decided, type Log, logStatement } from './log-statement.ts'
import { saveWaiverLeaf } from './waivers.ts'

type WaiverDecided = Omit<Decided, 'predicateType'>

/** The same statement again gives the same leaf. */
export async function logWaiver(
  organisation: string,
  env: Log & { readonly DB: D1Database },
  { id, ...decided }: WaiverDecided & { readonly id: string },
): Promise<void> {
  const { index } = await attestWaiver(organisation, env, decided)
  await saveWaiverLeaf(organisation, openDatabase(env.DB), { id, statement: decided.statement, index })
}

export function attestWaiver(organisation: string, env: Log, decided: WaiverDecided): Promise<ConclusionView> {
  return logStatement(organisation, env, { ...decided, predicateType: WAIVER_PREDICATE })
}
