/** One answer for each commit, where the evidence of several sessions or machines speaks about it. */
import {
  addLineCounts,
  type CommitAttribution,
  type FileAttribution,
  type LineClass,
  type LineCounts,
  type LineRange,
  noLines,
} from '../attribution/attribution.ts'

/**
 * Each machine saw only its own sessions: what one saw as an agent's line is `unknown` to another. An observation
 * outweighs none, an agent's edit outweighs what was only seen between two states, and two witnesses outweigh one.
 */
const weight: Readonly<Record<LineClass, number>> = { unknown: 0, human: 1, ai: 2, mixed: 3 }
const confidence: Readonly<Record<LineRange['confidence'], number>> = { none: 0, transcript: 1, snapshot: 1, both: 2 }

/** The attributions must be of one commit; their order does not matter. */
export function mergeAttributions(list: readonly CommitAttribution[]): CommitAttribution | null {
  const [first, ...others] = [...list].sort((left, right) => compareText(JSON.stringify(left), JSON.stringify(right)))
  if (!first) return null
  if (others.every((other) => JSON.stringify(other) === JSON.stringify(first))) return first
  const paths = [...new Set(list.flatMap(({ files }) => files.map(({ path }) => path)))].sort(compareText)
  const files = paths.flatMap((path) => {
    const versions = [first, ...others].flatMap((one) => one.files.filter((file) => file.path === path))
    return versions[0] ? [mergeFile(versions[0], versions)] : []
  })
  return {
    ...first,
    files,
    added: files.map(({ added }) => added).reduce(addLineCounts, noLines),
    removed: files.map(({ removed }) => removed).reduce(addLineCounts, noLines),
    sessions: [...new Set(list.flatMap(({ sessions }) => sessions))].sort(compareText),
  }
}

function mergeFile(first: FileAttribution, versions: readonly FileAttribution[]): FileAttribution {
  const ranges = mergeRanges(versions.flatMap((version) => version.ranges))
  const known = (removed: LineCounts) => removed.ai + removed.human + removed.mixed
  // Removed lines carry no ranges: the version that knows most of them stands.
  const best = versions.reduce((left, right) => (known(right.removed) > known(left.removed) ? right : left), first)
  return { ...first, ranges, added: countRanges(ranges), removed: best.removed }
}

/** Sweeps over the borders of all ranges; between two borders the weightiest range stands. */
function mergeRanges(ranges: readonly LineRange[]): LineRange[] {
  const borders = [...new Set(ranges.flatMap(({ start, end }) => [start, end + 1]))].sort((left, right) => left - right)
  const byStart = [...ranges].sort((left, right) => left.start - right.start)
  const merged: LineRange[] = []
  let open: LineRange[] = []
  let next = 0
  borders.forEach((start, index) => {
    const end = (borders[index + 1] ?? start) - 1
    open = open.filter((range) => range.end >= start)
    for (let range = byStart[next]; range && range.start <= start; range = byStart[next]) {
      open.push(range)
      next += 1
    }
    const [best] = [...open].sort(byWeight)
    if (!best || end < start) return
    const previous = merged.at(-1)
    const continues = previous && previous.end === start - 1 && sameOrigin(previous, best)
    if (continues) merged[merged.length - 1] = { ...previous, end }
    else merged.push({ ...best, start, end })
  })
  return merged
}

function byWeight(left: LineRange, right: LineRange): number {
  return (
    weight[right.class] - weight[left.class] ||
    confidence[right.confidence] - confidence[left.confidence] ||
    compareText(left.session ?? '', right.session ?? '') ||
    compareText(left.model ?? '', right.model ?? '')
  )
}

function sameOrigin(left: LineRange, right: LineRange): boolean {
  return (
    left.class === right.class &&
    left.session === right.session &&
    left.model === right.model &&
    left.confidence === right.confidence
  )
}

export function countRanges(ranges: readonly LineRange[]): LineCounts {
  const counts = { ...noLines }
  for (const range of ranges) counts[range.class] += range.end - range.start + 1
  return counts
}

/** By code unit, so that the order is the same on every machine. */
export function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}
