/** An item of a list with its mark before it. The mark is for the eye alone: the words say the same. */
import type { ComponentChildren, JSX } from 'preact'

interface Properties {
  readonly glyph: string
  readonly tone: string
  readonly children: ComponentChildren
}

export function Marked({ glyph, tone, children }: Properties): JSX.Element {
  return (
    <li>
      <span class={tone} aria-hidden="true">
        {glyph}
      </span>
      <div>{children}</div>
    </li>
  )
}
