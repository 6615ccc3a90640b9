/** Contribution -> redacted transcript and statement -> signed evidence. Nothing unredacted leaves this file. */
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { MAX_BLOB_BYTES } from '#core/api/evidence.ts'
import type { CommitAttribution } from '#core/attribution/attribution.ts'
import type { LineDigests } from '#core/attribution/line-digests.ts'
import { type Bytes, utf8 } from '#core/evidence/bytes.ts'
import { sha256Hex } from '#core/evidence/digest.ts'
import { MAX_ENVELOPE_BYTES, writeEnvelope } from '#core/evidence/envelope.ts'
import type { Signer } from '#core/evidence/key.ts'
import { signStatement } from '#core/evidence/sign.ts'
import {
  aiSessionStatement,
  type CommitsStatement,
  observedCommitsStatement,
  type SessionStatement,
  type Statement,
  writeStatement,
} from '#core/evidence/statement.ts'
import { Fault } from '#core/fault.ts'
import { askedOf, withoutWords } from '#core/session/asked.ts'
import { SESSION_MEDIA_TYPE } from '#core/session/session.ts'
import type { EvidenceNotes, OutgoingEvidence } from '../io/outgoing.ts'
import { headerOf } from '../io/summaries.ts'
import { VERSION } from '../version.ts'
import type { Contribution } from './contributions.ts'
import { type Privacy, redact, redactObserved } from './redact.ts'

export const PRODUCER = { name: 'stemma', version: VERSION }

/** base64 makes 4 bytes of 3; the rest of the envelope is a signature and a few words. */
export const MAX_PAYLOAD_BYTES = Math.floor(((MAX_ENVELOPE_BYTES - 2_000) * 3) / 4)

interface EvidenceRequest {
  /** `owner/name` */
  readonly repository: string | null
  readonly privacy: Privacy
  readonly now: Date
  /** Digests of the lines of these commits; null for a machine without the organisation's key. */
  readonly lineDigests: (commits: readonly CommitAttribution[]) => LineDigests | null
}

/** Exactly what would leave the machine, not yet signed. */
export interface Unsigned {
  readonly notes: Omit<EvidenceNotes, 'id'>
  readonly statement: Statement
  /** Redacted; null in tier `metadata`. */
  readonly transcript: string | null
}

/**
 * One for each contribution; more where the attribution of many commits does not fit one envelope. Throws
 * secret-remains where a secret is found after redaction, and body-too-large where a transcript is beyond the limit.
 */
export async function describe(contribution: Contribution, request: EvidenceRequest): Promise<readonly Unsigned[]> {
  const { session, text, attribution, redaction } = await redact(contribution, request.privacy)
  const bytes = utf8(text)
  const digest = await sha256Hex(bytes)
  if (request.privacy.tier !== 'metadata' && bytes.length > MAX_BLOB_BYTES) {
    throw new Fault('body-too-large', {
      message: `The transcript of ${session.id} has ${bytes.length} bytes; the limit is ${MAX_BLOB_BYTES}.`,
      hint: 'Send the statement without it: put `tier: metadata` into .stemma.yml, then `stemma push --retry`.',
    })
  }
  const transcript =
    request.privacy.tier !== 'metadata' ? { sha256: digest, mediaType: SESSION_MEDIA_TYPE, bytes: bytes.length } : null
  // Of the redacted session, so that no secret comes out; without a transcript no word of anybody leaves.
  const asked = request.privacy.tier !== 'metadata' ? askedOf(session) : withoutWords(askedOf(session))
  const statementOf = (commits: readonly CommitAttribution[], lineDigests: LineDigests | null): SessionStatement =>
    aiSessionStatement({
      session: { ...headerOf(session), asked },
      repository: request.repository,
      transcript,
      attribution: [...commits],
      lineDigests,
      redaction,
      producer: PRODUCER,
      createdAt: request.now.toISOString(),
    })
  return fitting(attribution, statementOf, request.lineDigests).map((statement) => ({
    notes: {
      session: session.id,
      predicateType: statement.predicateType,
      commits: statement.predicate.attribution.map(({ commit }) => commit),
      events: session.eventCount,
      content: digest,
      transcript: transcript?.sha256 ?? null,
      createdAt: request.now.toISOString(),
    },
    statement,
    transcript: transcript === null ? null : text,
  }))
}

/** Of commits to which no session contributed: what was seen of them, without any transcript. */
export async function describeObserved(
  observed: readonly CommitAttribution[],
  { repository, privacy, now, lineDigests }: EvidenceRequest,
): Promise<readonly Unsigned[]> {
  if (observed.length === 0) return []
  const { attribution, redaction } = await redactObserved(observed, privacy)
  const statementOf = (commits: readonly CommitAttribution[], digests: LineDigests | null): CommitsStatement =>
    observedCommitsStatement({
      repository,
      attribution: [...commits],
      lineDigests: digests,
      redaction,
      producer: PRODUCER,
      createdAt: now.toISOString(),
    })
  return fitting(attribution, statementOf, lineDigests).map((statement) => ({
    notes: {
      session: null,
      predicateType: statement.predicateType,
      commits: statement.predicate.attribution.map(({ commit }) => commit),
      events: 0,
      content: '',
      transcript: null,
      createdAt: now.toISOString(),
    },
    statement,
    transcript: null,
  }))
}

/**
 * Halves the commits until each statement fits; a single commit that does not fit goes without the digests of its lines,
 * and if need be without their ranges.
 */
function fitting<Kind extends Statement>(
  commits: readonly CommitAttribution[],
  statementOf: (commits: readonly CommitAttribution[], lineDigests: LineDigests | null) => Kind,
  lineDigests: EvidenceRequest['lineDigests'],
): readonly Kind[] {
  const fits = (statement: Kind): boolean => writeStatement(statement).length <= MAX_PAYLOAD_BYTES
  const whole = statementOf(commits, lineDigests(commits))
  if (fits(whole)) return [whole]
  if (commits.length > 1) {
    const middle = Math.ceil(commits.length / 2)
    return [commits.slice(0, middle), commits.slice(middle)].flatMap((half) => fitting(half, statementOf, lineDigests))
  }
  const plain = statementOf(commits, null)
  if (fits(plain)) return [plain]
  const counted = commits.map((commit) => ({ ...commit, files: commit.files.map((file) => ({ ...file, ranges: [] })) }))
  const short = statementOf(counted, null)
  if (fits(short)) return [short]
  throw new Fault('body-too-large', {
    message: `Commit ${commits[0]?.commit} changes ${commits[0]?.files.length} files, more than one statement can name.`,
    hint: 'Its evidence is not sent. Split such commits; see what it would be with `stemma push --preview`.',
  })
}

export async function sign(unsigned: Unsigned, signer: Signer): Promise<OutgoingEvidence> {
  const envelope = await signStatement(unsigned.statement, signer)
  return {
    notes: { ...unsigned.notes, id: await sha256Hex(envelope.payload) },
    envelope: writeEnvelope(envelope),
    transcript: unsigned.transcript === null ? null : await compress(utf8(unsigned.transcript)),
  }
}

/** On another thread: meanwhile the next session is described. */
async function compress(bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await promisify(gzip)(bytes))
}
