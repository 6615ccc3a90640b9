/** Scopes of postures and attestations: an organisation, a product, a project or a repository, and what they cover. */
import type { Document } from '../policy/document.ts'
import { matchesRepository } from '../policy/repository-glob.ts'
import type { Scope } from './posture.ts'

/** `product:shop`. The text has the right form; see core/api/frameworks.ts, ScopeName. */
export function readScope(text: string, organisation: string): Scope {
  const [kind, name] = [text.slice(0, text.indexOf(':')), text.slice(text.indexOf(':') + 1)]
  if (kind === 'product' || kind === 'project' || kind === 'repository') return { kind, name }
  return { kind: 'organisation', name: organisation }
}

/** The documents that name products and projects, as scopes. */
export function scopesIn(documents: readonly Document[] | null): readonly string[] {
  return (documents ?? []).flatMap((one) =>
    one.kind === 'Product' || one.kind === 'Project' ? [`${one.kind.toLowerCase()}:${one.metadata.name}`] : [],
  )
}

/** null = the scope names a product or project that nobody wrote down. `repository` '' = none is known. */
export function coveredBy(
  { kind, name }: Scope,
  documents: readonly Document[] | null,
): ((repository: string) => boolean) | null {
  if (kind === 'organisation') return () => true
  if (kind === 'repository') return (repository) => repository.toLowerCase() === name.toLowerCase()
  const globs = globsOf({ kind, name }, documents)
  return globs === null ? null : (repository) => globs.some((glob) => matchesRepository(glob, repository))
}

/** Whether what somebody vouched for in one scope says something about another: the whole speaks for its parts. */
export function speaksFor(vouched: Scope, asked: Scope, documents: readonly Document[] | null): boolean {
  if (vouched.kind === 'organisation') return true
  if (vouched.kind === asked.kind) return vouched.name.toLowerCase() === asked.name.toLowerCase()
  if (asked.kind !== 'repository') return false
  return coveredBy(vouched, documents)?.(asked.name) ?? false
}

function globsOf({ kind, name }: Scope, documents: readonly Document[] | null): readonly string[] | null {
  const wanted = kind === 'product' ? 'Product' : 'Project'
  const found = (documents ?? []).find((one) => one.kind === wanted && one.metadata.name === name)
  return found?.kind === 'Product' || found?.kind === 'Project' ? found.spec.repositories : null
}
