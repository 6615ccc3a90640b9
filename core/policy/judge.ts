/** Verdicts as they are stored: the contract evaluated, and nothing passed for want of events. */
import type { Contract } from './contract.ts'
import { evaluate } from './evaluate.ts'
import type { Subject, Verdict } from './policy.ts'
import { withheldEvents } from './withheld-events.ts'

export function judge(contract: Contract, subject: Subject): readonly Verdict[] {
  return withheldEvents(subject.session, evaluate(contract, subject))
}
