/** A pull request's report -> the same with its conclusion signed and in the log. */
import { utf8 } from '#core/evidence/bytes.ts'
import { canonicalJson } from '#core/evidence/canonical-json.ts'
import {
  SUMMARY_PREDICATE,
  summary,
  TEST_RESULT_PREDICATE,
  testResult,
  writeConclusion,
} from '#core/evidence/conclusion.ts'
import { sha256Hex } from '#core/evidence/digest.ts'
import type { Contract } from '#core/policy/contract.ts'
import type { Report } from '#core/report/report.ts'
import type { Env } from '#worker/env.ts'

/**
 * Once for each head and content: the same report again names the same conclusions, and the checkpoint that first covered
 * them. Never throws: a check must not hang because the log does not answer, and a report without ids says that it has none.
 */
export async function conclude(
  env: Env,
  organisation: string,
  { report, contract }: { readonly report: Report; readonly contract: Contract },
): Promise<Report> {
  try {
    const publicUrl = env.PUBLIC_URL.replace(/\/+$/, '')
    const contractDigest = await digestOf(contract)
    const concluding = { report, publicUrl, contractDigest }
    // The log grows by what others send; that changes nothing of what is concluded here.
    const { checkpoint: _, ...content } = report
    const at = new Date().toISOString()
    const result = writeConclusion(testResult(concluding))
    const testResultId = await sha256Hex(result)
    const statements = [
      { predicateType: TEST_RESULT_PREDICATE, payload: result },
      { predicateType: SUMMARY_PREDICATE, payload: writeConclusion(summary(concluding, { testResultId, at })) },
    ]
    const log = env.EVIDENCE_LOG.getByName(organisation)
    const { ids, checkpoint } = await log.conclude(await digestOf([content, contractDigest]), statements, at)
    const [first, second] = ids
    if (first === undefined || second === undefined) return report
    return { ...report, checkpoint, conclusions: { testResult: first, summary: second } }
  } catch (cause) {
    console.warn(JSON.stringify({ conclusion: 'not signed', head: report.head, cause: String(cause) }))
    return report
  }
}

/** Through JSON, as it is stored: members that are absent and those that are undefined are the same. */
async function digestOf(value: unknown): Promise<string> {
  return sha256Hex(utf8(canonicalJson(JSON.parse(JSON.stringify(value)))))
}
