/** Verdicts of a session whose transcript was erased: what was reached while it was there stays. */
import type { Contract } from './contract.ts'
import { isSameParameters } from './contracts-in-force.ts'
import type { Policy, Verdict } from './policy.ts'
import { policies as registry } from './registry.ts'

export interface EarlierVerdicts {
  /** By which they were reached. */
  readonly contract: Contract
  readonly verdicts: readonly Verdict[]
}

/**
 * `fresh`: reached without the transcript. A policy that reads the signed header only is judged anew; of the others the
 * earlier verdict stays where it answers the same question, with the parameters that the contract asks for now.
 */
export function keepVerdicts(
  fresh: readonly Verdict[],
  {
    contract,
    earlier,
    policies = registry,
  }: {
    readonly contract: Contract
    readonly earlier: EarlierVerdicts
    readonly policies?: readonly Policy[]
  },
): readonly Verdict[] {
  const readsHeader = new Set(policies.filter(({ reads }) => reads === 'header').map(({ id }) => id))
  return fresh.map((verdict) => {
    const known = earlier.verdicts.find(({ policy }) => policy === verdict.policy)
    const [asked, before] = [contract, earlier.contract].map(({ policies: entries }) =>
      entries.find(({ policy }) => policy === verdict.policy),
    )
    if (known === undefined || asked === undefined || before === undefined || readsHeader.has(verdict.policy)) {
      return verdict
    }
    return isSameParameters(before.with, asked.with) ? { ...known, gate: verdict.gate } : verdict
  })
}
