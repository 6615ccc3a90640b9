/** Evidence -> rows and rollups of its session with the verdicts of the contract in force, of its commits alone, or of a configuration. */
import type { Message } from '#core/api/messages.ts'
import type { Erasure } from '#core/api/retention.ts'
import { evidenceMarks } from '#core/attribution/merged-attribution.ts'
import { isFault } from '#core/fault.ts'
import { changeFigures, sessionFigures } from '#core/metrics/session-figures.ts'
import type { Env } from '#worker/env.ts'
import { blobsOf } from '#worker/store/blobs.ts'
import { saveEvidenceLines } from '#worker/store/commit-evidence.ts'
import { indexObservedCommits } from '#worker/store/count-changes.ts'
import { openDatabase } from '#worker/store/database.ts'
import { markEvidence, settleErasures } from '#worker/store/erasures.ts'
import { type EvidenceRow, failEvidence, isAboutSession } from '#worker/store/evidence.ts'
import { indexSession } from '#worker/store/index-session.ts'
import { indexMergedCommits } from '#worker/store/merged-attributions.ts'
import { touchPullRequests } from '#worker/store/pull-requests.ts'
import { stateOfEvidence } from '#worker/store/state-of-evidence.ts'
import { indexConfiguration } from './index-configuration.ts'
import { judgeEvidence } from './judge-evidence.ts'
import { loadConfiguration } from './load-configuration.ts'
import { type LoadedEvidence, loadEvidence } from './load-evidence.ts'

/** Normally one; what others left behind is the clock's. */
const MAX_SETTLED = 10

type IndexMessage = Extract<Message, { readonly type: 'index' }>

/**
 * Evidence that no retry can read is marked as failed, with the reason; everything else that goes wrong is tried again.
 * The verdicts are reached here too, since the transcript is at hand: reading it a second time would double the work.
 */
export async function onIndex({ organisation, evidenceId }: IndexMessage, env: Env): Promise<void> {
  const database = openDatabase(env.DB)
  const { evidence, owner, inForce, configurations, presentName } = await stateOfEvidence(
    organisation,
    database,
    evidenceId,
  )
  if (evidence === null) return
  const loaded = refusal(evidence, owner) ?? (await load(env, evidence))
  if (typeof loaded === 'string') {
    await failEvidence(organisation, database, { id: evidenceId, reason: loaded })
    return
  }

  if (loaded.about === 'merge') {
    const { attribution } = loaded.predicate
    return indexMergedCommits(organisation, database, { evidence, attribution })
  }
  if (loaded.about !== 'configuration') {
    const marks = evidenceMarks(loaded.predicate.lineDigests)
    await saveEvidenceLines(organisation, database, { evidenceId, marks })
  }
  if (isAboutSession(evidence) && loaded.about === 'session') {
    const { predicate, session } = loaded
    const repository = presentName(predicate.repository)
    const agent = session.agent.id
    const configuration = await loadConfiguration(env, { organisation, repository, agent, configurations })
    const verdicts = await judgeEvidence(database, { evidence, inForce, repository, loaded, configuration })
    await indexSession(organisation, database, {
      evidence,
      header: predicate.session,
      repository,
      figures: sessionFigures(predicate, evidence.receivedAt),
      contractVersion: inForce.version,
      verdicts,
    })
    if (loaded.erasure !== null) await eraseAgain(env, evidence, loaded.erasure)
  } else if (loaded.about === 'configuration') {
    const repository = presentName(loaded.predicate.repository)
    return indexConfiguration(env, evidence, { ...loaded.predicate, repository })
  } else {
    const { attribution } = loaded.predicate
    const repository = presentName(loaded.predicate.repository)
    await indexObservedCommits(organisation, database, { evidence, repository, commits: changeFigures(attribution) })
  }
  const commits = loaded.predicate.attribution.map(({ commit }) => commit)
  await touchPullRequests(env, organisation, commits)
}

/** Evidence that came after the erasure: it carries the mark like the others, and what was uploaded for it goes. */
async function eraseAgain(env: Env, { organisation, id }: EvidenceRow, erasure: Erasure): Promise<void> {
  const database = openDatabase(env.DB)
  await markEvidence(organisation, database, { ids: [id], erasure })
  await settleErasures(organisation, database, { blobs: blobsOf(organisation, env.BLOBS), limit: MAX_SETTLED })
}

/** The evidence, or why it can never be read. */
async function load(env: Env, evidence: EvidenceRow): Promise<LoadedEvidence | string> {
  try {
    return await loadEvidence(env, evidence)
  } catch (error) {
    if (isFault(error) && error.code === 'transcript-malformed') return error.message
    throw error
  }
}

/** A session belongs to whoever sent its first evidence: nobody rewrites a colleague's figures. */
function refusal({ person, sessionId }: EvidenceRow, owner: string | null): string | null {
  if (owner === null || owner === person) return null
  return `The session ${sessionId} belongs to another person, whose key signed its earlier evidence.`
}
