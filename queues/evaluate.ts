/** Evidence -> verdicts of the contract in force: again, because the contract or a rule changed. */
import type { Message } from '#core/api/messages.ts'
import type { Env } from '#worker/env.ts'
import { openDatabase } from '#worker/store/database.ts'
import { isAboutSession } from '#worker/store/evidence.ts'
import { touchPullRequests } from '#worker/store/pull-requests.ts'
import { stateOfEvidence } from '#worker/store/state-of-evidence.ts'
import { saveVerdicts } from '#worker/store/verdicts.ts'
import { judgeEvidence } from './judge-evidence.ts'
import { loadConfiguration } from './load-configuration.ts'
import { loadEvidence } from './load-evidence.ts'

type EvaluateMessage = Extract<Message, { readonly type: 'evaluate' }>

export async function onEvaluate({ organisation, evidenceId }: EvaluateMessage, env: Env): Promise<void> {
  const database = openDatabase(env.DB)
  const { evidence, inForce, configurations, presentName } = await stateOfEvidence(organisation, database, evidenceId)
  // Evidence of commits alone, or that could not be indexed, has no session on which a verdict could stand.
  if (evidence?.state !== 'indexed' || !isAboutSession(evidence)) return
  const loaded = await loadEvidence(env, evidence)
  if (loaded.about !== 'session') return
  const { predicate, session } = loaded
  const repository = presentName(predicate.repository)
  const agent = session.agent.id
  const configuration = await loadConfiguration(env, { organisation, repository, agent, configurations })

  const verdicts = await judgeEvidence(database, { evidence, inForce, repository, loaded, configuration })

  await saveVerdicts(organisation, database, { evidence, contractVersion: inForce.version, verdicts })
  const commits = predicate.attribution.map(({ commit }) => commit)
  await touchPullRequests(env, organisation, commits)
}
