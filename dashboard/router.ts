/** The address is the state: every view, filter and page can be linked to, and the back button works. */
import { useEffect, useState } from 'preact/hooks'

export interface Place {
  readonly path: string
  readonly query: URLSearchParams
}

function here(): Place {
  return { path: location.pathname, query: new URLSearchParams(location.search) }
}

const listeners = new Set<() => void>()

function tell(): void {
  for (const listener of listeners) listener()
}

export function go(address: string): void {
  const before = location.pathname
  history.pushState(null, '', address)
  tell()
  // Another view of the same page leaves everything where it is; another page begins at its top, for the keyboard too.
  if (location.pathname === before) return
  scrollTo(0, 0)
  document.getElementById('content')?.focus({ preventScroll: true })
}

/** The present address with some parameters changed; null or '' takes one out. */
export function withQuery(changes: Readonly<Record<string, string | null>>): string {
  const { path, query } = here()
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === '') query.delete(name)
    else query.set(name, value)
  }
  return query.size > 0 ? `${path}?${query}` : path
}

/** Links of our own change the view without loading the page anew. */
function followLink(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
    return
  const link = (event.target as Element | null)?.closest('a')
  if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin) return
  if (link.getAttribute('href')?.startsWith('#') || /^\/(v1|sign-|openapi)/.test(link.pathname)) return
  event.preventDefault()
  go(link.pathname + link.search + link.hash)
}

export function usePlace(): Place {
  const [place, setPlace] = useState(here)
  useEffect(() => {
    const update = (): void => setPlace(here())
    listeners.add(update)
    addEventListener('popstate', update)
    document.addEventListener('click', followLink)
    return () => {
      listeners.delete(update)
      removeEventListener('popstate', update)
      document.removeEventListener('click', followLink)
    }
  }, [])
  return place
}
