/** Tokens that a line end broke: what of the next lines belongs to them. */
import { BEFORE_BREAK, isOf, KEY, runStart, VISIBLE } from './characters.ts'
import { afterIndentation } from './sweep.ts'

export interface Part {
  readonly start: number
  readonly end: number
}

/** Parts that are shorter are worth nothing to anybody. */
const MIN_PART = 4
const MAX_PART = 512
/** Terminals and mail programs break at 64 columns or later, so a token of 1,000 characters has this many lines. */
const MAX_LINES = 16

/** The parts of the following lines where the text at `end` runs into a line end; empty where it does not. */
export function partsAfter(text: string, end: number): readonly Part[] {
  const parts: Part[] = []
  let from = end
  while (parts.length < MAX_LINES) {
    const part = partAfter(text, from)
    if (part === null) break
    parts.push(part)
    from = part.end
  }
  return parts
}

function partAfter(text: string, end: number): Part | null {
  let at = end
  while (at - end < 8 && isOf(text.charCodeAt(at), BEFORE_BREAK)) at++
  if (text.charCodeAt(at) !== 10) return null
  const start = afterIndentation(text, at + 1)
  let last = start
  while (last - start < MAX_PART && isOf(text.charCodeAt(last), VISIBLE) && text.charCodeAt(last) !== 92) last++
  return last - start >= MIN_PART ? { start, end: last } : null
}

/** Has what keys have and words have not; and is no assignment, call, file, date or member itself. */
export function looksLikeKeyPart(run: string): boolean {
  const bare = run.replace(/[)\]}.,;:!?]{1,8}$/, '')
  if (bare.length < MIN_PART || !/\d|[a-z][A-Z]/.test(bare) || !/^[A-Za-z0-9+/_=~.-]*$/.test(bare)) return false
  if (run.endsWith(':') || /\.[a-z]{1,4}$/.test(run.slice(-6)) || /^\d{1,4}[.-]\d{1,2}[.-]/.test(run)) return false
  return !/[A-Za-z]=+[^=]/.test(bare)
}

/** The next line is an assignment or a call: its first word is the name of it. */
function isNamed(text: string, end: number): boolean {
  return /^[ \t]{1,24}(?:[:+*/-]?=|:|\()/.test(text.slice(end, end + 28))
}

/** The end of the following parts that look like keys; `end` itself where there is none. */
export function keyEnd(text: string, end: number): number {
  let last = end
  for (const part of partsAfter(text, end)) {
    const run = text.slice(part.start, part.end)
    if (!looksLikeKeyPart(run) || isNamed(text, part.end)) break
    last = part.start + run.replace(/[)\]}.,;:!?]{1,8}$/, '').length
  }
  return last
}

/** A text without its breaks. */
export interface Joined {
  readonly text: string
  /** Where its characters stand. */
  readonly place: (index: number) => number
}

/** From `start` to `end` and over the parts that follow; null where none does. `isKey`: only parts that look like keys. */
export function joinedFrom(text: string, { start, end }: Part, isKey: boolean): Joined | null {
  const parts = isKey ? keyPartsAfter(text, end) : partsAfter(text, end)
  return parts.length === 0 ? null : joinedParts(text, [{ start, end }, ...parts])
}

function keyPartsAfter(text: string, end: number): readonly Part[] {
  const parts = partsAfter(text, end)
  const other = parts.findIndex(
    (part) => !looksLikeKeyPart(text.slice(part.start, part.end)) || isNamed(text, part.end),
  )
  return other < 0 ? parts : parts.slice(0, other)
}

function joinedParts(text: string, parts: readonly Part[]): Joined {
  const place = (index: number): number => {
    let before = 0
    for (const { start, end } of parts) {
      if (index < before + end - start) return start + index - before
      before += end - start
    }
    return parts.at(-1)?.end ?? 0
  }
  return { text: parts.map(({ start, end }) => text.slice(start, end)).join(''), place }
}

/**
 * What stands around the seams, each chain of them once: the run before the first, and the runs that begin the lines
 * after, for as long as nothing else stands on these.
 */
export function chainsOf(text: string, seams: readonly number[]): readonly Joined[] {
  const chains: Joined[] = []
  let done = 0
  for (const seam of seams) {
    if (seam < done) continue
    let end = seam
    while (end > 0 && seam - end < 8 && isOf(text.charCodeAt(end - 1), BEFORE_BREAK)) end--
    const start = runStart(text, end, { kind: KEY, limit: 256 })
    const parts = keyPartsAfter(text, end)
    if (parts.length === 0) continue
    done = parts.at(-1)?.start ?? seam
    chains.push(joinedParts(text, [{ start, end }, ...parts]))
    // A word before the first part may be no part itself, and would hide where the token begins.
    if (/^[A-Z]?[a-z]{3,20}$/.test(text.slice(start, end))) chains.push(joinedParts(text, parts))
  }
  return chains
}
