/** Changes of one file as hunks: from its texts, from a unified diff, or from what a tool replaced. */
import { structuredPatch } from 'diff'
import type { Hunk } from '../session/event.ts'

/** Lines of a text; a final line end begins no further line. */
export function linesOf(text: string): string[] {
  if (text === '') return []
  const lines = text.split('\n')
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines
}

export function created(content: string): Hunk[] {
  const lines = linesOf(content).map((line) => `+${line}`)
  return lines.length === 0 ? [] : [{ oldStart: 0, oldLines: 0, newStart: 1, newLines: lines.length, lines }]
}

export function deleted(content: string): Hunk[] {
  const lines = linesOf(content).map((line) => `-${line}`)
  return lines.length === 0 ? [] : [{ oldStart: 1, oldLines: lines.length, newStart: 0, newLines: 0, lines }]
}

/** Where only the replaced text is known and not its place: both starts are 0, which no hunk with a place can have. */
export function placeless(hunks: readonly Hunk[]): Hunk[] {
  return hunks.map((hunk) => ({ ...hunk, oldStart: 0, newStart: 0 }))
}

/** Bound of the comparison, which is quadratic in the number of differences; beyond it the whole text counts as replaced. */
const MAX_DIFFERENCES = 500

const CONTEXT = 3

export function difference(before: string, after: string): Hunk[] {
  const { from, to, lines: skipped } = unequalPart(before, after)
  const [old, now] = [before.slice(from, before.length - to), after.slice(from, after.length - to)]
  const patch = structuredPatch('', '', old, now, '', '', { context: CONTEXT, maxEditLength: MAX_DIFFERENCES })
  if (patch === undefined) return wholly(before, after)
  return patch.hunks.map(({ oldStart, oldLines, newStart, newLines, lines }) => ({
    oldStart: oldStart + skipped,
    oldLines,
    newStart: newStart + skipped,
    newLines,
    lines: lines.filter((line) => !line.startsWith('\\')),
  }))
}

/** Whole lines in which both texts begin and end alike need no comparison, but for the context of the first and last change. */
function unequalPart(before: string, after: string) {
  const from = alikeAtStart(before, after)
  const to = alikeAtEnd(before, after, Math.min(before.length, after.length) - from)
  let start = lineStart(before, from)
  for (let line = 0; line < CONTEXT; line++) start = lineStart(before, start - 1)
  let end = before.length - to
  for (let line = 0; line <= CONTEXT; line++) {
    const next = before.indexOf('\n', end)
    end = next < 0 ? before.length : next + 1
  }
  let lines = 0
  for (let at = before.indexOf('\n'); at >= 0 && at < start; at = before.indexOf('\n', at + 1)) lines++
  return { from: start, to: before.length - end, lines }
}

/** Of the line that holds the character at `at`; 0 before the text. */
function lineStart(text: string, at: number): number {
  return at <= 0 ? 0 : text.lastIndexOf('\n', at - 1) + 1
}

/** Characters compared at once: the engine compares texts faster than a loop does. */
const STRIDE = 512

function alikeAtStart(left: string, right: string): number {
  const shorter = Math.min(left.length, right.length)
  let at = 0
  while (at + STRIDE <= shorter && left.startsWith(right.slice(at, at + STRIDE), at)) at += STRIDE
  while (at < shorter && left.charCodeAt(at) === right.charCodeAt(at)) at++
  return at
}

function alikeAtEnd(left: string, right: string, most: number): number {
  let count = 0
  const tail = (text: string, length: number): string => text.slice(text.length - count - length, text.length - count)
  while (count + STRIDE <= most && tail(left, STRIDE) === tail(right, STRIDE)) count += STRIDE
  while (count < most && left.charCodeAt(left.length - 1 - count) === right.charCodeAt(right.length - 1 - count))
    count++
  return count
}

function wholly(before: string, after: string): Hunk[] {
  const removed = linesOf(before).map((line) => `-${line}`)
  const added = linesOf(after).map((line) => `+${line}`)
  return [{ oldStart: 1, oldLines: removed.length, newStart: 1, newLines: added.length, lines: [...removed, ...added] }]
}

/** Counts are taken from the lines and not from what somebody wrote about them; without lines there is no hunk. */
export function hunkOf(oldStart: number, newStart: number, candidates: readonly string[]): Hunk[] {
  const lines: string[] = []
  let [oldLines, newLines] = [0, 0]
  for (const line of candidates) {
    if (!hasSign(line)) continue
    lines.push(line.toWellFormed())
    if (!line.startsWith('+')) oldLines++
    if (!line.startsWith('-')) newLines++
  }
  return lines.length === 0 ? [] : [{ oldStart, oldLines, newStart, newLines, lines }]
}

/** Whether it is a line of a hunk: kept, added or removed. */
export function hasSign(line: string): boolean {
  return line.startsWith(' ') || line.startsWith('+') || line.startsWith('-')
}

const HUNK_HEAD = /^@@ -(\d{1,9})(?:,\d{1,9})? \+(\d{1,9})(?:,\d{1,9})? @@/

/** Hunks of a unified diff of one file; its head, and what is no hunk, is passed over. */
export function unifiedHunks(text: string): Hunk[] {
  const hunks: Hunk[] = []
  let start: readonly [old: number, now: number] | null = null
  let lines: string[] = []
  const close = (): void => {
    if (start !== null) hunks.push(...hunkOf(start[0], start[1], lines))
    lines = []
  }
  for (const line of text.split('\n')) {
    const head = line.startsWith('@@') ? HUNK_HEAD.exec(line) : null
    if (head !== null) {
      close()
      start = [Number(head[1]), Number(head[2])]
    } else if (start !== null) lines.push(line)
  }
  close()
  return hunks
}
