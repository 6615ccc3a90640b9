/** What is in force in an organisation: one contract for everything, or documents that say which holds where. */
import { z } from 'zod'
import { Contract, defaultContract } from './contract.ts'
import { Document } from './document.ts'
import { mergeContracts } from './merge-contracts.ts'
import type { Verdict } from './policy.ts'

export interface ContractsInForce {
  /** Rises with each change of either. */
  readonly version: number
  /** Holds where there are no documents. */
  readonly contract: Contract
  readonly documents: readonly Document[] | null
}

export const defaultInForce: ContractsInForce = {
  version: defaultContract.version,
  contract: defaultContract,
  documents: null,
}

const Stored = z.object({
  version: z.int().positive(),
  contract: Contract,
  documents: z.array(Document).nullable(),
})

/** `row` as it is stored; undefined where nobody has written a contract yet. */
export function readContractsInForce(row: unknown): ContractsInForce {
  return row === undefined ? defaultInForce : Stored.parse(row)
}

/** `repository`: `owner/name`; null = not known. */
export function contractFor({ version, contract, documents }: ContractsInForce, repository: string | null): Contract {
  return documents === null ? contract : mergeContracts(documents, { repository, version })
}

/** The same as documents, so that it can be compared with some. */
export function documentsOf({ contract, documents }: ContractsInForce): readonly Document[] {
  if (documents !== null) return documents
  const { name, policies, missingSession, guard, redaction, tier, privacy, checks } = contract
  return [
    {
      apiVersion: 'stemma.dev/v1',
      kind: 'Contract',
      metadata: { name },
      spec: {
        policies,
        groups: [],
        gate: 'inherit',
        attach: 'organisation',
        skip: [],
        missingSession,
        guard,
        redaction,
        tier,
        privacy,
        checks,
      },
    },
  ]
}

/**
 * Verdicts that a session's evidence was given under `judged`, as they count under `contract`: evidence can name another
 * repository than the pull request that it is shown on (a fork's). What was judged with other parameters, or not at all,
 * is an error: it has not passed.
 */
export function verdictsUnder(
  contract: Contract,
  { judged, verdicts }: { readonly judged: Contract; readonly verdicts: readonly Verdict[] },
): readonly Verdict[] {
  return contract.policies.map((wanted): Verdict => {
    const { policy, gate } = wanted
    const found = verdicts.find((verdict) => verdict.policy === policy)
    const under = judged.policies.find((entry) => entry.policy === policy)
    if (found !== undefined && under !== undefined && isSameParameters(under.with, wanted.with))
      return { ...found, gate }
    const reason = 'The evidence names another repository, whose contract does not judge this or judges it otherwise.'
    return { policy, version: found?.version ?? 1, result: 'error', gate, findings: [], doubts: [], reason }
  })
}

export function isSameParameters(left: unknown, right: unknown): boolean {
  if (typeof left !== 'object' || left === null || typeof right !== 'object' || right === null) return left === right
  if (Array.isArray(left) !== Array.isArray(right)) return false
  const other = new Map<string, unknown>(Object.entries(right))
  const own = Object.entries(left)
  return (
    own.length === other.size && own.every(([key, value]) => other.has(key) && isSameParameters(value, other.get(key)))
  )
}
