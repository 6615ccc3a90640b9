/** Rolled-up verdicts, contracts and attestations -> the posture of a scope, now and in the period before. */
import type { AttestationView } from '#core/api/frameworks.ts'
import { Fault } from '#core/fault.ts'
import { frameworksInForce } from '#core/framework/frameworks-in-force.ts'
import { type Attestation, type PolicyTally, type Posture, postureOf } from '#core/framework/posture.ts'
import { coveredBy, readScope, speaksFor } from '#core/framework/scope.ts'
import { type Period, previousPeriod } from '#core/metrics/period.ts'
import { contractFor } from '#core/policy/contracts-in-force.ts'
import { type Result, results } from '#core/policy/policy.ts'
import { attestationsOf } from './store/attestations.ts'
import { contractsInForce } from './store/contracts.ts'
import type { Database } from './store/database.ts'
import { type EvidenceOfVerdict, evidenceBehind, type VerdictSum, verdictSums } from './store/posture.ts'

export interface PostureQuestion {
  readonly framework: string
  /** `organisation`, `product:shop`, `project:pay`, `repository:acme/parser` */
  readonly scope: string
  readonly period: Period
  readonly now: string
}

export interface ReadPosture {
  readonly posture: Posture
  readonly before: Posture
  readonly period: Period
  readonly earlier: Period
  readonly evidence: readonly EvidenceOfVerdict[]
  readonly attestations: readonly AttestationView[]
}

/** Throws not-found for a framework, product or project that the organisation does not have. */
export async function readPosture(
  organisation: { readonly id: string; readonly name: string },
  database: Database,
  { framework: id, scope: named, period, now }: PostureQuestion,
): Promise<ReadPosture> {
  const inForce = await contractsInForce(organisation.id, database)
  const framework = frameworksInForce(inForce.documents).find((one) => one.id === id)
  if (framework === undefined) throw unknown(`framework ${JSON.stringify(id)}`, 'GET /v1/frameworks')
  const scope = readScope(named, organisation.name)
  const covers = coveredBy(scope, inForce.documents)
  if (covers === null) throw unknown(`${scope.kind} ${JSON.stringify(scope.name)}`, 'GET /v1/frameworks')

  const earlier = previousPeriod(period)
  const [[sums, sumsBefore], vouched] = await Promise.all([
    verdictSums(organisation.id, database, [period, earlier]),
    attestationsOf(organisation.id, database, framework.id),
  ])
  const judging = new Set(framework.controls.flatMap(({ policies }) => policies))
  const within = (all: readonly VerdictSum[]) =>
    all.filter(({ repository, policy }) => covers(repository) && judging.has(policy))
  const attestations = vouched.filter((one) =>
    speaksFor(readScope(one.scope, organisation.name), scope, inForce.documents),
  )

  const current = within(sums)
  const wanted = wantedOf(current)
  const evidence = (await evidenceBehind(organisation.id, database, { wanted, period })).filter(({ repository }) =>
    covers(repository ?? ''),
  )
  const repositories = new Set([...sums, ...sumsBefore].map(({ repository }) => repository).filter(covers))
  if (scope.kind === 'organisation') repositories.add('')
  if (scope.kind === 'repository') repositories.add(scope.name)
  const policies = new Set(
    [...repositories].flatMap((repository) =>
      contractFor(inForce, repository === '' ? null : repository).policies.map(({ policy }) => policy),
    ),
  )
  const base = { framework, scope, attestations: attestations.map(asAttestation), inForce: [...policies] }
  return {
    posture: postureOf({ ...base, at: endOf(period, now), tallies: talliesOf(current, evidence) }),
    before: postureOf({ ...base, at: endOf(earlier, now), tallies: talliesOf(within(sumsBefore), []) }),
    ...{ period, earlier, evidence, attestations },
  }
}

/** For each policy what speaks against it, or where nothing does, what speaks for it. */
function wantedOf(sums: readonly VerdictSum[]): readonly { readonly policy: string; readonly result: Result }[] {
  const wanted = new Map<string, { readonly policy: string; readonly result: Result }>()
  for (const { policy, result } of sums) {
    if (result === 'fail' || result === 'error' || result === 'pass')
      wanted.set(`${policy} ${result}`, { policy, result })
  }
  const isAgainst = (policy: string) => wanted.has(`${policy} fail`) || wanted.has(`${policy} error`)
  return [...wanted.values()].filter(({ policy, result }) => result !== 'pass' || !isAgainst(policy))
}

function talliesOf(sums: readonly VerdictSum[], evidence: readonly EvidenceOfVerdict[]): readonly PolicyTally[] {
  return [...new Set(sums.map(({ policy }) => policy))].map((policy) => {
    const own = sums.filter((one) => one.policy === policy)
    const number = (result: Result) =>
      own.filter((one) => one.result === result).reduce((sum, { verdicts }) => sum + verdicts, 0)
    const behind = (...wanted: readonly Result[]) =>
      evidence.filter((one) => one.policy === policy && wanted.includes(one.result)).map(({ evidenceId }) => evidenceId)
    const counts: Record<Result, number> = { pass: 0, fail: 0, error: 0, skipped: 0, waived: 0 }
    for (const result of results) counts[result] = number(result)
    return { policy, counts, against: behind('fail', 'error'), for: behind('pass') }
  })
}

/** Of a day that is over its end; of today this very moment, so that the same question is not answered by the future. */
function endOf({ to }: Period, now: string): string {
  const end = `${to}T23:59:59.999Z`
  return end < now ? end : now
}

function asAttestation({ framework, control, by, reason, createdAt, expiresAt }: AttestationView): Attestation {
  return { framework, control, by: by.name, statement: reason, madeAt: createdAt, expiresAt }
}

function unknown(what: string, route: string): Fault {
  return new Fault('not-found', { message: `Your organisation has no ${what}.`, hint: `List them with \`${route}\`.` })
}
