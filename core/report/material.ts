/** Material: all that is known about a pull request when its report is made. */
import type { CommitAttribution } from '../attribution/attribution.ts'
import type { ChangedFile as DiffFile } from '../attribution/merged-diff.ts'
import type { Contract } from '../policy/contract.ts'
import type { Verdict } from '../policy/policy.ts'
import type { ChangedFile, Review } from '../policy/pull-request.ts'
import type { Spending } from '../policy/spending.ts'
import type { Waiver } from '../policy/waiver.ts'
import type { ForgeCommit } from '../ports.ts'
import type { SessionHeader } from '../session/session.ts'
import type { FoundBy, Report } from './report.ts'

export interface Material {
  readonly repository: string
  readonly number: number
  readonly head: string
  /** Of this head, in order. */
  readonly commits: readonly ForgeCommit[]
  /** Added lines of commits without evidence by commit id, where the forge tells them; they count as `unknown`. */
  readonly unobservedLines?: ReadonlyMap<string, number>
  /** By commit id: what the commit changes in files that commits before it changed, where the forge tells it. */
  readonly edits?: ReadonlyMap<string, readonly FileEdits[]>
  /** Sessions that contributed to one of the commits. */
  readonly sessions: readonly SessionMaterial[]
  /** Evidence of commits to which no session contributed. */
  readonly observations?: readonly ObservationMaterial[]
  readonly contract: Contract
  /** For verdicts on the pull request as a whole; absent = it is not at a forge, and has none. */
  readonly change?: ChangeMaterial
  readonly checkpoint: Report['checkpoint']
  /** Where this deployment is reached, without a trailing slash; pages lie below it. */
  readonly publicUrl: string
}

export interface ChangeMaterial {
  readonly author: string | null
  readonly base: string
  /** null = the contract does not ask for them, or the forge did not answer. */
  readonly reviews: readonly Review[] | null
  readonly files: readonly ChangedFile[] | null
  /** Sums for the contract's budgets, those of the pull request itself left out. */
  readonly spending: readonly Spending[]
  readonly waivers: readonly Waiver[]
  /** RFC 3339 UTC. */
  readonly now: string
}

export type FileEdits = Pick<DiffFile, 'path' | 'previousPath' | 'status' | 'edits'>

export interface ObservationMaterial {
  /** Commits of this pull request only. */
  readonly attribution: readonly CommitAttribution[]
  /** Whether the stored envelope verified again just now. */
  readonly isVerified: boolean
}

export interface SessionMaterial {
  readonly header: SessionHeader
  /** Name of the person who sent it. */
  readonly person: string
  /** The newest evidence of the session. */
  readonly evidenceId: string
  readonly logIndex: number
  /** Commits of this pull request only, each by its newest evidence. */
  readonly attribution: readonly CommitAttribution[]
  /** How it was found; by the ids of its commits where this is absent. */
  readonly foundBy?: readonly FoundBy[]
  /** One for each policy of the contract. */
  readonly verdicts: readonly Verdict[]
  /** Whether the stored envelope verified again just now, against the keys of the organisation and the logged time. */
  readonly isVerified: boolean
}
