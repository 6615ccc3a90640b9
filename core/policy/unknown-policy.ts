/** The problem of a name that no policy has. */
import type { DocumentProblem } from './document.ts'
import { nearest } from './nearest.ts'
import type { Policy } from './policy.ts'
import type { LocatedDocument } from './read-documents.ts'

export function unknownPolicy(
  problemAt: LocatedDocument['problemAt'],
  path: readonly (string | number)[],
  wanted: string,
  registry: readonly Policy[],
): DocumentProblem {
  const meant = nearest(
    wanted,
    registry.map(({ id }) => id),
  )
  const hint = meant === null ? 'List them with `stemma policy list`' : `Did you mean \`${meant}\`?`
  return problemAt(path, `There is no policy ${JSON.stringify(wanted.slice(0, 60))}.`, hint)
}
