/** What is asked of the snapshots about a file of a commit, and all that was gathered to answer. */
import type { EditedTexts } from '#core/attribution/transcript-versions.ts'
import type { Content } from '#core/attribution/witness.ts'
import type { CommitInformation } from '../io/commits.ts'
import type { FileDiff } from '../io/git-diff.ts'
import type { Observations } from '../io/observations.ts'
import type { Activity } from './activity.ts'
import type { HeadMove } from './head-moves.ts'
import type { States } from './states.ts'

export interface Evidence {
  readonly states: States
  readonly moves: ReadonlyMap<string, readonly HeadMove[]>
  /** Commit -> path -> blob, for the commits of `moves`. */
  readonly headBlobs: ReadonlyMap<string, ReadonlyMap<string, string>>
  /** Lines of a blob, none for null; null where the content cannot be had. */
  readonly lines: (blob: string | null) => readonly string[] | null
  /** A file as it is in the commit's parent; no lines where it is not there. */
  readonly bases: (commit: string, path: string) => readonly string[]
  readonly activity: Activity
  /** `<session> NUL <call>` -> lines that the transcript says the call put in. */
  readonly texts: ReadonlyMap<string, EditedTexts>
  readonly observations: Observations
  readonly canonical: (root: string) => string
  /** The work tree in which the question is asked. */
  readonly root: string
}

export interface Question {
  readonly diff: FileDiff
  readonly commit: CommitInformation
  readonly base: readonly string[]
  readonly committed: Content
  /** Files that the commit deletes, or that had this very content: the new file may be one of them, renamed. */
  readonly kin: readonly { readonly path: string; readonly base: readonly string[] }[]
  /** Latest time at which the commit can have been made. */
  readonly until: number
}

/** Where an answer is looked for. */
export interface Place {
  readonly root: string
  readonly question: Question
  readonly evidence: Evidence
  /** Renames followed so far. */
  readonly depth?: number
  /** Looked at for what another work tree knows: it is not asked in turn. */
  readonly isAside?: boolean
}
