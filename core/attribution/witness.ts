/** What one witness says of the lines of a committed file. */
import { bare } from './lines.ts'
import { type Author, type Followed, follow, type History, type Origin, step, type Version } from './origins.ts'
import { replay, type TranscriptEdit } from './transcript-versions.ts'

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
  /** What other work trees of the repository remember of the file: a cherry-pick brings lines from there. */
  readonly elsewhere: readonly ReadonlyMap<string, Origin>[]
}

/** The witness of snapshots. */
export function observe({ base, versions, committed, elsewhere }: Observed): Testimony {
  const history = follow(base, versions)
  const same = versions.findLastIndex(({ id }) => id === committed.id)
  const origins = same === -1 ? carry(history, base, committed, elsewhere) : (history.versions[same]?.origins ?? [])
  return { origins, removals: history.removals, bare: false }
}

/** The committed content was never a state of the work tree as a whole (part of a file was staged, or a rebase merged it). */
function carry(
  history: History,
  base: readonly string[],
  committed: Content,
  elsewhere: readonly ReadonlyMap<string, Origin>[],
): readonly Origin[] {
  const last: Followed =
    history.versions.at(-1) ??
    follow(base, [{ id: 'base', lines: base, author: { kind: 'unknown' } }]).versions[0] ??
    noLines
  const memory = new Map([
    ...elsewhere.flatMap((map) => [...map]).filter(([, origin]) => origin.class !== 'base'),
    ...history.memory,
  ])
  return step(last, { ...committed, author: { kind: 'unknown' }, isSelection: true }, memory)
}

const noLines: Followed = { lines: [], origins: [] }

/** The witness of transcripts; terminators are left out, since transcripts do not keep them. */
export function recall(base: readonly string[], committed: Content, edits: readonly TranscriptEdit[]): Testimony {
  const history = replay(base.map(bare), edits)
  const lines = committed.lines.map(bare)
  const last = history.versions.at(-1) ?? {
    lines: base.map(bare),
    origins: base.map(() => ({ class: 'base', session: null, model: null, by: null }) as const),
  }
  const origins = step(
    last,
    { id: committed.id, lines, author: { kind: 'unknown' }, isSelection: true },
    history.memory,
  )
  return { origins, removals: history.removals, bare: true }
}
