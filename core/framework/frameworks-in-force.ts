/** The frameworks that an organisation can be held to: ours, with what its own policies add, and its own. */
import type { Document } from '../policy/document.ts'
import type { Framework } from './framework.ts'
import { frameworks } from './registry.ts'

export function frameworksInForce(documents: readonly Document[] | null): readonly Framework<string>[] {
  const written = documents ?? []
  const own = written.flatMap((one): Framework<string>[] => {
    if (one.kind !== 'Framework') return []
    const { name: id, title, version, publisher = 'Your organisation', url = null, about } = one.metadata
    const controls = one.spec.controls.map((control) => ({ ...control, attestation: control.attestation ?? null }))
    return [{ id, title, version, publisher, url, about, controls }]
  })
  const added = written.flatMap((one) =>
    one.kind === 'Policy' ? one.metadata.frameworks.map((control) => ({ control, policy: one.metadata.name })) : [],
  )
  return [...frameworks, ...own].map((framework: Framework<string>) => ({
    ...framework,
    controls: framework.controls.map((control) => {
      const more = added.filter((one) => one.control === `${framework.id}/${control.id}`).map(({ policy }) => policy)
      return more.length === 0 ? control : { ...control, policies: [...new Set([...control.policies, ...more])] }
    }),
  }))
}
