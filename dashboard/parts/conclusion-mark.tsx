/** A check's conclusion as glyph and word. */
import type { JSX } from 'preact'
import type { Conclusion } from '#core/report/report.ts'

export function ConclusionMark({ conclusion }: { readonly conclusion: Conclusion | null }): JSX.Element {
  switch (conclusion) {
    case 'success':
      return <span class="good">✓ passed</span>
    case 'neutral':
      return <span class="warn">! look at it</span>
    case 'failure':
      return <span class="bad">✗ failed</span>
    case null:
      return <span class="quiet">… in progress</span>
  }
}
