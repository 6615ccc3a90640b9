/**
 * Of several equal lines git shows any one as added. A line that is new or stood in the parent, nobody can tell which, is
 * the new one where git shows it and there is another one like it that git does not show.
 */
import { countTexts } from './lines.ts'
import { type Origin, unknownOrigin } from './origins.ts'

export interface Shown {
  readonly parent: readonly string[]
  readonly lines: readonly string[]
  /** 0-based places of the lines that git shows as added. */
  readonly added: ReadonlySet<number>
}

/** Origins of the lines, one for each, of which those that git shows no longer may have stood in the parent. */
export function settleEqualLines(origins: readonly Origin[], { parent, lines, added }: Shown): readonly Origin[] {
  if (!origins.some(({ orBase }) => orBase)) return origins
  const places = new Map<string, number[]>()
  for (const [at, line] of lines.entries()) {
    const equal = places.get(line)
    if (equal) equal.push(at)
    else places.set(line, [at])
  }
  const before = countTexts(parent)
  return origins.map((origin, at) => {
    if (!origin.orBase || !added.has(at)) return origin
    const equal = places.get(lines[at] ?? '') ?? []
    const shown = equal.filter((other) => added.has(other))
    const hidden = equal.flatMap((other) => (added.has(other) ? [] : [origins[other] ?? unknownOrigin]))
    const others = hidden.filter(({ class: name }) => name !== 'base')
    const isMore = equal.length - (before.get(lines[at] ?? '') ?? 0) >= shown.length
    const isOne = others.every(({ class: name, session }) => name === origin.class && session === origin.session)
    if (!isMore || !isOne || others.length < shown.filter((other) => origins[other]?.orBase).length)
      return unknownOrigin
    const { orBase: _, ...certain } = origin
    return certain
  })
}
