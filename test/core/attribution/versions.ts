/** Versions of a file by named authors, and what following them gives. */
import { follow } from '#core/attribution/history.ts'
import { splitLines } from '#core/attribution/lines.ts'
import type { Author, Origin } from '#core/attribution/origins.ts'
import type { Version } from '#core/attribution/version.ts'

export const person: Author = { kind: 'person' }
export const unknown: Author = { kind: 'unknown' }
export const agent = (session: string, by: 'edit' | 'command' = 'edit'): Author => ({
  kind: 'agent',
  by,
  session,
  model: 'm',
})

/** `ai:a`, `human`, `base`. */
export const name = (origin: Origin): string =>
  origin.session === null ? origin.class : `${origin.class}:${origin.session}`

/** Classes of the last version's lines. */
export function classes(base: string, ...steps: readonly (readonly [Author, string])[]): readonly string[] {
  const versions: Version[] = steps.map(([author, text]) => ({ id: text, lines: splitLines(text), author }))
  return (follow(splitLines(base), versions).versions.at(-1)?.origins ?? []).map(name)
}
