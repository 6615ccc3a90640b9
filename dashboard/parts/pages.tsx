/** A list that goes on: the pages that were read so far, and a button for the next one. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { problemText } from './remote.tsx'

export interface Page<Item> {
  readonly items: readonly Item[]
  readonly next: string | null
}

interface Pages<Item> {
  readonly items: readonly Item[]
  /** Nothing where this was the last one. */
  readonly more: JSX.Element | null
}

export function usePages<Item>(first: Page<Item>, load: (cursor: string) => Promise<Page<Item>>): Pages<Item> {
  const [later, setLater] = useState<Page<Item> | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const [isLoading, setLoading] = useState(false)
  const next = later === null ? first.next : later.next
  const showMore = async (cursor: string): Promise<void> => {
    setLoading(true)
    try {
      const page = await load(cursor)
      setLater({ items: [...(later?.items ?? []), ...page.items], next: page.next })
      setProblem(null)
    } catch (refused) {
      setProblem(problemText(refused))
    }
    setLoading(false)
  }
  return {
    items: [...first.items, ...(later?.items ?? [])],
    more:
      next === null ? null : (
        <p class="tools">
          <button type="button" disabled={isLoading} onClick={() => void showMore(next)}>
            {isLoading ? 'Loading …' : 'Show more'}
          </button>
          {problem === null ? null : (
            <span class="bad" role="alert">
              ✗ {problem}
            </span>
          )}
        </p>
      ),
  }
}
