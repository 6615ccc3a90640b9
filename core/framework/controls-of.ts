/** For which controls of which frameworks a policy speaks. */
import type { Framework } from './framework.ts'
import { frameworks as registry } from './registry.ts'

/** `nist-ssdf/PW.8.2`, in the order of frameworks and controls. */
export function controlsOf(policy: string, frameworks: readonly Framework<string>[] = registry): readonly string[] {
  return frameworks.flatMap(({ id, controls }) =>
    controls.filter(({ policies }) => policies.includes(policy)).map((control) => `${id}/${control.id}`),
  )
}
