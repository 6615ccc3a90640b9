/** What one witness says of the lines of a committed file. */

import { follow } from './history.ts'
import { bare } from './lines.ts'
import { type Author, baseOrigin, type Origin } from './origins.ts'
import { step } from './step.ts'
import { replay, type TranscriptEdit } from './transcript-versions.ts'
import { type Followed, type History, type Memories, noMemories, type Version } from './version.ts'

export interface Testimony {
  /** One for each line of the committed file. */
  readonly origins: readonly Origin[]
  /** Text -> who took it away last. Keys are as the witness sees lines (`bare` says whether without terminators). */
  readonly removals: ReadonlyMap<string, Author>
  readonly bare: boolean
}

export interface Content {
  readonly id: string
  readonly lines: readonly string[]
}

export interface Observed {
  /** The file in the commit's parent; no lines where it did not exist. */
  readonly base: readonly string[]
  /** States of the file up to the commit, in the order of time. */
  readonly versions: readonly Version[]
  readonly committed: Content
  readonly memories: Memories
}

/** The witness of snapshots. */
export function observe({ base, versions, committed, memories }: Observed): Testimony {
  const history = follow(base, versions, memories)
  const same = versions.findLastIndex(({ id }) => id === committed.id)
  const origins = same === -1 ? carry(history, base, committed, memories) : (history.versions[same]?.origins ?? [])
  return { origins, removals: history.removals, bare: false }
}

/** The committed content was never a state of the work tree as a whole (part of a file was staged, or a rebase merged it). */
function carry(history: History, base: readonly string[], committed: Content, memories: Memories): readonly Origin[] {
  const last = history.versions.at(-1) ?? untouched(base)
  const next: Version = { ...committed, author: { kind: 'unknown' }, isSelection: true }
  return step(last, next, { ...memories, moved: history.memory })
}

function untouched(base: readonly string[]): Followed {
  return { lines: base, origins: base.map(() => baseOrigin) }
}

/** The witness of transcripts; terminators are left out, since transcripts do not keep them. */
export function recall(base: readonly string[], committed: Content, edits: readonly TranscriptEdit[]): Testimony {
  const history = replay(base.map(bare), edits)
  const lines = committed.lines.map(bare)
  const last = history.versions.at(-1) ?? untouched(base.map(bare))
  const next: Version = { id: committed.id, lines, author: { kind: 'unknown' }, isSelection: true }
  const origins = step(last, next, { ...noMemories, moved: history.memory })
  return { origins, removals: history.removals, bare: true }
}
