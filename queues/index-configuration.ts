/** Evidence of a configuration -> its row, its drift, and the verdicts of sessions that ran under it. */
import { driftBetween } from '#core/configuration/drift.ts'
import { summaries } from '#core/configuration/summary.ts'
import type { AiConfig } from '#core/evidence/statement.ts'
import type { Env } from '#worker/env.ts'
import { neighboursOf, saveConfiguration, saveDrift, sessionsUnder } from '#worker/store/configurations.ts'
import { openDatabase } from '#worker/store/database.ts'
import type { EvidenceRow } from '#worker/store/evidence.ts'
import { readConfigurationEvidence } from './load-configuration.ts'

/** What one `sendBatch` takes. */
const BATCH = 100

/** The same rows come out in whatever order the evidence of a machine arrives here. */
export async function indexConfiguration(env: Env, evidence: EvidenceRow, predicate: AiConfig): Promise<void> {
  const { organisation, id } = evidence
  const database = openDatabase(env.DB)
  const { repository, commit, hash, tier } = predicate
  const agents = [...summaries(predicate.agents)]
  await saveConfiguration(organisation, database, { evidence, repository, commit, hash, tier, agents })

  const { before, after } = await neighboursOf(organisation, database, id)
  const read = (one: string) => readConfigurationEvidence(env, organisation, one)
  const drift = before === null ? null : driftBetween((await read(before)).agents, predicate.agents).length
  await saveDrift(organisation, database, { id, drift })
  // The next one was compared with what was there when it came; now it has a nearer predecessor.
  if (after !== null) {
    const next = driftBetween(predicate.agents, (await read(after)).agents).length
    await saveDrift(organisation, database, { id: after, drift: next })
  }

  // A session whose message came first was judged without it.
  const judged = await sessionsUnder(organisation, database, id)
  for (let start = 0; start < judged.length; start += BATCH) {
    const messages = judged.slice(start, start + BATCH)
    await env.JOBS.sendBatch(messages.map((evidenceId) => ({ body: { type: 'evaluate', organisation, evidenceId } })))
  }
}
