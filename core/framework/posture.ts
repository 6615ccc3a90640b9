/** Posture: how far a scope meets a framework, by the verdicts that are stored and by what people attest to. */
import type { Result } from '../policy/policy.ts'
import type { Control, Framework } from './framework.ts'

export interface Scope {
  readonly kind: 'organisation' | 'product' | 'project' | 'repository'
  readonly name: string
}

/** What one policy said in the scope and period. */
export interface PolicyTally {
  readonly policy: string
  /** Subjects by result; one subject is counted once, by its latest verdict. */
  readonly counts: Readonly<Record<Result, number>>
  /** Of the skipped ones: pull requests that still wait for what the policy asks for; absent = none. */
  readonly waits?: number
  /** Ids of the evidence behind failures and errors, newest first; a selection is enough. */
  readonly against: readonly string[]
  /** Ids of the evidence behind passes, newest first; a selection is enough. */
  readonly for: readonly string[]
}

export interface Attestation {
  readonly framework: string
  readonly control: string
  readonly by: string
  readonly statement: string
  /** RFC 3339 UTC. */
  readonly madeAt: string
  readonly expiresAt: string
}

export const controlStates = ['satisfied', 'violated', 'not-evaluated'] as const
export type ControlState = (typeof controlStates)[number]

export interface ControlPosture {
  readonly control: Control<string>
  readonly state: ControlState
  /** One sentence for people. */
  readonly why: string
  /** Subjects that were decided, and all that there were; null where no policy of it has seen any. */
  readonly coverage: { readonly decided: number; readonly total: number } | null
  readonly evidence: readonly string[]
  /** Policies of it that no contract of the scope has: what to put in force, so that it is evaluated. */
  readonly missing: readonly string[]
  /** The one in force, where it decided or helped to. */
  readonly attestation: Attestation | null
}

export interface Posture {
  readonly framework: Framework<string>
  readonly scope: Scope
  /** RFC 3339 UTC. */
  readonly at: string
  readonly controls: readonly ControlPosture[]
  readonly counts: Readonly<Record<ControlState, number>>
}

export interface PostureInput {
  readonly framework: Framework<string>
  readonly scope: Scope
  readonly at: string
  readonly tallies: readonly PolicyTally[]
  readonly attestations: readonly Attestation[]
  /** Ids of the policies that a contract of the scope has in force. */
  readonly inForce: readonly string[]
  /** Ids of the policies that judge whole pull requests; a session alone tells little about them. */
  readonly onPullRequests?: ReadonlySet<string>
}

export function postureOf(input: PostureInput): Posture {
  const { framework, scope, at, tallies, attestations, inForce, onPullRequests = new Set() } = input
  const byPolicy = new Map(tallies.map((tally) => [tally.policy, tally]))
  const controls = framework.controls.map((control) => {
    const own = attestations.filter((one) => one.framework === framework.id && one.control === control.id)
    return controlPosture(control, {
      missing: control.policies.filter((policy) => !inForce.includes(policy)),
      statuses: control.policies.map((policy) => {
        const known = { isInForce: inForce.includes(policy), onPullRequests: onPullRequests.has(policy) }
        return statusOf(policy, byPolicy.get(policy), known)
      }),
      attestation: validAttestation(own, at),
      expired: own.length > 0,
    })
  })
  const count = (state: ControlState): number => controls.filter((control) => control.state === state).length
  return {
    framework,
    scope,
    at,
    controls,
    counts: { satisfied: count('satisfied'), violated: count('violated'), 'not-evaluated': count('not-evaluated') },
  }
}

interface PolicyStatus {
  readonly policy: string
  readonly state: ControlState
  readonly why: string
  readonly tally: PolicyTally | null
}

/** One policy alone. An error is no pass: where any subject could not be told, nothing is satisfied. */
function statusOf(
  policy: string,
  tally: PolicyTally | undefined,
  { isInForce, onPullRequests }: { readonly isInForce: boolean; readonly onPullRequests: boolean },
): PolicyStatus {
  const status = (state: ControlState, why: string): PolicyStatus => ({ policy, state, why, tally: tally ?? null })
  if (tally !== undefined && tally.counts.fail > 0) {
    return status('violated', `${policy} was violated ${times(tally.counts.fail)}`)
  }
  if (!isInForce) return status('not-evaluated', `${policy} is not part of a contract`)
  if (tally === undefined || totalOf(tally) === 0) return status('not-evaluated', `${policy} has seen no evidence yet`)
  if (tally.counts.error > 0) return status('not-evaluated', `${policy} could not tell ${times(tally.counts.error)}`)
  const waits = tally.waits ?? 0
  if (decidedOf(tally) === 0 && waits > 0) {
    return status(
      'not-evaluated',
      `${policy} waits for ${waits === 1 ? 'a pull request that is' : `${waits} pull requests that are`} not merged`,
    )
  }
  if (decidedOf(tally) === 0 && onPullRequests) {
    return status('not-evaluated', `${policy} judges whole pull requests, and decided none in this period`)
  }
  if (decidedOf(tally) === 0) return status('not-evaluated', `${policy} did not apply to anything that it saw`)
  return status('satisfied', `${policy} held`)
}

interface Parts {
  readonly missing: readonly string[]
  readonly statuses: readonly PolicyStatus[]
  readonly attestation: Attestation | null
  readonly expired: boolean
}

function controlPosture(control: Control<string>, { statuses, missing, attestation, expired }: Parts): ControlPosture {
  const violated = statuses.filter(({ state }) => state === 'violated')
  const open = statuses.filter(({ state }) => state === 'not-evaluated')
  const tallies = statuses.flatMap(({ tally }) => (tally === null ? [] : [tally]))
  const total = tallies.reduce((sum, tally) => sum + totalOf(tally), 0)
  const coverage = total === 0 ? null : { decided: tallies.reduce((sum, tally) => sum + decidedOf(tally), 0), total }
  const all = (side: 'for' | 'against'): readonly string[] => [...new Set(tallies.flatMap((tally) => tally[side]))]
  const base = { control, coverage, missing }
  // What people say never overrules what was seen.
  if (violated.length > 0) {
    return { ...base, state: 'violated', why: sentence(violated), evidence: all('against'), attestation: null }
  }
  if (statuses.length > 0 && open.length === 0) {
    return { ...base, state: 'satisfied', why: sentence(statuses), evidence: all('for'), attestation: null }
  }
  if (control.attestation !== null && attestation !== null) {
    const why = `${attestation.by} attests: ${attestation.statement}`
    return { ...base, state: 'satisfied', why, evidence: all('for'), attestation }
  }
  const absent = control.attestation !== null && expired ? 'the attestation has expired' : 'nobody has attested to it'
  const why = statuses.length === 0 ? `${absent[0]?.toUpperCase() ?? ''}${absent.slice(1)}.` : sentence(open)
  return { ...base, state: 'not-evaluated', why, evidence: all('against'), attestation: null }
}

/** The latest that holds at the time; one that was made later says nothing about it. */
function validAttestation(list: readonly Attestation[], at: string): Attestation | null {
  const now = Date.parse(at)
  const valid = list.filter(({ madeAt, expiresAt }) => Date.parse(madeAt) <= now && now < Date.parse(expiresAt))
  return valid.toSorted((left, right) => Date.parse(right.madeAt) - Date.parse(left.madeAt))[0] ?? null
}

function totalOf({ counts }: PolicyTally): number {
  return counts.pass + counts.fail + counts.error + counts.skipped + counts.waived
}

function decidedOf({ counts }: PolicyTally): number {
  return counts.pass + counts.fail + counts.waived
}

function sentence(statuses: readonly PolicyStatus[]): string {
  const text = statuses.map(({ why }) => why).join('; ')
  return `${text}.`
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`
}

export interface ControlChange {
  readonly control: string
  readonly before: ControlState | null
  readonly after: ControlState
}

/** Controls whose state is another one than before; null before = the control is new. */
export function postureTrend(before: Posture, after: Posture): readonly ControlChange[] {
  const states = new Map(before.controls.map(({ control, state }) => [control.id, state]))
  return after.controls.flatMap(({ control, state }) => {
    const earlier = states.get(control.id) ?? null
    return earlier === state ? [] : [{ control: control.id, before: earlier, after: state }]
  })
}
