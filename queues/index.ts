/** Evidence -> rows and rollups of its session. */
import type { Message } from '#core/api/messages.ts'
import { isFault } from '#core/fault.ts'
import { sessionFigures } from '#core/metrics/session-figures.ts'
import type { Env } from '#worker/env.ts'
import { openDatabase } from '#worker/store/database.ts'
import { type EvidenceRow, failEvidence, findEvidence } from '#worker/store/evidence.ts'
import { indexSession, ownerOfSession } from '#worker/store/index-session.ts'
import { type LoadedEvidence, loadEvidence } from './load-evidence.ts'

type IndexMessage = Extract<Message, { readonly type: 'index' }>

/** Evidence that no retry can read is marked as failed, with the reason; everything else that goes wrong is tried again. */
export async function onIndex({ organisation, evidenceId }: IndexMessage, env: Env): Promise<void> {
  const database = openDatabase(env.DB)
  const evidence = await findEvidence(organisation, database, evidenceId)
  if (evidence === null) return
  const loaded = await load(env, evidence)
  const owner = await ownerOfSession(organisation, database, evidence.sessionId)

  const reason = typeof loaded === 'string' ? loaded : refusal(evidence, owner)
  if (typeof loaded === 'string' || reason !== null) {
    await failEvidence(organisation, database, { id: evidenceId, reason: reason ?? '' })
    return
  }

  const { predicate } = loaded
  await indexSession(organisation, database, {
    evidence,
    header: predicate.session,
    repository: predicate.repository,
    figures: sessionFigures(predicate, evidence.receivedAt),
  })
  await env.JOBS.send({ type: 'evaluate', organisation, evidenceId })
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
