/** What a pull request's object keeps between its turns. */
import type { Contract } from '#core/policy/contract.ts'

export interface PullRequestSubject {
  readonly organisation: string
  readonly installation: number
  /** `owner/name` */
  readonly repository: string
  readonly number: number
}

export interface State {
  readonly subject: PullRequestSubject
  /** Newest head that GitHub named. */
  readonly head: string | null
  /** When this object first saw the head, milliseconds since 1970. */
  readonly headSince: number
  /** Rises with every event, so that work which began before it is known to be old. */
  readonly revision: number
  /** Failures in a row. */
  readonly failures: number
  /** Commits of merge queues that wait for the verdict. */
  readonly queued: readonly string[]
  readonly isCommented: boolean
  readonly contract: Contract | null
  /** Names of the checks of frameworks that stand at the head beside the one of the contract. */
  readonly checks: readonly string[]
}

const STATE = 'state'

/** null before the first event. */
export function readState(storage: SyncKvStorage): State | null {
  const stored = storage.get<State>(STATE)
  // What was stored by an earlier version knows of no checks but the one.
  return stored === undefined ? null : { ...stored, checks: stored.checks ?? [] }
}

export function saveState(storage: SyncKvStorage, state: State): State {
  storage.put(STATE, state)
  return state
}

export function freshState(subject: PullRequestSubject): State {
  return {
    subject,
    head: null,
    headSince: 0,
    revision: 0,
    failures: 0,
    queued: [],
    isCommented: false,
    contract: null,
    checks: [],
  }
}
