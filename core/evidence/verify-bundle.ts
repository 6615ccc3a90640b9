/**
 * Bundle + log key -> verdict: for each piece of evidence the first check that fails. The log's key is the only thing that
 * is trusted: signers' keys are believed because leaves in the log name them. docs/verify/verify.py says the same.
 */
import { isFault } from '../fault.ts'
import type { Audit } from './audit.ts'
import { type Bundle, readBundle } from './bundle.ts'
import type { PublicKey } from './key.ts'
import { type NoteVerifier, readVerifierKey } from './note.ts'
import { readKeyText } from './ssh-key.ts'
import { type ConclusionVerdict, judgeConclusion, knownRevocations } from './verify-bundled-conclusion.ts'
import { type EvidenceVerdict, type Judged, judgeEvidence } from './verify-bundled-evidence.ts'
import { judgeLog, type LogProblemCode } from './verify-bundled-log.ts'
import { type Cosigned, cosignaturesBy } from './witnessed.ts'

export type BundleProblemCode =
  | 'log-key-untrusted'
  | 'key-malformed'
  | 'cosignature-invalid'
  | 'not-cosigned'
  | LogProblemCode

interface BundleProblem {
  readonly code: BundleProblemCode
  readonly message: string
}

export interface BundleVerdict {
  readonly verified: boolean
  readonly origin: string | null
  /** What is wrong with the log or the bundle as a whole. */
  readonly problems: readonly BundleProblem[]
  readonly evidence: readonly EvidenceVerdict[]
  readonly conclusions: readonly ConclusionVerdict[]
  /** Of the witnesses that were asked for: the largest tree that each cosigned. */
  readonly witnesses: readonly Pick<Cosigned, 'name' | 'size' | 'at'>[]
  /** The log re-derived; null where the bundle has no entries. */
  readonly audit: Audit | null
}

/** `logKeys`: verifier keys that are trusted. `witnesses`: each must have cosigned a tree that holds what is verified. */
export async function verifyBundle(
  text: string,
  logKeys: readonly string[],
  witnesses: readonly NoteVerifier[] = [],
): Promise<BundleVerdict> {
  let bundle: Bundle
  try {
    bundle = readBundle(text)
  } catch (fault) {
    if (!isFault(fault)) throw fault
    return rejected('bundle-malformed', fault.message)
  }
  if (!logKeys.includes(bundle.log.key)) {
    return rejected('log-key-untrusted', 'the log of this bundle is not one that is trusted here')
  }
  const log = await readVerifierKey(bundle.log.key)
  const keys = await keysOf(bundle)
  if (keys === null) return rejected('key-malformed', 'a key of the bundle is none that signs evidence')
  const concluded = await Promise.all((bundle.conclusions ?? []).map((one) => judgeConclusion(one, log)))
  const revocations = knownRevocations(concluded.map(([verdict]) => verdict))
  const trust = { keys, log, revocations: revocations.byKey }
  const judged = await Promise.all(bundle.evidence.map((one) => judgeEvidence(one, trust)))
  const { audit, problems: ofLog, seen } = await judgeLog(bundle, log, revocations)
  const cosigned = await cosignaturesBy(witnesses, seen)
  const isWhole = audit?.verified === true
  const evidence = judged.map((one) => requireWitnesses(one, cosigned, isWhole))
  const conclusions = concluded.map((one) => requireWitnesses(one, cosigned, isWhole))
  const problems = [...ofLog, ...witnessProblems(cosigned)]
  const verified = problems.length === 0 && [...evidence, ...conclusions].every(({ problem }) => problem === null)
  const told = cosigned.map(({ name, size, at }) => ({ name, size, at }))
  return { verified, origin: log.name, problems, evidence, conclusions, witnesses: told, audit }
}

function rejected(code: BundleProblemCode, message: string): BundleVerdict {
  const nothing = { origin: null, evidence: [], conclusions: [], witnesses: [], audit: null }
  return { verified: false, problems: [{ code, message }], ...nothing }
}

async function keysOf({ keys }: Bundle): Promise<readonly PublicKey[] | null> {
  try {
    return await Promise.all(keys.map(({ publicKey }) => readKeyText(publicKey)))
  } catch (fault) {
    if (!isFault(fault)) throw fault
    return null
  }
}

function witnessProblems(cosigned: readonly Cosigned[]): readonly BundleProblem[] {
  return cosigned.flatMap(({ name, size, isForged }): BundleProblem[] => [
    ...(isForged
      ? [{ code: 'cosignature-invalid' as const, message: `a signature in the name of ${name} is false` }]
      : []),
    ...(size === null
      ? [{ code: 'not-cosigned' as const, message: `${name} cosigned no checkpoint of this bundle` }]
      : []),
  ])
}

interface OfLeaf {
  readonly index: number
  readonly problem: { readonly code: string; readonly message: string } | null
}

/** The receipt's own tree is cosigned, or a larger one of which the re-derived log shows that it holds the leaf. */
function requireWitnesses<Verdict extends OfLeaf>(
  [verdict, seen]: Judged<Verdict>,
  cosigned: readonly Cosigned[],
  isWhole: boolean,
): Verdict {
  if (verdict.problem !== null || seen === null) return verdict
  const missing = cosigned.find(
    ({ size, covers }) => !covers(seen.checkpoint) && !(isWhole && size !== null && size > verdict.index),
  )
  if (missing === undefined) return verdict
  const message = `${missing.name} cosigned no tree of which it is shown that it holds leaf ${verdict.index}`
  return { ...verdict, problem: { code: 'not-cosigned', message } }
}
