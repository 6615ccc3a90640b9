/** Observed versions of a file, and what following its lines through them gives. */
import type { Author, Origin } from './origins.ts'

export interface Version {
  /** The same content has the same id. */
  readonly id: string
  readonly lines: readonly string[]
  /** Of the change from the version before. */
  readonly author: Author
  /** Texts that git itself brought in since the version before: checkout, pull, cherry-pick. */
  readonly arrived?: ReadonlySet<string>
  /** That git brought them in is concluded from what stands there now: a common line may have been typed all the same. */
  readonly isGuessed?: boolean
  /** The file took the place of another one (a rename), whose lines these are: nobody wrote them in this step. */
  readonly origins?: readonly Origin[]
  /** Its names until then, where it is a rename. */
  readonly formerNames?: readonly FormerName[]
  /** The version was put together from lines of the one before (staging a part of a file), so that nothing was typed. */
  readonly isSelection?: boolean
}

export interface FormerName {
  readonly path: string
  /** When it was seen to be gone, in milliseconds. */
  readonly until: number
}

export interface Followed {
  readonly lines: readonly string[]
  readonly origins: readonly Origin[]
}

export interface History {
  /** One for each version, in order. */
  readonly versions: readonly Followed[]
  /** Where a text came from when it was last seen, for lines that went away and come back (stash, checkout, undo). */
  readonly memory: ReadonlyMap<string, Origin>
  /** Who took a text away last. */
  readonly removals: ReadonlyMap<string, Author>
}

/** Text -> origin, for lines that were seen at another time or place. `base` counts in neither. */
export interface Memories {
  /** Of files that became this one. */
  readonly moved: ReadonlyMap<string, Origin>
  /** Of this file in other work trees, from where git can bring lines. */
  readonly elsewhere: ReadonlyMap<string, Origin>
}

export const noMemories: Memories = { moved: new Map(), elsewhere: new Map() }
