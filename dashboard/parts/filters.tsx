/** By what a list is narrowed, each with a link that widens it again. The filters are the address. */
import type { JSX } from 'preact'
import { type Place, withQuery } from '../router.ts'

export function queryOf<Name extends string>(place: Place, names: readonly Name[]): Record<Name, string | null> {
  return Object.fromEntries(names.map((name) => [name, place.query.get(name)])) as Record<Name, string | null>
}

interface Properties {
  readonly query: Readonly<Record<string, string | null>>
  /** What people call what a value stands for; without it they see the value. */
  readonly words?: Readonly<Record<string, string | undefined>>
}

export function Filters({ query, words = {} }: Properties): JSX.Element {
  return (
    <>
      {Object.entries(query)
        .filter(([, value]) => value)
        .map(([name, value]) => (
          <p class="filter" key={name}>
            {name}: <strong>{words[name] ?? value}</strong>{' '}
            <a href={withQuery({ [name]: null })}>
              ✕ all<span class="unseen"> values of {name}</span>
            </a>
          </p>
        ))}
    </>
  )
}
