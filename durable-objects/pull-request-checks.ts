/** The checks at a head: `Stemma`, and one for each framework that the contract names; each is opened and completed. */
import { frameworksInForce } from '#core/framework/frameworks-in-force.ts'
import type { Contract } from '#core/policy/contract.ts'
import { type ContractsInForce, contractFor } from '#core/policy/contracts-in-force.ts'
import type { CheckRun } from '#core/ports.ts'
import { renderCheckRun } from '#core/report/check-run.ts'
import {
  droppedCheck,
  type FrameworkCheck,
  frameworkChecks,
  renderFrameworkCheck,
} from '#core/report/framework-check.ts'
import type { Report } from '#core/report/report.ts'
import type { Env } from '#worker/env.ts'
import { contractsInForce } from '#worker/store/contracts.ts'
import { openDatabase } from '#worker/store/database.ts'

/** The checks of frameworks under what is in force for the repository. */
export function checksInForce(inForce: ContractsInForce, repository: string): readonly FrameworkCheck[] {
  return frameworkChecks(contractFor(inForce, repository), frameworksInForce(inForce.documents))
}

export async function loadChecks(
  env: Env,
  { organisation, repository }: { readonly organisation: string; readonly repository: string },
): Promise<readonly FrameworkCheck[]> {
  return checksInForce(await contractsInForce(organisation, openDatabase(env.DB)), repository)
}

interface Judged {
  readonly report: Report
  readonly contract: Contract
  readonly checks: readonly FrameworkCheck[]
  /** Names of those of frameworks that were opened. */
  readonly opened: readonly string[]
}

/** The contract's own first: what rules require is completed before what informs. */
export function completedChecks({ report, contract, checks, opened }: Judged): readonly [CheckRun, ...CheckRun[]] {
  const { head, dashboardUrl: detailsUrl } = report
  const dropped = opened.filter((name) => !checks.some((check) => check.name === name))
  return [
    renderCheckRun(report),
    ...checks.map((check) => renderFrameworkCheck(report, check, contract)),
    ...dropped.map((name) => droppedCheck({ name, head, detailsUrl })),
  ]
}
