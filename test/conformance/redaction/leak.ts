/** Whether a secret can be read out of what would be sent: by eye, or by undoing what a place did to it. */
import type { Session } from '#core/session/session.ts'

/** Fewer characters than these of any of the secrets are too few to begin with. */
const WINDOW = 12

export function leaks(session: Session, secret: string): boolean {
  const bare = squeezed(secret)
  const length = Math.min(WINDOW, bare.length)
  const windows = Array.from({ length: bare.length - length + 1 }, (_, at) => bare.slice(at, at + length))
  const texts = leavesOf(session.events).flatMap(readings)
  return texts.some((text) => windows.some((window) => text.includes(window)))
}

/** Every text and every key. */
function leavesOf(value: unknown): readonly string[] {
  const leaves: string[] = []
  const open: unknown[] = [value]
  while (open.length > 0) {
    const next = open.pop()
    if (typeof next === 'string') leaves.push(next)
    else if (Array.isArray(next)) {
      // Lines of a hunk stand in a list: together they are a text.
      if (next.every((line) => typeof line === 'string')) leaves.push(next.map((line) => line.slice(1)).join('\n'))
      open.push(...next)
    } else if (typeof next === 'object' && next !== null) {
      leaves.push(...Object.keys(next))
      open.push(...Object.values(next))
    }
  }
  return leaves
}

function readings(text: string): readonly string[] {
  const plain = [text, percentDecoded(text)]
  const decoded = [text, text.replace(/\s/g, '')].flatMap((form) =>
    (form.match(/[A-Za-z0-9+/_-]{16,}/g) ?? []).map((run) => Buffer.from(run, 'base64').toString('latin1')),
  )
  return [...plain, ...decoded].flatMap((form) => [form, squeezed(form)])
}

/** Without line ends, real or escaped, and without what holds the parts of a text together. */
function squeezed(text: string): string {
  return text.replace(/\\+[nrt]/g, '').replace(/[\s"'\\]/g, '')
}

function percentDecoded(text: string): string {
  return text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}
