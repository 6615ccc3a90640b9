/** Facts about one thing: a name and what is known of it. */
import type { ComponentChildren, JSX } from 'preact'

export const notRecorded = <span class="quiet">not recorded</span>

interface Properties {
  readonly title: string
  readonly children: ComponentChildren
}

export function Fact({ title, children }: Properties): JSX.Element {
  return (
    <div>
      <dt>{title}</dt>
      <dd>{children}</dd>
    </div>
  )
}
