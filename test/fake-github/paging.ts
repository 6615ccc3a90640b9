/** Pages of a list, with GitHub's Link header. */
import type { Asked } from './route.ts'

const DEFAULT_PAGE = 30
const MAX_PAGE = 100

interface Page<T> {
  readonly items: readonly T[]
  readonly headers: Readonly<Record<string, string>>
}

function positive(text: string | undefined, otherwise: number): number {
  const number = Number(text)
  return Number.isInteger(number) && number > 0 ? number : otherwise
}

export function pageOf<T>(all: readonly T[], asked: Pick<Asked, 'query' | 'url'>, defaultSize = DEFAULT_PAGE): Page<T> {
  const size = Math.min(positive(asked.query('per_page'), defaultSize), MAX_PAGE)
  const page = positive(asked.query('page'), 1)
  const last = Math.max(1, Math.ceil(all.length / size))
  const link = (relation: string, number: number): string => {
    const url = new URL(asked.url)
    url.searchParams.set('page', String(number))
    return `<${url.toString()}>; rel="${relation}"`
  }
  const links = [
    ...(page > 1 ? [link('prev', page - 1)] : []),
    ...(page < last ? [link('next', page + 1), link('last', last)] : []),
    ...(page > 1 ? [link('first', 1)] : []),
  ]
  return {
    items: all.slice((page - 1) * size, page * size),
    headers: links.length === 0 ? {} : { link: links.join(', ') },
  }
}
