/** Evaluation of a contract by a given list of policies: who needs few of them does not load the others. */
import type { Contract } from './contract.ts'
import type { Evaluation, Policy, Result, Subject, Verdict } from './policy.ts'

/**
 * One verdict for each entry of the contract, in its order. Never throws: a rule that does, parameters that do not fit
 * and a policy that is not known give `error` with the reason, for nothing may pass because it broke.
 */
export function evaluateBy(
  registry: readonly Policy[],
  contract: Pick<Contract, 'policies'>,
  subject: Subject,
): readonly Verdict[] {
  return contract.policies.map(({ policy: id, with: parameters, gate }) => {
    const policy = registry.find((candidate) => candidate.id === id)
    if (!policy) return failed(id, 1, gate, `There is no policy named "${id}".`)
    try {
      return verdict(policy, gate, policy.evaluate(subject, parameters))
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause)
      return failed(id, policy.version, gate, `The policy could not be evaluated: ${message.slice(0, 500)}`)
    }
  })
}

function verdict(policy: Policy, gate: boolean, { findings, doubts, skipped, note }: Evaluation): Verdict {
  const base = { policy: policy.id, version: policy.version, gate, findings: [...findings], doubts: [...doubts] }
  return { ...base, ...resultOf({ findings, doubts, skipped, note: note ?? null }) }
}

function resultOf({ findings, doubts, skipped, note }: Evaluation): { result: Result; reason: string | null } {
  if (findings.length > 0) return { result: 'fail', reason: note ?? null }
  if (doubts.length > 0) return { result: 'error', reason: `Cannot tell: ${doubts[0]?.message ?? ''}` }
  if (skipped !== null) return { result: 'skipped', reason: skipped }
  return { result: 'pass', reason: note ?? null }
}

function failed(policy: string, version: number, gate: boolean, reason: string): Verdict {
  return { policy, version, result: 'error', gate, findings: [], doubts: [], reason }
}
