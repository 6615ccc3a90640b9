/** Envelope -> Receipt: verify, keep, log, index. Once this answers, the evidence survives every crash that follows. */
import type { EvidenceAccepted } from '#core/api/evidence.ts'
import { type Bytes, readUtf8 } from '#core/evidence/bytes.ts'
import { readEnvelope } from '#core/evidence/envelope.ts'
import { type Statement, sessionOf, transcriptOf } from '#core/evidence/statement.ts'
import { type ProblemCode, type Rejected, type TrustedKey, verify } from '#core/evidence/verify.ts'
import { Fault, type FaultCode, isFault } from '#core/fault.ts'
import type { LogEntry, LogLeaf } from '#core/ports.ts'
import type { Env } from './env.ts'
import { asksForAccount, takePublishedKeys } from './identity/published-keys.ts'
import { blobsOf, envelopesOf } from './store/blobs.ts'
import type { Principal } from './store/credentials.ts'
import { openDatabase } from './store/database.ts'
import { type EvidenceRow, erasureOf, findEvidence, insertEvidence } from './store/evidence.ts'
import { type EnrolledTrust, trustedKeys } from './trust.ts'

export interface Acceptance {
  readonly row: EvidenceRow
  /** false where the same evidence had been acknowledged before. */
  readonly created: boolean
}

/** Throws json-*, envelope-malformed, statement-malformed, signature-invalid, key-*, transcript-missing or unavailable. */
export async function acceptEvidence(env: Env, principal: Principal, body: Bytes): Promise<Acceptance> {
  const organisation = principal.organisation.id
  const database = openDatabase(env.DB)
  const text = textOf(body)
  const envelope = readEnvelope(text)

  const hints = envelope.signatures.flatMap(({ keyid }) => (keyid === null ? [] : [keyid]))
  const readKeys = () => trustedKeys(organisation, database, { hints, person: principal.person.id })
  const known = await readKeys()
  const isAsked = asksForAccount(envelope, known, new Date().toISOString())
  const keys = isAsked && (await takePublishedKeys(env, principal, database)) ? await readKeys() : known
  const loggedAt = new Date().toISOString()
  const verified = await verify(envelope, { keys, loggedAt })
  if (!verified.verified) {
    // The same bytes give the same answer, even when the key was revoked after they were logged.
    const earlier = isOnlyRevoked(verified) ? await findEvidence(organisation, database, verified.id) : null
    if (earlier !== null) return { row: earlier, created: false }
    throw rejection(verified)
  }

  const { id, statement, signedBy } = verified
  const transcript = transcriptOf(statement)?.sha256 ?? null
  const signer = keys.find((key) => signedBy.includes(key.publicKey.id) && isValidAt(key, loggedAt))
  if (signer === undefined) throw new TypeError('verified evidence has a signer whose key is valid')
  requireOwnRepository(signer, statement)
  await keep(env, organisation, { id, text, transcript })

  const { index, receipt, receivedAt } = await append(env, organisation, {
    evidenceId: id,
    predicateType: statement.predicateType,
    keyId: signer.publicKey.id,
    receivedAt: loggedAt,
  })
  return insertEvidence(organisation, database, {
    id,
    sessionId: sessionOf(statement)?.id ?? null,
    person: signer.person,
    keyId: signer.publicKey.id,
    transcript,
    logIndex: index,
    receipt,
    receivedAt,
  })
}

export function acceptedView({ row }: Acceptance, publicUrl: string): EvidenceAccepted {
  const session = row.sessionId === null ? null : encodeURIComponent(row.sessionId)
  return {
    id: row.id,
    sessionId: row.sessionId,
    index: row.logIndex,
    receivedAt: row.receivedAt,
    receipt: row.receipt,
    links: {
      evidence: `${publicUrl}/v1/evidence/${row.id}`,
      session: session === null ? null : `${publicUrl}/v1/sessions/${session}`,
      dashboard: session === null ? publicUrl : `${publicUrl}/sessions/${session}`,
    },
    ...(row.erasedAt === null ? {} : { erasure: erasureOf(row) }),
  }
}

/** Envelope in the bucket and transcript in the bucket, before the log says that there is evidence. */
async function keep(
  env: Env,
  organisation: string,
  { id, text, transcript }: { readonly id: string; readonly text: string; readonly transcript: string | null },
): Promise<void> {
  const [isPresent] = await Promise.all([
    transcript === null || blobsOf(organisation, env.BLOBS).has(transcript),
    // An envelope that is refused below stays without effect: nothing points at it, and a retry finds it there.
    envelopesOf(organisation, env.BLOBS).put(id, text),
  ])
  if (isPresent) return
  throw new Fault('transcript-missing', {
    message: `The evidence names the transcript ${transcript}, which was not uploaded.`,
    hint: `Send it first with \`PUT /v1/blobs/${transcript}\`; \`stemma push\` does both.`,
  })
}

async function append(env: Env, organisation: string, leaf: LogLeaf): Promise<LogEntry> {
  try {
    return await env.EVIDENCE_LOG.getByName(organisation).append(leaf)
  } catch (cause) {
    // The log knows of the end of a key before whoever remembers keys for a moment.
    if (isFault(cause) && cause.code === 'key-revoked') throw cause
    throw new Fault('unavailable', {
      message: 'The log of the organisation did not take the evidence.',
      hint: 'It stays on the spool; send it again with `stemma push`.',
      cause,
    })
  }
}

function textOf(body: Bytes): string {
  const text = readUtf8(body)
  if (text !== null) return text
  throw new Fault('json-malformed', {
    message: 'The body is not UTF-8.',
    hint: 'Send the envelope as `stemma push` wrote it.',
  })
}

/** The first of these that holds names the refusal: who signed is settled before what was signed. */
const faultOfProblem: readonly (readonly [ProblemCode, FaultCode, string])[] = [
  ['key-unknown', 'key-unknown', 'Enrol this machine with `stemma init --token TOKEN`, then run `stemma push`.'],
  ['signature-invalid', 'signature-invalid', 'The envelope was changed after it was signed: run `stemma push` again.'],
  ['key-revoked', 'key-revoked', 'Make and enrol a new key with `stemma init --new-key --token TOKEN`.'],
  ['payload-type', 'envelope-malformed', 'Send the envelope as `stemma push` wrote it.'],
  ['statement-malformed', 'statement-malformed', 'Update the program that wrote it: `npm install -g stemma`.'],
  ['subject-mismatch', 'statement-malformed', 'Send the envelope as `stemma push` wrote it.'],
]

function rejection({ problems }: Rejected): Fault {
  const [, code, hint] = faultOfProblem.find(([problem]) => problems.some((found) => found.code === problem)) ?? [
    null,
    'verification-failed' as const,
    'Check the file with `stemma verify FILE`.',
  ]
  const message = problems.map((problem) => problem.message).join('; ')
  return new Fault(code, { message: `The evidence does not verify: ${message}.`.slice(0, 2_000), hint })
}

function isValidAt({ revokedAt }: TrustedKey, time: string): boolean {
  return revokedAt === null || Date.parse(time) < Date.parse(revokedAt)
}

/** GitHub vouched for one repository: what its pipeline says of another is worth nothing. */
function requireOwnRepository({ pipeline }: EnrolledTrust, { predicate }: Statement): void {
  if (pipeline === null || predicate.repository?.toLowerCase() === pipeline.repository.toLowerCase()) return
  throw new Fault('repository-mismatch', {
    message: `The key is that of a pipeline of ${pipeline.repository}, and the evidence is of ${predicate.repository ?? 'no repository'}.`,
    hint: 'Run `stemma push` in the repository that the workflow belongs to.',
  })
}

function isOnlyRevoked({ problems }: Rejected): boolean {
  return problems.every(({ code }) => code === 'key-revoked')
}
