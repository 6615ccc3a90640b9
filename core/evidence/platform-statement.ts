/**
 * What the platform signs for an organisation, and no machine can: conclusions, decisions about waivers and about
 * attestations of controls, ends of keys.
 */
import { readAttestationStatement } from '../framework/attestation-statement.ts'
import { readWaiverStatement } from '../policy/waiver-statement.ts'
import type { Bytes } from './bytes.ts'
import { readConclusion } from './conclusion.ts'
import { KEY_REVOCATION_PREDICATE, type KeyRevocation, readKeyRevocation } from './key-revocation.ts'

export interface PlatformStatement {
  readonly predicateType: string
  /** `FAILED`, `approved`, `revoked`: what it comes to. */
  readonly verdict: string
  readonly commits: readonly string[]
  readonly revocation: KeyRevocation | null
}

/** null for a statement of any other kind. */
export function readPlatformStatement(payload: Bytes): PlatformStatement | null {
  const conclusion = readConclusion(payload)
  if (conclusion !== null) {
    const { predicateType, predicate, subject } = conclusion
    const verdict = 'result' in predicate ? predicate.result : predicate.verificationResult
    return { predicateType, verdict, commits: subject.map(({ digest }) => digest.gitCommit), revocation: null }
  }
  const waiver = readWaiverStatement(payload)
  if (waiver !== null) {
    const { predicateType, predicate } = waiver
    return { predicateType, verdict: predicate.decision, commits: [], revocation: null }
  }
  const attestation = readAttestationStatement(payload)
  if (attestation !== null) {
    const { predicateType, predicate } = attestation
    return { predicateType, verdict: predicate.decision, commits: [], revocation: null }
  }
  const revocation = readKeyRevocation(payload)
  return revocation === null
    ? null
    : { predicateType: KEY_REVOCATION_PREDICATE, verdict: 'revoked', commits: [], revocation }
}
