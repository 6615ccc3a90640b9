/** What a message about evidence needs: the row, the signed statement and the session with its events. */
import type { Erasure } from '#core/api/retention.ts'
import { readUtf8 } from '#core/evidence/bytes.ts'
import { readEnvelope } from '#core/evidence/envelope.ts'
import {
  AI_CONFIG_PREDICATE,
  type AiConfig,
  type AiSession,
  MERGED_ATTRIBUTION_PREDICATE,
  type MergedAttribution,
  OBSERVED_COMMITS_PREDICATE,
  type ObservedCommits,
  readStatement,
} from '#core/evidence/statement.ts'
import { Fault } from '#core/fault.ts'
import type { Session } from '#core/session/session.ts'
import { readSession } from '#core/session/session-text.ts'
import type { Env } from '#worker/env.ts'
import { blobsOf, envelopesOf } from '#worker/store/blobs.ts'
import { type EvidenceRow, erasureOf } from '#worker/store/evidence.ts'

/** What the evidence is about: a session, commits alone, or the configuration of agents. */
export type LoadedEvidence =
  | LoadedSession
  | { readonly about: 'commits'; readonly predicate: ObservedCommits }
  | { readonly about: 'configuration'; readonly predicate: AiConfig }
  | { readonly about: 'merge'; readonly predicate: MergedAttribution }

export interface LoadedSession {
  readonly about: 'session'
  readonly predicate: AiSession
  /** Without events where the transcript stayed on the developer's machine, or was erased. */
  readonly session: Session
  /** null where it was not erased. */
  readonly erasure: Erasure | null
}

/** Throws transcript-malformed where the transcript is not the session that the statement signs. */
export async function loadEvidence(env: Env, row: EvidenceRow): Promise<LoadedEvidence> {
  const { organisation, id, transcript } = row
  const marked = erasureOf(row)
  const [envelope, blob] = await Promise.all([
    envelopesOf(organisation, env.BLOBS).get(id),
    // What is marked as erased is not read, also while its blob is still there.
    transcript === null || marked !== null ? null : blobsOf(organisation, env.BLOBS).read(transcript),
  ])
  const statement = readStatement(readEnvelope(envelope).payload)
  if (statement.predicateType === OBSERVED_COMMITS_PREDICATE) {
    return { about: 'commits', predicate: statement.predicate }
  }
  if (statement.predicateType === MERGED_ATTRIBUTION_PREDICATE)
    return { about: 'merge', predicate: statement.predicate }
  if (statement.predicateType === AI_CONFIG_PREDICATE) return { about: 'configuration', predicate: statement.predicate }
  const { predicate } = statement
  const erasure = marked ?? (blob?.state === 'erased' ? blob.erasure : null)
  if (transcript === null || erasure !== null) {
    return { about: 'session', predicate, session: { ...predicate.session, events: [] }, erasure }
  }

  // Acknowledged evidence has its transcript in the bucket; that it is not there now may pass.
  if (blob?.state !== 'present') {
    throw new Fault('unavailable', {
      message: `The transcript ${transcript} is not in the bucket.`,
      hint: 'Restore it, then replay the message with `POST /v1/dead-letters/{id}/replay`.',
    })
  }
  const session = readSession(textOf(blob.bytes))
  if (session.id !== predicate.session.id || session.agent.id !== predicate.session.agent.id) {
    throw malformed(`The transcript is of session ${session.id}, and the statement signs ${predicate.session.id}.`)
  }
  return { about: 'session', predicate, session, erasure: null }
}

function textOf(bytes: Uint8Array<ArrayBuffer>): string {
  const text = readUtf8(bytes)
  if (text === null) throw malformed('The transcript is not UTF-8.')
  return text
}

function malformed(message: string): Fault {
  return new Fault('transcript-malformed', { message, hint: 'Send the session again: `stemma push`.' })
}
