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

export function difference(before: string, after: string): Hunk[] {
  const patch = structuredPatch('', '', before, after, '', '', { context: 3, maxEditLength: MAX_DIFFERENCES })
  if (patch === undefined) return wholly(before, after)
  return patch.hunks.map(({ oldStart, oldLines, newStart, newLines, lines }) => ({
    oldStart,
    oldLines,
    newStart,
    newLines,
    lines: lines.filter((line) => !line.startsWith('\\')),
  }))
}

function wholly(before: string, after: string): Hunk[] {
  const removed = linesOf(before).map((line) => `-${line}`)
  const added = linesOf(after).map((line) => `+${line}`)
  return [{ oldStart: 1, oldLines: removed.length, newStart: 1, newLines: added.length, lines: [...removed, ...added] }]
}

/** Counts are taken from the lines and not from what somebody wrote about them; without lines there is no hunk. */
export function hunkOf(oldStart: number, newStart: number, candidates: readonly string[]): Hunk[] {
  const lines = candidates.filter((line) => /^[ +-]/.test(line)).map((line) => line.toWellFormed())
  if (lines.length === 0) return []
  const oldLines = lines.filter((line) => !line.startsWith('+')).length
  const newLines = lines.filter((line) => !line.startsWith('-')).length
  return [{ oldStart, oldLines, newStart, newLines, lines }]
}

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
    const head = /^@@ -(\d{1,9})(?:,\d{1,9})? \+(\d{1,9})(?:,\d{1,9})? @@/.exec(line)
    if (head !== null) {
      close()
      start = [Number(head[1]), Number(head[2])]
    } else if (start !== null) lines.push(line)
  }
  close()
  return hunks
}
