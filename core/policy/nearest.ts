/** "Did you mean": the known name that a mistyped one is nearest to. */

/** null where nothing is near: more than a third of the letters would have to change. */
export function nearest(wanted: string, known: readonly string[]): string | null {
  const name = wanted.slice(0, 100).toLowerCase()
  let best: { readonly name: string; readonly distance: number } | null = null
  for (const candidate of known) {
    const distance = editDistance(name, candidate.toLowerCase())
    if (distance <= Math.max(1, candidate.length / 3) && (best === null || distance < best.distance)) {
      best = { name: candidate, distance }
    }
  }
  return best?.name ?? null
}

/** Levenshtein: insertions, deletions and replacements of one letter each. */
function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let at = 1; at <= left.length; at++) {
    const next = [at]
    for (let column = 1; column <= right.length; column++) {
      const replaced = (row[column - 1] ?? 0) + (left[at - 1] === right[column - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[right.length] ?? 0
}
