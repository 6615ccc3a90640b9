/** Rolled-up verdicts, contracts and attestations -> the posture of a scope, now and in the period before. */
import type { AttestationView } from '#core/api/frameworks.ts'
import { Fault } from '#core/fault.ts'
import { frameworksInForce } from '#core/framework/frameworks-in-force.ts'
import { type Attestation, type Posture, postureOf } from '#core/framework/posture.ts'
import { coveredBy, readScope, speaksFor } from '#core/framework/scope.ts'
import {
  type CountedSum,
  countedSums,
  decidedByMerge,
  judgedInstead,
  talliesOf,
  type VerdictSum,
} from '#core/framework/tally.ts'
import { type Period, previousPeriod } from '#core/metrics/period.ts'
import { contractFor } from '#core/policy/contracts-in-force.ts'
import { attestationsOf } from './store/attestations.ts'
import { contractsInForce } from './store/contracts.ts'
import type { Database } from './store/database.ts'
import { type EvidenceOfVerdict, evidenceBehind, verdictSums, type Wanted } from './store/posture.ts'

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
    verdictSums(organisation.id, database, { periods: [period, earlier], now }),
    attestationsOf(organisation.id, database, framework.id),
  ])
  const judging = new Set(framework.controls.flatMap(({ policies }) => policies))
  const within = (all: readonly VerdictSum[]) =>
    all.filter(({ repository, policy }) => covers(repository) && judging.has(policy))
  const attestations = vouched.filter((one) =>
    speaksFor(readScope(one.scope, organisation.name), scope, inForce.documents),
  )

  const current = within(sums)
  const repositories = scope.kind === 'organisation' ? null : namesIn(current)
  const counted = countedSums(current)
  const wanted = wantedOf(counted)
  const evidence = await evidenceBehind(organisation.id, database, { wanted, repositories, period })
  const places = new Set(namesIn([...sums, ...sumsBefore]).filter(covers))
  if (scope.kind === 'organisation') places.add('')
  if (scope.kind === 'repository') places.add(scope.name)
  const policies = new Set(
    [...places].flatMap((repository) =>
      contractFor(inForce, repository === '' ? null : repository).policies.map(({ policy }) => policy),
    ),
  )
  const base = { framework, scope, attestations: attestations.map(asAttestation), inForce: [...policies] }
  const onPullRequests = judgedInstead()
  const behind = evidence.map((one) => ({ ...one, name: evidenceName(one) }))
  const earlierSums = within(sumsBefore)
  const tallies = talliesOf(counted, { evidence: behind, sums: current })
  const talliesBefore = talliesOf(countedSums(earlierSums), { evidence: [], sums: earlierSums })
  return {
    posture: postureOf({ ...base, onPullRequests, at: endOf(period, now), tallies }),
    before: postureOf({ ...base, onPullRequests, at: endOf(earlier, now), tallies: talliesBefore }),
    ...{ period, earlier, evidence, attestations },
  }
}

/** The signed statement's id; where nothing could be signed of a pull request, its own name. */
export function evidenceName({ evidenceId, repository, pullRequests }: EvidenceOfVerdict): string {
  return evidenceId ?? `${repository}#${pullRequests.join()}`
}

function namesIn(sums: readonly VerdictSum[]): readonly string[] {
  return [...new Set(sums.map(({ repository }) => repository))]
}

/** For each policy what speaks against it, or where nothing does, what speaks for it. */
function wantedOf(sums: readonly CountedSum[]): readonly Wanted[] {
  const later = decidedByMerge()
  const wanted = new Map(
    sums
      .filter(({ result }) => result === 'fail' || result === 'error' || result === 'pass')
      .map(({ on, policy, result }) => {
        const mergedOnly = result === 'fail' && later.has(policy)
        return [`${on} ${policy} ${result}`, { on, policy, result, mergedOnly }]
      }),
  )
  const against = new Set([...wanted.values()].filter(({ result }) => result !== 'pass').map(({ policy }) => policy))
  return [...wanted.values()].filter(({ policy, result }) => result !== 'pass' || !against.has(policy))
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
