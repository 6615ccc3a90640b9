/**
 * What the platform concludes of a pull request's head, as in-toto statements that it signs: the policies' results (Test
 * Result v0.1) and one summary (SLSA Verification Summary v1). Subject is the head commit.
 */
import { z } from 'zod'
import type { Verdict } from '../policy/policy.ts'
import type { Report } from '../report/report.ts'
import { type Bytes, readUtf8, utf8 } from './bytes.ts'
import { canonicalJson } from './canonical-json.ts'
import { STATEMENT_TYPE } from './statement.ts'
import { parseStrictJson } from './strict-json.ts'

/** https://github.com/in-toto/attestation/blob/main/spec/predicates/test-result.md */
export const TEST_RESULT_PREDICATE = 'https://in-toto.io/attestation/test-result/v0.1'
/** https://slsa.dev/spec/v1.0/verification_summary */
export const SUMMARY_PREDICATE = 'https://slsa.dev/verification_summary/v1'

/** A level of our own, as the specification allows where it does not begin with `SLSA_`. */
const PASSED_LEVEL = 'STEMMA_CONTRACT'

const hex256 = z.string().regex(/^[0-9a-f]{64}$/)
const descriptor = z.object({ uri: z.string(), digest: z.object({ sha256: hex256 }) })
const head = {
  _type: z.literal(STATEMENT_TYPE),
  subject: z.array(z.object({ name: z.string(), digest: z.object({ gitCommit: z.string() }) })).length(1),
}

const Conclusion = z.discriminatedUnion('predicateType', [
  z.object({
    ...head,
    predicateType: z.literal(TEST_RESULT_PREDICATE),
    predicate: z.object({
      result: z.enum(['PASSED', 'WARNED', 'FAILED']),
      configuration: z.array(descriptor),
      url: z.string(),
      passedTests: z.array(z.string()),
      warnedTests: z.array(z.string()),
      failedTests: z.array(z.string()),
    }),
  }),
  z.object({
    ...head,
    predicateType: z.literal(SUMMARY_PREDICATE),
    predicate: z.object({
      verifier: z.object({ id: z.string() }),
      timeVerified: z.iso.datetime(),
      resourceUri: z.string(),
      policy: descriptor,
      inputAttestations: z.array(descriptor),
      verificationResult: z.enum(['PASSED', 'FAILED']),
      verifiedLevels: z.array(z.string()),
    }),
  }),
])
export type Conclusion = Readonly<z.infer<typeof Conclusion>>

export interface Concluding {
  readonly report: Report
  /** Where the platform is reached; names the verifier. */
  readonly publicUrl: string
  /** Hex SHA-256 of the contract in canonical JSON. */
  readonly contractDigest: string
}

/**
 * A verdict is a test, named by policy, version and what it is about. What would fail a required check is failed; what
 * was found without standing in the way, or is waived, is warned of; what was skipped is left out.
 */
export function testResult({ report, publicUrl, contractDigest }: Concluding): Conclusion {
  const tests = [
    ...report.sessions.flatMap(({ id, verdicts }) => verdicts.map((verdict) => ({ verdict, about: id }))),
    ...(report.verdicts ?? []).map((verdict) => ({ verdict, about: 'pull-request' })),
  ]
  const named = (wanted: 'passed' | 'warned' | 'failed'): string[] =>
    tests
      .filter(({ verdict }) => classOf(verdict) === wanted)
      .map(({ verdict: { policy, version }, about }) => `${policy}@${version} ${about}`)
  return {
    _type: STATEMENT_TYPE,
    subject: [{ name: report.repository, digest: { gitCommit: report.head } }],
    predicateType: TEST_RESULT_PREDICATE,
    predicate: {
      result: ({ success: 'PASSED', neutral: 'WARNED', failure: 'FAILED' } as const)[report.conclusion],
      configuration: [contractOf(publicUrl, contractDigest)],
      url: report.dashboardUrl,
      passedTests: named('passed'),
      warnedTests: named('warned'),
      failedTests: named('failed'),
    },
  }
}

/** `testResultId`: hex SHA-256 of the other statement. A neutral conclusion has not passed. */
export function summary(
  { report, publicUrl, contractDigest }: Concluding,
  { testResultId, at }: { readonly testResultId: string; readonly at: string },
): Conclusion {
  const isPassed = report.conclusion === 'success'
  const inputs = report.sessions.map(({ evidenceId: id }) => ({
    uri: `${publicUrl}/v1/evidence/${id}`,
    digest: { sha256: id },
  }))
  return {
    _type: STATEMENT_TYPE,
    subject: [{ name: report.repository, digest: { gitCommit: report.head } }],
    predicateType: SUMMARY_PREDICATE,
    predicate: {
      verifier: { id: publicUrl },
      timeVerified: at,
      resourceUri: report.dashboardUrl,
      policy: contractOf(publicUrl, contractDigest),
      inputAttestations: [
        ...inputs,
        { uri: `${publicUrl}/v1/conclusions/${testResultId}`, digest: { sha256: testResultId } },
      ],
      verificationResult: isPassed ? 'PASSED' : 'FAILED',
      verifiedLevels: [isPassed ? PASSED_LEVEL : 'FAILED'],
    },
  }
}

export function writeConclusion(conclusion: Conclusion): Bytes {
  return utf8(canonicalJson(conclusion))
}

/** null for any other statement. */
export function readConclusion(payload: Bytes): Conclusion | null {
  try {
    return Conclusion.safeParse(parseStrictJson(readUtf8(payload) ?? '')).data ?? null
  } catch {
    return null
  }
}

function contractOf(publicUrl: string, sha256: string) {
  return { uri: `${publicUrl}/v1/contract`, digest: { sha256 } }
}

function classOf({ result, gate }: Verdict): 'passed' | 'warned' | 'failed' | null {
  if (result === 'skipped') return null
  if (result === 'pass') return 'passed'
  return gate && result !== 'waived' ? 'failed' : 'warned'
}
