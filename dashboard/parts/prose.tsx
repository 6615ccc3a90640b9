/** Text of our own that quotes what was seen: `spans` in backticks become code, everything else stays text. */
import type { JSX } from 'preact'

export function Prose({ text }: { readonly text: string }): JSX.Element {
  const parts = text.split('`')
  // An odd number of backticks closes nothing: then the text is shown as it is.
  if (parts.length % 2 === 0) return <>{text}</>
  return <>{parts.map((part, index) => (index % 2 === 1 ? <code>{part}</code> : part))}</>
}
