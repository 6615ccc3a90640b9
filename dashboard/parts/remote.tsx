/** A value that comes from the API: waiting, there, or refused; the same three looks everywhere. */
import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { ApiProblem } from '../client.ts'

export type Remote<Value> =
  | { readonly state: 'waiting' }
  | { readonly state: 'there'; readonly value: Value }
  | { readonly state: 'refused'; readonly problem: ApiProblem }

/** Loads again whenever `key` changes and when the window comes back into view; what was there stays until then. */
export function useRemote<Value>(key: string, load: () => Promise<Value>): Remote<Value> {
  const [remote, setRemote] = useState<{ readonly key: string; readonly value: Remote<Value> }>({
    key: '',
    value: { state: 'waiting' },
  })
  // `load` is a new function at every rendering; `key` says when its answer would differ.
  useEffect(() => {
    let isCurrent = true
    const run = (): void => {
      load().then(
        (value) => isCurrent && setRemote({ key, value: { state: 'there', value } }),
        (problem: unknown) => isCurrent && setRemote({ key, value: { state: 'refused', problem: asProblem(problem) } }),
      )
    }
    run()
    const onVisible = (): void => {
      if (document.visibilityState === 'visible') run()
    }
    document.addEventListener('visibilitychange', onVisible)
    return () => {
      isCurrent = false
      document.removeEventListener('visibilitychange', onVisible)
    }
  }, [key])
  return remote.key === key ? remote.value : { state: 'waiting' }
}

function asProblem(problem: unknown): ApiProblem {
  if (problem instanceof ApiProblem) return problem
  return new ApiProblem({ detail: String(problem), code: 'internal', status: 500, hint: 'Reload the page.' })
}

/** In one line, with what to do about it. */
export function problemText(problem: unknown): string {
  const { message, hint } = asProblem(problem)
  return `${message} ${hint}`
}

interface Properties<Value> {
  readonly remote: Remote<Value>
  readonly children: (value: Value) => ComponentChildren
}

export function Await<Value>({ remote, children }: Properties<Value>): JSX.Element {
  if (remote.state === 'waiting')
    return (
      <p class="waiting" role="status">
        Loading …
      </p>
    )
  if (remote.state === 'refused') {
    const { message, hint, code } = remote.problem
    return (
      <div class="notice notice-bad" role="alert">
        <p>
          <strong>✗ {message}</strong>
        </p>
        <p>{hint}</p>
        <p class="quiet">
          <code>{code}</code>
        </p>
      </div>
    )
  }
  return <>{children(remote.value)}</>
}
