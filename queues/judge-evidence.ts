/** Verdicts of the contract in force on loaded evidence; what was reached while the transcript was there outlives it. */
import { contractFor } from '#core/policy/contracts-in-force.ts'
import { judge } from '#core/policy/judge.ts'
import { keepVerdicts } from '#core/policy/kept-verdicts.ts'
import type { Subject, Verdict } from '#core/policy/policy.ts'
import { contractsOfVersion } from '#worker/store/contracts.ts'
import type { Database } from '#worker/store/database.ts'
import type { SessionEvidence } from '#worker/store/evidence.ts'
import type { StateOfEvidence } from '#worker/store/state-of-evidence.ts'
import { judgedUnder, verdictsOf } from '#worker/store/verdicts.ts'
import type { LoadedSession } from './load-evidence.ts'

interface Judging {
  readonly evidence: SessionEvidence
  readonly inForce: StateOfEvidence['inForce']
  readonly repository: string | null
  readonly loaded: LoadedSession
  readonly configuration: Exclude<Subject['configuration'], undefined>
}

export async function judgeEvidence(
  database: Database,
  { evidence, inForce, repository, loaded, configuration }: Judging,
): Promise<readonly Verdict[]> {
  const { session, predicate, erasure } = loaded
  const contract = contractFor(inForce, repository)
  const fresh = judge(contract, { session, commits: predicate.attribution, configuration }, erasure)
  if (erasure === null) return fresh

  const { organisation, id } = evidence
  const version = await judgedUnder(organisation, database, id)
  if (version === null) return fresh
  const before = await contractsOfVersion(organisation, database, version)
  const verdicts = await verdictsOf(organisation, database, id)
  return keepVerdicts(fresh, { contract, earlier: { contract: contractFor(before, repository), verdicts } })
}
