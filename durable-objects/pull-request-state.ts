/** What a pull request's object keeps between its turns. */
import { Fault } from '#core/fault.ts'
import type { ForgeRefusal } from '#core/forge-refusal.ts'
import type { Contract } from '#core/policy/contract.ts'
import type { ForgePullRequest } from '#core/ports.ts'

export interface PullRequestSubject {
  readonly organisation: string
  readonly installation: number
  /** `owner/name` */
  readonly repository: string
  readonly number: number
}

export interface State {
  readonly subject: PullRequestSubject
  /** The forge's id of the repository: where its name leads to another one, it bears another name. null = not read yet. */
  readonly repositoryId: number | null
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
  // What was stored by an earlier version knows of no checks but the one, and of no id.
  return stored === undefined
    ? null
    : { ...stored, checks: stored.checks ?? [], repositoryId: stored.repositoryId ?? null }
}

export function saveState(storage: SyncKvStorage, state: State): State {
  storage.put(STATE, state)
  return state
}

export function freshState(subject: PullRequestSubject): State {
  return {
    subject,
    repositoryId: null,
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

/** Where another repository took the name, what stands there is not the pull request that this object is about. */
export function refuseAnother(
  pull: ForgePullRequest,
  { repository, repositoryId }: { readonly repository: string; readonly repositoryId: number | null },
): void {
  if (repositoryId === null || pull.repositoryId === undefined || pull.repositoryId === repositoryId) return
  throw new Fault('forge-unavailable', {
    message: `${repository} is the name of another repository by now.`,
    hint: 'Nothing to do: the one that was meant is looked for by its id.',
    cause: { status: null, waitMs: null, movedTo: repositoryId } satisfies ForgeRefusal,
  })
}
