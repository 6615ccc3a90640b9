/** Evidence -> verdicts of the contract in force. */
import type { Message } from '#core/api/messages.ts'
import { evaluate } from '#core/policy/evaluate.ts'
import { withheldEvents } from '#core/policy/withheld-events.ts'
import type { Env } from '#worker/env.ts'
import { contractInForce } from '#worker/store/contracts.ts'
import { openDatabase } from '#worker/store/database.ts'
import { findEvidence } from '#worker/store/evidence.ts'
import { touchPullRequests } from '#worker/store/pull-requests.ts'
import { saveVerdicts } from '#worker/store/verdicts.ts'
import { loadEvidence } from './load-evidence.ts'

type EvaluateMessage = Extract<Message, { readonly type: 'evaluate' }>

export async function onEvaluate({ organisation, evidenceId }: EvaluateMessage, env: Env): Promise<void> {
  const database = openDatabase(env.DB)
  const evidence = await findEvidence(organisation, database, evidenceId)
  if (evidence === null) return
  const [contract, { predicate, session }] = await Promise.all([
    contractInForce(organisation, database),
    loadEvidence(env, evidence),
  ])

  const verdicts = withheldEvents(session, evaluate(contract, { session, commits: predicate.attribution }))

  await saveVerdicts(organisation, database, { evidence, contractVersion: contract.version, verdicts })
  await touchPullRequests(
    env,
    organisation,
    predicate.attribution.map(({ commit }) => commit),
  )
}
