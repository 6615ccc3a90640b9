/** Verdicts as they are stored: the contract evaluated, and nothing passed for want of events. */
import type { Erasure } from '../api/retention.ts'
import { erasureWords } from '../report/erasure-words.ts'
import type { Contract } from './contract.ts'
import { withCustomPolicies } from './custom-policies.ts'
import { evaluate } from './evaluate.ts'
import type { Subject, Verdict } from './policy.ts'
import { policies } from './registry.ts'
import { withheldEvents } from './withheld-events.ts'

/** `erasure`: why the events are not there, where they once were. */
export function judge(contract: Contract, subject: Subject, erasure: Erasure | null = null): readonly Verdict[] {
  const why = erasure === null ? undefined : `Cannot tell: the transcript was ${erasureWords(erasure)}.`
  return withheldEvents(subject.session, evaluate(contract, subject), {
    registry: withCustomPolicies(policies, contract.custom),
    why,
  })
}
