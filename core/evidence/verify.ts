/** The verification checklist: no network, no clock, every problem reported. Envelope + trust -> Verified or Rejected. */
import { asObject, objectIn, objectsIn } from '../agents/json-value.ts'
import { hashOfListed } from '../configuration/assemble.ts'
import { isFault } from '../fault.ts'
import { isSelfDelegated } from '../session/delegation.ts'
import { readUtf8 } from './bytes.ts'
import { sha256Hex } from './digest.ts'
import { type Envelope, preAuthenticationEncoding, STATEMENT_PAYLOAD_TYPE } from './envelope.ts'
import { type PublicKey, verifySignature } from './key.ts'
import { AI_CONFIG_PREDICATE, describedDigests, readStatement, type Statement, sessionOf } from './statement.ts'
import { parseStrictJson } from './strict-json.ts'

export interface TrustedKey {
  readonly publicKey: PublicKey
  /** RFC 3339; evidence logged at or after this time is not accepted. null = not revoked. */
  readonly revokedAt: string | null
}

export interface Trust {
  readonly keys: readonly TrustedKey[]
  /** When the log took the evidence in, RFC 3339 UTC: this time decides revocation, never a claimed one. */
  readonly loggedAt: string
}

export type ProblemCode =
  | 'payload-type'
  | 'signature-invalid'
  | 'key-unknown'
  | 'key-revoked'
  | 'statement-malformed'
  | 'subject-mismatch'

export interface Problem {
  readonly code: ProblemCode
  readonly message: string
}

export interface Verified {
  readonly verified: true
  /** Evidence id: hex SHA-256 of the payload. */
  readonly id: string
  readonly statement: Statement
  /** Key id of every distinct trusted key that signed; never empty. */
  readonly signedBy: readonly string[]
}

export interface Rejected {
  readonly verified: false
  readonly id: string
  readonly problems: readonly Problem[]
}

export async function verify(envelope: Envelope, trust: Trust): Promise<Verified | Rejected> {
  const id = await sha256Hex(envelope.payload)
  const signers = await signersOf(envelope, trust.keys)
  const statement = parse(envelope)
  const problems = [
    ...checkPayloadType(envelope),
    ...checkSigners(envelope, signers, trust),
    ...(statement.read ? checkSubjects(statement.statement) : statement.problems),
    ...(statement.read ? checkDelegation(statement.statement) : []),
    ...(statement.read ? await checkConfiguration(statement.statement, envelope) : []),
  ]
  if (problems.length > 0 || !statement.read) return { verified: false, id, problems }
  return { verified: true, id, statement: statement.statement, signedBy: signers.map(({ publicKey }) => publicKey.id) }
}

function checkPayloadType({ payloadType }: Envelope): Problem[] {
  if (payloadType === STATEMENT_PAYLOAD_TYPE) return []
  return [{ code: 'payload-type', message: `payload type is not ${STATEMENT_PAYLOAD_TYPE}` }]
}

/** Distinct trusted keys with a valid signature. A key id that matches orders the search and nothing else. */
async function signersOf(envelope: Envelope, keys: readonly TrustedKey[]): Promise<readonly TrustedKey[]> {
  const bytes = preAuthenticationEncoding(envelope.payloadType, envelope.payload)
  const found = new Map<string, TrustedKey>()
  for (const signature of envelope.signatures) {
    const hinted = keys.filter(({ publicKey }) => publicKey.id === signature.keyid)
    const others = keys.filter(({ publicKey }) => publicKey.id !== signature.keyid)
    for (const candidate of [...hinted, ...others]) {
      if (await verifySignature(candidate.publicKey, signature.bytes, bytes)) {
        // Keyed by id, so that copies of one signature do not count twice.
        found.set(candidate.publicKey.id, candidate)
        break
      }
    }
  }
  return [...found.values()]
}

function checkSigners(envelope: Envelope, signers: readonly TrustedKey[], trust: Trust): Problem[] {
  if (signers.length === 0) {
    const known = new Set(trust.keys.map(({ publicKey }) => publicKey.id))
    const hintsAtKnownKey = envelope.signatures.some(({ keyid }) => keyid !== null && known.has(keyid))
    return hintsAtKnownKey
      ? [{ code: 'signature-invalid', message: 'no signature verifies over these bytes' }]
      : [{ code: 'key-unknown', message: 'no trusted key made any of the signatures' }]
  }
  const valid = signers.filter(
    ({ revokedAt }) => revokedAt === null || Date.parse(trust.loggedAt) < Date.parse(revokedAt),
  )
  return valid.length > 0
    ? []
    : [
        {
          code: 'key-revoked',
          message: `the key was revoked at ${signers[0]?.revokedAt}, before the evidence was logged at ${trust.loggedAt}`,
        },
      ]
}

type Parsed =
  | { readonly read: true; readonly statement: Statement }
  | { readonly read: false; readonly problems: Problem[] }

function parse({ payload }: Envelope): Parsed {
  try {
    return { read: true, statement: readStatement(payload) }
  } catch (fault) {
    if (!isFault(fault)) throw fault
    return { read: false, problems: [{ code: 'statement-malformed', message: fault.message }] }
  }
}

/** Subjects say by digest what the predicate describes; a statement about other things than its subjects is a lie or a mistake. */
function checkSubjects(statement: Statement): Problem[] {
  const digests = new Set(
    statement.subject.map(({ digest }) => ('gitCommit' in digest ? digest.gitCommit : digest.sha256)),
  )
  const described = describedDigests(statement)
  const missing = described.filter((digest) => !digests.has(digest))
  const surplus = digests.size - new Set(described).size
  return missing.length === 0 && surplus === 0
    ? []
    : [
        {
          code: 'subject-mismatch',
          message: 'the subjects are not the commits, the transcript or the configuration that the predicate describes',
        },
      ]
}

/** Of a chain of sessions only this much shows in one statement; the rest is told where the others are known. */
function checkDelegation(statement: Statement): Problem[] {
  const session = sessionOf(statement)
  if (session === null || !isSelfDelegated(session)) return []
  return [{ code: 'statement-malformed', message: 'the session says that it started itself' }]
}

/**
 * The hash is what people compare and what drift is told by: it has to be that of what the statement lists. Looked up in
 * the payload itself, because reading drops what a newer version added and counted.
 */
async function checkConfiguration(statement: Statement, { payload }: Envelope): Promise<Problem[]> {
  if (statement.predicateType !== AI_CONFIG_PREDICATE) return []
  const predicate = objectIn(asObject(parseStrictJson(readUtf8(payload) ?? '')), 'predicate')
  if ((await hashOfListed(objectsIn(predicate, 'agents'))) === statement.predicate.hash) return []
  return [{ code: 'subject-mismatch', message: 'the hash is not that of the configuration that the predicate lists' }]
}
