/**
 * Follows lines through the observed versions of a file: who put each line there.
 *
 * Whatever cannot be told for certain is `unknown`. Where two readings of a change are equally good (one of several
 * equal lines was added) and they name different authors, the line is `unknown`.
 */
import { align, type Change } from './alignment.ts'
import { bare, countTexts, countWords, DISTINCTIVE_WORDS, saysSomething, similarity, withoutSpace } from './lines.ts'

/** Who brought a file from one observed state to the next. */
export type Author =
  /** `edit`: a tool that names the file; `command`: anything else an agent ran, formatters and scripts included. */
  | {
      readonly kind: 'agent'
      readonly by: 'edit' | 'command'
      readonly session: string
      readonly model: string | null
      /**
       * The lines that the call itself says it wrote, without terminators. Absent where it does not say, and for a
       * command so short that nobody else can have been at work meanwhile.
       */
      readonly wrote?: ReadonlySet<string>
      /** The lines that it took from one place and put, perhaps with other white space, to another. */
      readonly rearranged?: ReadonlySet<string>
    }
  /** Both states were observed and no agent worked in between. */
  | { readonly kind: 'person' }
  | { readonly kind: 'unknown' }

/** Where one line comes from. `base`: it stood in the commit's parent, or came out of the repository's history. */
export interface Origin {
  readonly class: 'ai' | 'human' | 'mixed' | 'unknown' | 'base'
  /** For `ai` and `mixed`. */
  readonly session: string | null
  readonly model: string | null
  /** For `ai`: what kind of call. `rearranging`: an edit that moved or indented a line which stood in the parent. */
  readonly by: 'edit' | 'command' | 'rearranging' | null
  /** It may as well have stood in the parent: the class holds if git shows this line, and not an equal one, as added. */
  readonly orBase?: true
}

export interface Version {
  /** The same content has the same id. */
  readonly id: string
  readonly lines: readonly string[]
  /** Of the change from the version before. */
  readonly author: Author
  /** Texts that git itself brought in since the version before: checkout, pull, cherry-pick. */
  readonly arrived?: ReadonlySet<string>
  /** The file took the place of another one (a rename), whose lines these are: nobody wrote them in this step. */
  readonly origins?: readonly Origin[]
  /** The version was put together from lines of the one before (staging a part of a file), so that nothing was typed. */
  readonly isSelection?: boolean
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

export const baseOrigin: Origin = { class: 'base', session: null, model: null, by: null }
export const unknownOrigin: Origin = { class: 'unknown', session: null, model: null, by: null }
const humanOrigin: Origin = { class: 'human', session: null, model: null, by: null }

export function originBy(author: Author): Origin {
  if (author.kind === 'person') return humanOrigin
  if (author.kind === 'unknown') return unknownOrigin
  return { class: 'ai', session: author.session, model: author.model, by: author.by }
}

/** A call that writes more than this rewrote the file; what else happened meanwhile is not looked for. */
const MAX_WROTE = 500

/**
 * Of one new line. A person may have typed into the file while the agent waited for leave to edit it, so that a line
 * which the call neither wrote nor wrote alike (a formatter may have run) is nobody's for certain.
 */
function originOf(author: Author, line: string): Origin {
  const wrote = author.kind === 'agent' ? author.wrote : undefined
  const text = bare(line)
  if (wrote === undefined || wrote.has(text)) return originBy(author)
  const isAlike =
    wrote.size <= MAX_WROTE && saysSomething(text) && [...wrote].some((other) => similarity(other, text) > 0)
  return isAlike ? originBy(author) : unknownOrigin
}

/** Whether the author can have put this very line there; of a call that tells what it wrote, only what it tells. */
function isWritten(author: Author, line: string): boolean {
  return author.kind !== 'agent' || author.wrote === undefined || author.wrote.has(bare(line))
}

/** `base` is the file in the commit's parent, empty where it did not exist. */
export function follow(
  base: readonly string[],
  versions: readonly Version[],
  memories: Memories = noMemories,
): History {
  const memory = new Map([...memories.moved].filter(([, origin]) => origin.class !== 'base'))
  const removals = new Map<string, Author>()
  const seen = new Map<string, Followed>()
  const followed: Followed[] = []
  let last: Followed = { lines: base, origins: originsOfBase(base, memories.elsewhere) }
  for (const version of versions) {
    const same = seen.get(version.id)
    const isRewritten = version.author.kind === 'agent' && version.author.by === 'edit'
    const origins =
      version.origins ?? (same && !isRewritten ? same.origins : step(last, version, { ...memories, moved: memory }))
    noteRemovals(removals, last.lines, version)
    last = { lines: version.lines, origins }
    remember(memory, last)
    seen.set(version.id, last)
    followed.push(last)
  }
  return { versions: followed, memory, removals }
}

/** What stood in the parent came to be before this work tree was looked at; in another one it may have been seen. */
function originsOfBase(base: readonly string[], elsewhere: Memories['elsewhere']): readonly Origin[] {
  if (elsewhere.size === 0) return base.map(() => baseOrigin)
  const counts = countTexts(base)
  return base.map((line) => {
    const seen = elsewhere.get(line)
    // Seen there and doubted, it stays in doubt: whoever moves or indents it here did not write it.
    return seen && counts.get(line) === 1 && countWords(line) >= DISTINCTIVE_WORDS ? seen : baseOrigin
  })
}

function remember(memory: Map<string, Origin>, { lines, origins }: Followed): void {
  const counts = countTexts(lines)
  for (const [index, line] of lines.entries()) {
    const origin = origins[index] ?? unknownOrigin
    if (counts.get(line) !== 1 || !saysSomething(line)) continue
    if (origin.class !== 'unknown' || !memory.has(line)) memory.set(line, origin)
  }
}

function noteRemovals(removals: Map<string, Author>, before: readonly string[], version: Version): void {
  const { author } = version
  // Of a command that took long only what it says is certain, and what it takes away it does not say.
  const isCertain = author.kind !== 'agent' || author.by === 'edit' || author.wrote === undefined
  for (const change of align(before, version.lines)) {
    for (const line of before.slice(change.oldStart, change.oldEnd))
      removals.set(line, isCertain ? author : { kind: 'unknown' })
  }
}

/** Origins of the lines of `next`, which `next.author` made out of `last`. */
export function step(last: Followed, next: Version, memories: Memories): readonly Origin[] {
  const changes = align(last.lines, next.lines)
  const origins: Origin[] = new Array(next.lines.length).fill(originBy(next.author))
  const facts: StepFacts = {
    last,
    next,
    memories,
    oldCounts: countTexts(last.lines),
    newCounts: countTexts(next.lines),
    moved: new Map(),
    spaced: null,
    dropped: changes.flatMap(({ oldStart, oldEnd }) => range(oldStart, oldEnd)),
    brought: broughtBy(next),
  }
  copyKept(origins, last, next.lines.length, changes)
  doubtNeighbours(origins, changes, facts)
  for (const change of changes) noteMoved(facts, change)
  for (const change of changes) {
    settle(origins, change, facts)
    doubtSlides(origins, change, changes, facts)
  }
  return origins
}

interface StepFacts {
  readonly last: Followed
  readonly next: Version
  readonly memories: Memories
  readonly oldCounts: ReadonlyMap<string, number>
  readonly newCounts: ReadonlyMap<string, number>
  /** Texts that were taken away in this step, with their origin. */
  readonly moved: Map<string, Origin>
  /** The same by their text without white space; made on demand. */
  spaced: Spaced | null
  /** Places in `last` of all lines that were taken away in this step. */
  readonly dropped: readonly number[]
  /** What git brought in meanwhile: text without white space -> text. Empty where the author cannot have met it. */
  readonly brought: ReadonlyMap<string, string>
}

function broughtBy({ author, arrived }: Version): ReadonlyMap<string, string> {
  if (!arrived || (author.kind === 'agent' && author.by === 'edit')) return new Map()
  return new Map([...arrived].map((line) => [withoutSpace(line), line]))
}

interface Spaced {
  readonly oldCounts: ReadonlyMap<string, number>
  readonly newCounts: ReadonlyMap<string, number>
  /** Text without white space -> the line that was taken away. */
  readonly moved: ReadonlyMap<string, string>
}

function spacedOf(facts: StepFacts): Spaced {
  facts.spaced ??= {
    oldCounts: countTexts(facts.last.lines.map(withoutSpace)),
    newCounts: countTexts(facts.next.lines.map(withoutSpace)),
    moved: new Map([...facts.moved.keys()].map((line) => [withoutSpace(line), line])),
  }
  return facts.spaced
}

function range(start: number, end: number): readonly number[] {
  return Array.from({ length: end - start }, (_, offset) => start + offset)
}

function copyKept(origins: Origin[], last: Followed, length: number, changes: readonly Change[]): void {
  let oldAt = 0
  let newAt = 0
  for (const change of [...changes, { oldStart: last.lines.length, oldEnd: 0, newStart: length, newEnd: 0 }]) {
    for (; newAt < change.newStart; newAt++, oldAt++) origins[newAt] = last.origins[oldAt] ?? unknownOrigin
    oldAt = change.oldEnd
    newAt = change.newEnd
  }
}

/**
 * A kept line that touches a change, and that is not the only one of its text on both sides, may as well have been
 * written anew with the lines beside it: it is certain only where both readings agree.
 */
function doubtNeighbours(origins: Origin[], changes: readonly Change[], facts: StepFacts): void {
  const { last, next, oldCounts, newCounts } = facts
  const isUnique = (line: string): boolean =>
    saysSomething(line) && oldCounts.get(line) === 1 && newCounts.get(line) === 1
  const edges = changes.filter((change) => !isReformat(change, last.lines, next.lines))
  for (const [index, change] of edges.entries()) {
    const from = edges[index - 1]?.newEnd ?? 0
    const to = edges[index + 1]?.newStart ?? next.lines.length
    // Little that was kept between two changes may have been taken away with the one, and typed again with the other.
    const isFeeble = (start: number, end: number): boolean =>
      !next.isSelection && !isHardlyWrittenTwice(next.lines.slice(start, end).filter(isUnique))
    const isHeldAbove = index === 0 || !isFeeble(from, change.newStart)
    const isHeldBelow = index === edges.length - 1 || !isFeeble(change.newEnd, to)
    const doubted: number[] = []
    let above = change.newStart - 1
    for (; above >= from && !(isHeldAbove && isUnique(next.lines[above] ?? '')); above--) doubted.push(above)
    let below = change.newEnd
    for (; below < to && !(isHeldBelow && isUnique(next.lines[below] ?? '')); below++) doubted.push(below)
    // Choosing lines to commit writes none: there only a run that nothing holds in place is in doubt.
    const isLoose = (at: number): boolean =>
      at < change.newStart ? above < from && index > 0 : below >= to && index < edges.length - 1
    const isExplained = next.lines.slice(change.newStart, change.newEnd).every((line) => isWritten(next.author, line))
    for (const at of doubted) {
      const line = next.lines[at] ?? ''
      if (isExplained && !isWritten(next.author, line)) continue
      // The only one of its text, it stands in the parent for git too.
      if (isUnique(line) && origins[at]?.class === 'base') continue
      if (!next.isSelection || isLoose(at))
        origins[at] = either(origins[at] ?? unknownOrigin, originOf(next.author, line))
    }
  }
}

function isHardlyWrittenTwice(lines: readonly string[]): boolean {
  const words = lines.map(countWords)
  return Math.max(0, ...words) >= DISTINCTIVE_WORDS || words.reduce((sum, count) => sum + count, 0) >= DISTINCTIVE_RUN
}

/** Lines that correspond one to one and differ in white space alone. Brackets alone may as well be others. */
function isReformat(change: Change, old: readonly string[], next: readonly string[]): boolean {
  const count = change.newEnd - change.newStart
  if (change.oldEnd - change.oldStart !== count) return false
  for (let at = 0; at < count; at++) {
    if (withoutSpace(old[change.oldStart + at] ?? '') !== withoutSpace(next[change.newStart + at] ?? '')) return false
  }
  return next.slice(change.newStart, change.newEnd).some(saysSomething)
}

/** What is certain when a line has one origin or the other: nothing, unless they agree or one never counts as added. */
export function either(left: Origin, right: Origin): Origin {
  if (left.class === 'base') return orBase(right)
  if (right.class === 'base') return orBase(left)
  if (left.class !== right.class || left.session !== right.session) return unknownOrigin
  return right.orBase ? right : left
}

function orBase(origin: Origin): Origin {
  return origin.class === 'base' || origin.class === 'unknown' ? origin : { ...origin, orBase: true }
}

function noteMoved({ last, moved }: StepFacts, change: Change): void {
  for (let at = change.oldStart; at < change.oldEnd; at++) {
    const line = last.lines[at] ?? ''
    if (saysSomething(line)) moved.set(line, last.origins[at] ?? unknownOrigin)
  }
}

/** Decides the lines that the change put there. */
function settle(origins: Origin[], change: Change, facts: StepFacts): void {
  const { next, last } = facts
  const pairs = pairLines(
    last.lines.slice(change.oldStart, change.oldEnd),
    next.lines.slice(change.newStart, change.newEnd),
  )
  const isWhole = isReformat(change, last.lines, next.lines)
  const returned: (Origin | null)[] = []
  const spaced: (Origin | null)[] = []
  for (let at = change.newStart; at < change.newEnd; at++) {
    const line = next.lines[at] ?? ''
    const pair = pairs.get(at - change.newStart)
    const known = cameBack(line, facts)
    const fresh = orMoved(line, originOf(next.author, line), facts)
    const heir = pair === undefined ? null : heirOf(change.oldStart + pair, line, facts)
    const isSpaced = pair !== undefined && withoutSpace(last.lines[change.oldStart + pair] ?? '') === withoutSpace(line)
    returned.push(known)
    spaced.push(isSpaced && saysSomething(line) ? heir : null)
    origins[at] =
      known ??
      indentedArrival(line, facts) ??
      // A bracket with other white space may as well be another one, but where all around it was formatted too.
      (heir && isSpaced && !isWhole && !saysSomething(line) ? either(heir, fresh) : heir) ??
      movedAndIndented(line, facts) ??
      relativeOf(line, fresh, facts)
  }
  doubtArrived(origins, change, returned, facts)
  const certain = doubtChance(origins, change, returned, facts)
  const kept = certain.map((known, offset) => known ?? spaced[offset] ?? null)
  fillBetween(origins, change, kept, next.lines)
}

/** Of several equal lines, one that went away and one that came may be the same, moved. */
function orMoved(line: string, fresh: Origin, { last, dropped }: StepFacts): Origin {
  const others = dropped.filter((at) => last.lines[at] === line).map((at) => last.origins[at] ?? unknownOrigin)
  return others.filter(({ class: name }) => name !== 'base').reduce(either, fresh)
}

/** A line that git brought in, and that then got other white space. */
function indentedArrival(line: string, { brought, memories, next }: StepFacts): Origin | null {
  const before = saysSomething(line) ? brought.get(withoutSpace(line)) : undefined
  if (before === undefined || before === line) return null
  return changed(before, line, memories.moved.get(before) ?? unknownOrigin, next.author)
}

/** Of a line that was made of the one at `from`. Where git brought in others meanwhile, it may be made of one of those. */
function heirOf(from: number, line: string, { last, next, brought }: StepFacts): Origin {
  const before = last.lines[from] ?? ''
  const heir = changed(before, line, last.origins[from] ?? unknownOrigin, next.author)
  if (brought.size === 0 || withoutSpace(before) === withoutSpace(line)) return heir
  return either(heir, originOf(next.author, line))
}

/** From here on nobody takes two lines for different ones. */
const NEARLY_SAME = 0.75

/**
 * A line that was moved and changed in one step reads as a new one. Where a line that went away is nearly the same, it is
 * that one; where it is only like it, it is certain only as far as both readings agree.
 */
function relativeOf(line: string, fresh: Origin, facts: StepFacts): Origin {
  const { last, next, dropped, newCounts } = facts
  if (fresh.class === 'unknown' || next.isSelection || !saysSomething(line)) return fresh
  if (dropped.length * (next.lines.length - last.lines.length + dropped.length) > MAX_PAIRS) return fresh
  let nearest: number | null = null
  let most = 0
  for (const at of dropped) {
    const old = last.lines[at] ?? ''
    const alike = newCounts.has(old) ? 0 : similarity(old, line)
    if (alike > most) {
      most = alike
      nearest = at
    }
  }
  if (nearest === null) return fresh
  const heir = heirOf(nearest, line, facts)
  return most >= NEARLY_SAME ? heir : either(heir, fresh)
}

/**
 * git brought lines in, and this text is among them, but stands in the file twice (both sides of a conflict were kept) or
 * says too little to be told by: it is git's or the author's. A bracket goes with the lines that came with it.
 */
function doubtArrived(
  origins: Origin[],
  change: Change,
  returned: readonly (Origin | null)[],
  { next, brought }: StepFacts,
): void {
  if (brought.size === 0) return
  const open: number[] = []
  for (const [offset, known] of returned.entries()) {
    const at = change.newStart + offset
    if (known === null && next.arrived?.has(next.lines[at] ?? '')) open.push(at)
  }
  for (const at of open) if (saysSomething(next.lines[at] ?? '')) origins[at] = unknownOrigin
  const speaking = range(change.newStart, change.newEnd).filter((at) => saysSomething(next.lines[at] ?? ''))
  const [first = unknownOrigin, ...others] = speaking.map((at) => origins[at] ?? unknownOrigin)
  const isOne = others.every(({ class: name, session }) => name === first.class && session === first.session)
  for (const at of open) if (!saysSomething(next.lines[at] ?? '')) origins[at] = isOne ? first : unknownOrigin
}

/** Nor are lines of so many words together, one below the other, written twice. */
const DISTINCTIVE_RUN = 8

/**
 * `return result` that went away and stands there again was put back, or typed by somebody else: certain only where both
 * are the same, or where it came back among lines that nobody writes twice. Gives the lines that are certain.
 */
function doubtChance(
  origins: Origin[],
  change: Change,
  returned: readonly (Origin | null)[],
  { next }: StepFacts,
): readonly (Origin | null)[] {
  const certain = [...returned]
  // Choosing lines types none.
  if (next.isSelection) return certain
  for (let start = 0; start < returned.length; ) {
    const first = returned[start] ?? null
    if (first === null) {
      start += 1
      continue
    }
    let end = start
    let words = 0
    let most = 0
    for (let at = start; at < returned.length; at++) {
      const line = next.lines[change.newStart + at] ?? ''
      const known = returned[at] ?? null
      if (known === null && saysSomething(line)) break
      if (known === null) continue
      if (known.class !== first.class || known.session !== first.session) break
      words += countWords(line)
      most = Math.max(most, countWords(line))
      end = at
    }
    if (most < DISTINCTIVE_WORDS && words < DISTINCTIVE_RUN) {
      for (let at = start; at <= end; at++) {
        const known = returned[at]
        const place = change.newStart + at
        if (!known || next.arrived?.has(next.lines[place] ?? '')) continue
        origins[place] = either(known, originOf(next.author, next.lines[place] ?? ''))
        certain[at] = null
      }
    }
    start = end + 1
  }
  return certain
}

/** A line that was moved, put back, or brought in by git keeps its origin; null where it is new. */
function cameBack(line: string, { next, memories, oldCounts, newCounts, moved }: StepFacts): Origin | null {
  if (!saysSomething(line) || newCounts.get(line) !== 1) return null
  const origin = moved.get(line)
  // Moving what was committed long ago is an addition by whoever moved it, as git shows it.
  if (origin && oldCounts.get(line) === 1) return movedBy(next, line, origin)
  if (next.author.kind === 'agent' && next.author.by === 'edit') return null
  const remembered = memories.moved.get(line)
  if (remembered && remembered.class !== 'unknown') return remembered
  // It stood here before, whoever wrote it: it is put back, not typed.
  if (remembered && next.author.kind === 'person') return remembered
  const hasArrived = next.arrived?.has(line) === true
  const other = hasArrived || next.author.kind === 'unknown' ? memories.elsewhere.get(line) : undefined
  if (other && other.class !== 'base' && other.class !== 'unknown') return other
  // Seen in doubt, it stays in doubt, also where it comes out of the repository's history.
  return hasArrived ? (remembered ?? other ?? baseOrigin) : null
}

/** A line that stands elsewhere now. What git brought in may as well have been moved by whoever made that. */
function movedBy({ author, arrived }: Version, line: string, origin: Origin): Origin {
  if (origin.class !== 'base' && !origin.orBase) return origin
  const isEdit = author.kind === 'agent' && author.by === 'edit'
  const mover = arrived?.has(line) && !isEdit ? unknownOrigin : rearrangedBy(author, line)
  return origin.class === 'base' ? mover : either(mover, origin)
}

/** A block that went into, or out of, another one: moved, and indented otherwise. null where the line is new. */
function movedAndIndented(line: string, facts: StepFacts): Origin | null {
  if (facts.moved.size === 0 || !saysSomething(line)) return null
  const { oldCounts, newCounts, moved } = spacedOf(facts)
  const text = withoutSpace(line)
  const before = moved.get(text)
  if (before === undefined || oldCounts.get(text) !== 1 || newCounts.get(text) !== 1) return null
  return changed(before, line, facts.moved.get(before) ?? unknownOrigin, facts.next.author)
}

/** Blank lines and brackets between lines that came back together came back with them. */
function fillBetween(
  origins: Origin[],
  change: Change,
  returned: readonly (Origin | null)[],
  lines: readonly string[],
): void {
  for (const [offset, known] of returned.entries()) {
    const at = change.newStart + offset
    if (known !== null || saysSomething(lines[at] ?? '')) continue
    const above = nearest(returned, lines, change, offset, -1)
    const below = nearest(returned, lines, change, offset, 1)
    if (above && below && above.class === below.class && above.session === below.session) origins[at] = above
  }
}

function nearest(
  returned: readonly (Origin | null)[],
  lines: readonly string[],
  change: Change,
  offset: number,
  direction: 1 | -1,
): Origin | null {
  for (let at = offset + direction; at >= 0 && at < returned.length; at += direction) {
    if (saysSomething(lines[change.newStart + at] ?? '')) return returned[at] ?? null
  }
  return null
}

/** Comparing each with each stays cheap up to this many pairs; beyond, lines correspond by position or not at all. */
const MAX_PAIRS = 40_000

/** New line -> old line of which it is a change, in order on both sides. */
function pairLines(old: readonly string[], next: readonly string[]): ReadonlyMap<number, number> {
  if (old.length === 0 || next.length === 0) return new Map()
  if (old.length * next.length > MAX_PAIRS) return pairByPosition(old, next)
  // Longest common subsequence, weighted with similarity.
  const width = next.length + 1
  const scores = new Float64Array((old.length + 1) * width)
  const weights = new Float64Array(old.length * next.length)
  for (let row = old.length - 1; row >= 0; row--) {
    for (let column = next.length - 1; column >= 0; column--) {
      const weight = similarity(old[row] ?? '', next[column] ?? '')
      weights[row * next.length + column] = weight
      const matched = weight === 0 ? 0 : weight + (scores[(row + 1) * width + column + 1] ?? 0)
      scores[row * width + column] = Math.max(
        matched,
        scores[(row + 1) * width + column] ?? 0,
        scores[row * width + column + 1] ?? 0,
      )
    }
  }
  const pairs = new Map<number, number>()
  for (let row = 0, column = 0; row < old.length && column < next.length; ) {
    const score = scores[row * width + column] ?? 0
    const weight = weights[row * next.length + column] ?? 0
    if (weight > 0 && score === weight + (scores[(row + 1) * width + column + 1] ?? 0)) pairs.set(column++, row++)
    else if (score === (scores[(row + 1) * width + column] ?? 0)) row += 1
    else column += 1
  }
  return pairs
}

function pairByPosition(old: readonly string[], next: readonly string[]): ReadonlyMap<number, number> {
  if (old.length !== next.length) return new Map()
  return new Map(
    next
      .map((line, index) => [index, similarity(old[index] ?? '', line)] as const)
      .filter(([, alike]) => alike > 0)
      .map(([index]) => [index, index]),
  )
}

function rearrangedBy(author: Author, line: string): Origin {
  if (author.kind !== 'agent' || author.by !== 'edit') return originOf(author, line)
  const isOwn = author.wrote === undefined || author.wrote.has(bare(line)) || author.rearranged?.has(bare(line))
  return isOwn ? { ...originBy(author), by: 'rearranging' } : unknownOrigin
}

/** The origin of a line that `author` made out of one with `origin`. */
function changed(before: string, after: string, origin: Origin, author: Author): Origin {
  if (origin.orBase) {
    const { orBase: _, ...certain } = origin
    return either(changed(before, after, baseOrigin, author), changed(before, after, certain, author))
  }
  if (withoutSpace(before) === withoutSpace(after)) {
    if (origin.class !== 'base') return origin
    // A formatter or a line end writes nothing: what stood in the parent is nobody's addition that we saw.
    const isWritten =
      author.kind === 'person' || (author.kind === 'agent' && author.by === 'edit' && bare(before) !== bare(after))
    return isWritten ? rearrangedBy(author, after) : unknownOrigin
  }
  const fresh = originOf(author, after)
  // Whose line was changed decides between one class and `mixed`.
  if (fresh.class === 'unknown' || origin.class === 'unknown') return unknownOrigin
  if (author.kind === 'person') {
    return origin.class === 'ai' || origin.class === 'mixed' ? { ...origin, class: 'mixed' } : fresh
  }
  return origin.class === 'human' || origin.class === 'mixed' ? { ...fresh, class: 'mixed' } : fresh
}

/**
 * Lines that were only put in, or only taken out, may stand one place up or down without a difference, where equal lines
 * surround them. All readings are laid over each other.
 */
function doubtSlides(origins: Origin[], change: Change, changes: readonly Change[], facts: StepFacts): void {
  const { last, next } = facts
  const inserted = change.newEnd - change.newStart
  const removed = change.oldEnd - change.oldStart
  if (inserted > 0 && removed > 0) return
  const index = changes.indexOf(change)
  const room = {
    up: change.newStart - (changes[index - 1]?.newEnd ?? 0),
    down: (changes[index + 1]?.newStart ?? next.lines.length) - change.newEnd,
  }
  const lines = inserted > 0 ? next.lines : last.lines
  const [start, end] = inserted > 0 ? [change.newStart, change.newEnd] : [change.oldStart, change.oldEnd]
  let up = 0
  while (up < room.up && lines[start - 1 - up] === lines[end - 1 - up]) up += 1
  let down = 0
  while (down < room.down && lines[start + down] === lines[end + down]) down += 1
  if (up + down === 0) return
  if (inserted > 0) overlayInsertion(origins, change, { up, down }, facts)
  else overlayRemoval(origins, change, { up, down }, facts)
}

interface Slide {
  readonly up: number
  readonly down: number
}

function overlayInsertion(origins: Origin[], change: Change, { up, down }: Slide, { last }: StepFacts): void {
  const own = origins.slice(change.newStart, change.newEnd)
  const inserted = own.length
  const readings: (Origin | null)[] = new Array(up + inserted + down).fill(null)
  const lay = (at: number, origin: Origin): void => {
    const present = readings[at]
    readings[at] = present ? either(present, origin) : origin
  }
  for (let shift = -up; shift <= down; shift++) {
    for (let at = -up; at < inserted + down; at++) {
      if (at < shift) lay(at + up, last.origins[change.oldStart + at] ?? unknownOrigin)
      else if (at >= shift + inserted) lay(at + up, last.origins[change.oldStart + at - inserted] ?? unknownOrigin)
      else lay(at + up, own[((at % inserted) + inserted) % inserted] ?? unknownOrigin)
    }
  }
  for (const [offset, origin] of readings.entries()) {
    const place = change.newStart - up + offset
    if (origin) origins[place] = either(origins[place] ?? unknownOrigin, origin)
  }
}

function overlayRemoval(origins: Origin[], change: Change, { up, down }: Slide, { last }: StepFacts): void {
  const removed = change.oldEnd - change.oldStart
  for (let at = -up; at < down; at++) {
    const upper = last.origins[change.oldStart + at] ?? unknownOrigin
    const lower = last.origins[change.oldStart + at + removed] ?? unknownOrigin
    const place = change.newStart + at
    origins[place] = either(origins[place] ?? unknownOrigin, either(upper, lower))
  }
}
