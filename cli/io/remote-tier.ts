/** How much may leave for the remote that is pushed to: a rule for each, and nothing for one that no rule names. */
import picomatch from 'picomatch'
import type { Configuration, Tier } from './configuration.ts'

/** `remote`: address of what is pushed to; null = unknown. null = nothing leaves. */
export function tierFor(configuration: Configuration | null, remote: string | null): Tier | null {
  const rules = configuration?.remotes
  if (rules === undefined) return configuration?.tier ?? 'redacted'
  if (remote === null) return null
  const place = remotePlace(remote)
  const rule = rules.find(({ match }) =>
    picomatch.isMatch(place, remotePlace(match), { nocase: true, dot: true, bash: true }),
  )
  return rule?.tier ?? null
}

/** The narrower of two; null sends nothing at all. */
export function narrower(left: Tier | null, right: Tier | null): Tier | null {
  if (left === null || right === null) return null
  const order: readonly Tier[] = ['metadata', 'redacted', 'full']
  return order.indexOf(left) <= order.indexOf(right) ? left : right
}

/** `host/path` for addresses in either spelling, without user, port, and `.git`; a path as it is. */
export function remotePlace(address: string): string {
  const bare = address.replace(/\/+$/, '').replace(/\.git$/, '')
  const [, host, path] = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/@]*@)?([^/:]+)(?::\d+)?\/(.*)$/i.exec(bare) ?? []
  if (host !== undefined && path !== undefined) return `${host.toLowerCase()}/${path}`
  const [, scpHost, scpPath] = /^(?:[^/@]+@)?([^/:]{2,}):(?!\/\/)\/?(.*)$/.exec(bare) ?? []
  return scpHost !== undefined && scpPath !== undefined ? `${scpHost.toLowerCase()}/${scpPath}` : bare
}
