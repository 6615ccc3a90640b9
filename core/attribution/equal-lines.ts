/**
 * Of several equal lines git shows any one as added. Where it shows one that stood there before, the new one is among the
 * others; and where all of these have one author, that author's line is the one that git means.
 */
import { countTexts } from './lines.ts'
import { type Origin, unknownOrigin } from './origins.ts'

export interface Shown {
  readonly parent: readonly string[]
  readonly lines: readonly string[]
  /** 0-based places of the lines that git shows as added. */
  readonly added: ReadonlySet<number>
}

/** Origins of the lines, one for each, with those that git shows put in the place of those that it does not show. */
export function exchangeEqualLines(origins: readonly Origin[], { parent, lines, added }: Shown): readonly Origin[] {
  const places = new Map<string, number[]>()
  for (const [at, line] of lines.entries()) {
    const equal = places.get(line)
    if (equal) equal.push(at)
    else places.set(line, [at])
  }
  const before = countTexts(parent)
  const next = [...origins]
  for (const [text, equal] of places) {
    const shown = equal.filter((at) => added.has(at))
    const open = shown.filter((at) => !isCertain(origins[at]))
    const hidden = equal.flatMap((at) => (added.has(at) ? [] : [origins[at] ?? unknownOrigin]))
    const isMore = equal.length - (before.get(text) ?? 0) >= shown.length
    for (const at of open) next[at] = exchanged(origins[at] ?? unknownOrigin, { hidden, count: open.length, isMore })
  }
  return next
}

function isCertain({ class: name, orBase }: Origin = unknownOrigin): boolean {
  return name !== 'base' && name !== 'unknown' && orBase !== true
}

interface Equal {
  readonly hidden: readonly Origin[]
  /** How many lines that git shows are to be exchanged. */
  readonly count: number
  /** There are as many more lines of the text than in the parent as git shows. */
  readonly isMore: boolean
}

/** One new line for each that is shown, and all by one author. Of two that may be the new one, either is. */
function exchanged(shown: Origin, { hidden, count, isMore }: Equal): Origin {
  const isOneOfTwo = shown.orBase === true && isMore
  const fresh = hidden.filter((origin) => (isOneOfTwo ? origin.class !== 'base' : isCertain(origin)))
  const [first, ...others] = isOneOfTwo ? [shown, ...fresh] : fresh
  if (first === undefined || fresh.length < count) return unknownOrigin
  const { orBase: _, ...certain } = first
  return others.every(({ class: name, session }) => name === first.class && session === first.session)
    ? certain
    : unknownOrigin
}
