/** The checklist of `stemma verify`: every check is shown, those that fail and those that could not be made. */

import { type Bytes, fromBase64 } from '#core/evidence/bytes.ts'
import { readConclusion } from '#core/evidence/conclusion.ts'
import { sha256Hex } from '#core/evidence/digest.ts'
import {
  type Envelope,
  preAuthenticationEncoding,
  readEnvelope,
  STATEMENT_PAYLOAD_TYPE,
} from '#core/evidence/envelope.ts'
import { readPublicKey, verifySignature } from '#core/evidence/key.ts'
import { writeLogLeaf } from '#core/evidence/log-leaf.ts'
import { readVerifierKey } from '#core/evidence/note.ts'
import {
  AI_CONFIG_PREDICATE,
  attributionOf,
  readStatement,
  type Statement,
  sessionOf,
  transcriptOf,
} from '#core/evidence/statement.ts'
import { type ReceiptVerdict, verifyTlogProof } from '#core/evidence/tlog-proof.ts'
import { type ProblemCode, verify } from '#core/evidence/verify.ts'
import { isFault } from '#core/fault.ts'
import { readWaiverStatement } from '#core/policy/waiver-statement.ts'
import { scopeWords } from '#core/policy/waiver-words.ts'
import { erasureWords } from '#core/report/erasure-words.ts'
import type { LocalTrust, Material } from './material.ts'

export interface Check {
  readonly name: string
  readonly result: 'passed' | 'failed' | 'skipped'
  readonly detail: string
}

export interface Checked {
  readonly source: string
  /** null where the envelope cannot be read. */
  readonly id: string | null
  readonly session: string | null
  readonly commits: readonly string[]
  readonly verified: boolean
  readonly checks: readonly Check[]
}

export async function check(material: Material, trust: LocalTrust): Promise<Checked> {
  let envelope: Envelope
  try {
    envelope = readEnvelope(material.envelope)
  } catch (fault) {
    if (!isFault(fault)) throw fault
    const checks: Check[] = [{ name: 'envelope', result: 'failed', detail: fault.message }]
    return { source: material.source, id: null, session: null, commits: [], verified: false, checks }
  }
  const said = readPlatform(envelope.payload)
  if (said !== null) return checkPlatform(envelope, said, { material, trust })
  const statement = statementOf(envelope)
  const id = await sha256Hex(envelope.payload)
  const signed = await checkEnvelope(envelope, material, trust)
  const holds = signed.every(({ result }) => result !== 'failed')
  const checks = [
    ...signed,
    await checkTranscript(statement, material, holds),
    ...(await checkReceipt(id, statement?.predicateType ?? '', { envelope, material, trust })),
  ]
  return {
    source: material.source,
    id,
    session: (statement && sessionOf(statement)?.id) ?? null,
    commits: statement === null ? [] : attributionOf(statement).map(({ commit }) => commit),
    verified: checks.every(({ result }) => result !== 'failed'),
    checks,
  }
}

/** What the platform signed, in the words of the list. */
interface PlatformStatement {
  readonly predicateType: string
  readonly commits: readonly string[]
  readonly said: Pick<Check, 'name' | 'detail'>
}

function readPlatform(payload: Bytes): PlatformStatement | null {
  const conclusion = readConclusion(payload)
  if (conclusion !== null) {
    const { predicateType, predicate, subject } = conclusion
    const verdict = 'result' in predicate ? predicate.result : predicate.verificationResult
    const said = { name: 'conclusion', detail: `${verdict} (${predicateType})` }
    return { predicateType, commits: subject.map(({ digest }) => digest.gitCommit), said }
  }
  const decided = readWaiverStatement(payload)
  if (decided === null) return null
  const { waiver, decision, at } = decided.predicate
  const what = `waiver of ${waiver.policy} for ${scopeWords(waiver.scope)} until ${waiver.expiresAt.slice(0, 10)}`
  const said = { name: 'decision', detail: `${decision} at ${at}: ${what}: ${waiver.reason}` }
  return { predicateType: decided.predicateType, commits: [], said }
}

/**
 * The platform's key is in nobody's hands to be trusted beforehand: it is believed because a leaf of the log names it,
 * and the log takes such a leaf from the platform only.
 */
async function checkPlatform(
  envelope: Envelope,
  { predicateType, commits, said }: PlatformStatement,
  { material, trust }: { readonly material: Material; readonly trust: LocalTrust },
): Promise<Checked> {
  const id = await sha256Hex(envelope.payload)
  const logged = await checkReceipt(id, predicateType, { envelope, material, trust })
  const isNamed = logged.every(({ result }) => result === 'passed')
  const spki = fromBase64(material.platformKey ?? '')
  const key = spki === null || spki.length === 0 ? null : await readPublicKey(spki).catch(() => null)
  const [signature] = envelope.signatures
  const bytes = preAuthenticationEncoding(envelope.payloadType, envelope.payload)
  const isSigned = key !== null && signature?.keyid === key.id && (await verifySignature(key, signature.bytes, bytes))
  const isTyped = envelope.payloadType === STATEMENT_PAYLOAD_TYPE
  const checks: Check[] = [
    { name: 'payload type', result: isTyped ? 'passed' : 'failed', detail: `is${isTyped ? '' : ' not'} in-toto's` },
    {
      name: 'signature',
      result: isSigned ? 'passed' : 'failed',
      detail: isSigned ? 'verifies over the very bytes' : 'by no key that stands beside it',
    },
    {
      name: 'key',
      result: isNamed ? 'passed' : 'failed',
      detail: isNamed ? "the platform's, named by the leaf in the log" : 'no trusted log names it; give --log-key',
    },
    { ...said, result: 'passed' },
    ...logged,
  ]
  return {
    source: material.source,
    id,
    session: null,
    commits,
    verified: checks.every(({ result }) => result === 'passed'),
    checks,
  }
}

function statementOf({ payload }: Envelope): Statement | null {
  try {
    return readStatement(payload)
  } catch {
    return null
  }
}

/** Which of the verification's problems belong to which line of the list. */
const lines: readonly { readonly name: string; readonly codes: readonly ProblemCode[]; readonly passed: string }[] = [
  { name: 'payload type', codes: ['payload-type'], passed: 'an in-toto statement' },
  { name: 'signature', codes: ['signature-invalid'], passed: 'verifies over the very bytes' },
  { name: 'key', codes: ['key-unknown', 'key-revoked'], passed: 'of full order and trusted here' },
  { name: 'statement', codes: ['statement-malformed'], passed: 'of a kind that this version reads' },
  { name: 'subjects', codes: ['subject-mismatch'], passed: 'all that is described, and nothing else' },
]

async function checkEnvelope(envelope: Envelope, { receipt }: Material, trust: LocalTrust): Promise<readonly Check[]> {
  const verdict = await verify(envelope, {
    keys: trust.keys,
    // What was not logged yet has no time that a key's end could be held against.
    loggedAt: receipt?.receivedAt ?? '1970-01-01T00:00:00Z',
  })
  const problems = verdict.verified ? [] : verdict.problems
  const isUnsigned = problems.some(({ code }) => code === 'key-unknown')
  const isUnread = problems.some(({ code }) => code === 'statement-malformed')
  return lines.map(({ name, codes, passed }): Check => {
    const problem = problems.find(({ code }) => codes.includes(code))
    if (problem !== undefined) return { name, result: 'failed', detail: problem.message }
    if (name === 'signature' && isUnsigned) {
      return { name, result: 'failed', detail: 'by no key that is trusted here; give the signer’s with --key' }
    }
    if (name === 'subjects' && isUnread) return { name, result: 'skipped', detail: 'the statement cannot be read' }
    return { name, result: 'passed', detail: passed }
  })
}

/** `holds`: whether the signature does, which is all that is left of an erased transcript. */
async function checkTranscript(
  statement: Statement | null,
  { transcript, erasure }: Material,
  holds: boolean,
): Promise<Check> {
  const name = 'transcript'
  if (statement === null) return { name, result: 'skipped', detail: 'the statement cannot be read' }
  const expected = transcriptOf(statement)
  if (statement.predicateType === AI_CONFIG_PREDICATE) return { name, result: 'skipped', detail: 'about configuration' }
  if (sessionOf(statement) === null) return { name, result: 'skipped', detail: 'about commits without a session' }
  if (expected === null) return { name, result: 'skipped', detail: 'none was sent (tier metadata)' }
  if (transcript === null && erasure !== null) {
    const detail = `transcript ${erasureWords(erasure)}${holds ? ', the signature over its digest still holds' : ''}`
    return { name, result: 'skipped', detail }
  }
  if (transcript === null) {
    return { name, result: 'skipped', detail: 'not on this machine any more; give it with --transcript FILE' }
  }
  return (await sha256Hex(transcript)) === expected.sha256
    ? { name, result: 'passed', detail: `${transcript.length} bytes with the digest that was signed` }
    : { name, result: 'failed', detail: 'the bytes do not have the digest that was signed' }
}

async function checkReceipt(
  id: string,
  predicateType: string,
  place: { readonly envelope: Envelope; readonly material: Material; readonly trust: LocalTrust },
): Promise<readonly Check[]> {
  const { receipt } = place.material
  const names = ['inclusion', 'checkpoint'] as const
  if (receipt === null) {
    return names.map((name) => ({ name, result: 'skipped', detail: 'no receipt: not sent yet, or not here' }))
  }
  if (place.trust.logKeys.length === 0) {
    return names.map((name) => ({
      name,
      result: 'skipped',
      detail: 'no log key is pinned here; give it with --log-key',
    }))
  }
  const keyIds = place.envelope.signatures.map(({ keyid }) => keyid).filter((keyId) => keyId !== null)
  const verdicts: ReceiptVerdict[] = []
  for (const logKey of place.trust.logKeys) {
    for (const keyId of keyIds) {
      try {
        const leaf = writeLogLeaf({
          evidenceId: id,
          predicateType,
          keyId,
          receivedAt: receipt.receivedAt,
        })
        verdicts.push(await verifyTlogProof(receipt.proof, leaf, await readVerifierKey(logKey)))
      } catch (fault) {
        if (!isFault(fault)) throw fault
        verdicts.push({ verified: false, problem: 'malformed', message: fault.message })
      }
    }
  }
  const verdict = verdicts.find(({ verified }) => verified) ?? closest(verdicts)
  if (verdict?.verified === true) {
    const isSameIndex = verdict.index === receipt.index
    const detail = `leaf ${verdict.index} of ${verdict.checkpoint.size}, logged ${receipt.receivedAt}`
    return [
      {
        name: 'inclusion',
        result: isSameIndex ? 'passed' : 'failed',
        detail: isSameIndex ? detail : 'another index than was told',
      },
      { name: 'checkpoint', result: 'passed', detail: `signed by ${verdict.checkpoint.origin}` },
    ]
  }
  const isIncludedWrongly = verdict?.problem === 'not-included'
  const message = verdict?.message ?? 'the envelope names no key'
  return [
    {
      name: 'inclusion',
      result: isIncludedWrongly ? 'failed' : 'skipped',
      detail: isIncludedWrongly ? message : 'the checkpoint is not to be trusted',
    },
    isIncludedWrongly
      ? { name: 'checkpoint', result: 'passed', detail: 'signed by the log' }
      : { name: 'checkpoint', result: 'failed', detail: message },
  ]
}

/** The one that came furthest: with several pinned logs, all others say only that they are not the log. */
function closest(verdicts: readonly ReceiptVerdict[]): ReceiptVerdict | undefined {
  const order = ['not-included', 'checkpoint-signature', 'malformed', 'other-log']
  const rank = (verdict: ReceiptVerdict) => (verdict.verified ? -1 : order.indexOf(verdict.problem))
  return [...verdicts].sort((left, right) => rank(left) - rank(right))[0]
}
