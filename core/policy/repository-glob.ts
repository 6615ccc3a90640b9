/** Globs of repositories: `owner/name`, each with `*` for any part of it. Time grows with the product of the lengths. */

export function matchesRepository(glob: string, repository: string): boolean {
  const parts = glob.toLowerCase().split('/')
  const names = repository.toLowerCase().split('/')
  return parts.length === names.length && parts.every((part, at) => matchesPart(part, names[at] ?? ''))
}

/** Greedy with one place to return to: the last star takes one letter more whenever what follows it does not fit. */
function matchesPart(pattern: string, text: string): boolean {
  let at = 0
  let position = 0
  let star = -1
  let resumed = 0
  while (position < text.length) {
    if (pattern[at] === '*') {
      star = at++
      resumed = position
    } else if (pattern[at] === text[position]) {
      at++
      position++
    } else if (star >= 0) {
      at = star + 1
      position = ++resumed
    } else return false
  }
  return /^\**$/.test(pattern.slice(at))
}

/** How narrow a glob is: an exact name is the narrowest, then the one with more fixed letters. */
export function specificity(glob: string): number {
  return glob.includes('*') ? glob.replaceAll('*', '').length : 1_000
}
