/** Private keys in PEM form, whole or cut off at either end, with line ends real or escaped. */
import { BETWEEN_TEXTS, type Span } from './secret-span.ts'

/** Forms of web pages write a space as `+`. */
const BEGIN = /-----BEGIN[ +](?:[A-Z0-9]{1,12}[ +]){0,4}PRIVATE[ +]KEY(?:[ +]BLOCK)?-----/g
const END = /-----END[ +](?:[A-Z0-9]{1,12}[ +]){0,4}PRIVATE[ +]KEY(?:[ +]BLOCK)?-----/g

/** What stands between the marks: base64, headers such as `Proc-Type: 4,ENCRYPTED`, and escaped line ends. */
const BODY = /^(?:[A-Za-z0-9+/=\s\\:,.]|-(?!-))*/

/** A 4096-bit key has about 3,300 characters, with numbers in front of its lines a few more. */
const MAX_BODY = 16_384

export function privateKeys(text: string): Span[] {
  const begins = [...text.matchAll(BEGIN)]
  const ends = [...text.matchAll(END)]
  const spans: Span[] = []
  let next = 0
  let done = 0
  for (const [index, begin] of begins.entries()) {
    if (begin.index < done) continue
    const bodyStart = begin.index + begin[0].length
    const limit = begins[index + 1]?.index ?? text.length
    while (next < ends.length && (ends[next]?.index ?? 0) < bodyStart) next++
    const end = ends[next]
    // Without its end the key goes on as far as there is anything that could belong to it.
    done =
      end !== undefined && end.index < limit && isBody(text, bodyStart, end.index)
        ? end.index + end[0].length
        : bodyEnd(text, bodyStart, limit)
    // Programs that read and write keys name the marks; what stands between those is no key.
    if (hasKey(text, bodyStart, done)) spans.push({ start: begin.index, end: done, rule: 'private-key' })
  }
  return [...spans, ...headless(text, ends, spans)]
}

/** In a line of a key 64 characters are drawn from 64; in 16 of a name there is hardly ever all of this. */
function hasKey(text: string, start: number, end: number): boolean {
  const runs = text.slice(start, Math.min(end, start + MAX_BODY)).match(/[A-Za-z0-9+/=]{16,}/g) ?? []
  return runs.some((run) => /\d/.test(run) && /[a-z]/.test(run) && /[A-Z]/.test(run))
}

/** Ends whose beginning was cut off. */
function headless(text: string, ends: readonly RegExpExecArray[], whole: readonly Span[]): Span[] {
  let next = 0
  return ends.flatMap((end) => {
    while (next < whole.length && (whole[next]?.end ?? 0) <= end.index) next++
    if ((whole[next]?.start ?? Number.POSITIVE_INFINITY) <= end.index) return []
    const start = bodyStartBefore(text, end.index)
    return hasKey(text, start, end.index) ? [{ start, end: end.index + end[0].length, rule: 'private-key' }] : []
  })
}

/** Anything of a key's length, since tools put numbers and arrows before lines; but nothing that was cut or joined. */
function isBody(text: string, start: number, end: number): boolean {
  if (end - start > MAX_BODY) return false
  const body = text.slice(start, end)
  return !body.includes(BETWEEN_TEXTS) && !body.includes('…')
}

function bodyEnd(text: string, start: number, limit: number): number {
  const body = BODY.exec(text.slice(start, Math.min(limit, start + MAX_BODY)))?.[0] ?? ''
  return start + body.trimEnd().length
}

function bodyStartBefore(text: string, end: number): number {
  const from = Math.max(0, end - MAX_BODY)
  return end - lastRun(text.slice(from, end)).trimStart().length
}

/** The part after the last character that no key contains; found by a walk, since a search for `…$` would be quadratic. */
function lastRun(text: string): string {
  let start = text.length
  while (start > 0 && /[A-Za-z0-9+/=\s\\]/.test(text[start - 1] ?? '')) start--
  return text.slice(start)
}
