/**
 * Pictures and other binaries in base64: nobody can review what they show, so what is sent of them is their kind, size
 * and digest. Texts in base64 are no binaries; their secrets are found by decoding them.
 */
import { sha256Hex } from '../../evidence/digest.ts'
import type { Event } from '../event.ts'
import { mapEvent } from '../session-leaves.ts'

/** Smaller ones are icons of a few pixels; and no signature below is this long by chance. */
const MIN_CHARACTERS = 256

/** What the first bytes say, in base64 (https://www.iana.org/assignments/media-types). */
const signatures: readonly (readonly [begins: string, kind: string])[] = [
  ['iVBORw0KGgo', 'image/png'],
  ['/9j/', 'image/jpeg'],
  ['R0lGOD', 'image/gif'],
  ['UklGR', 'image/webp'],
  ['Qk0', 'image/bmp'],
  ['AAABAA', 'image/x-icon'],
  ['JVBERi0', 'application/pdf'],
  ['UEsDB', 'application/zip'],
  ['H4sIA', 'application/gzip'],
  ['d09GMg', 'font/woff2'],
  ['d09GRg', 'font/woff'],
  ['f0VMRg', 'application/x-elf'],
  ['AGFzbQ', 'application/wasm'],
  ['SUQz', 'audio/mpeg'],
  ['T2dnUw', 'audio/ogg'],
  ['U1FMaXRlIGZvcm1hdCAz', 'application/vnd.sqlite3'],
]

const BASE64_TEXT =
  /(?:data:(?<kind>(?:image|audio|video|font)\/[a-z0-9.+-]{1,60}|application\/(?:octet-stream|pdf|zip|gzip|wasm)));base64,(?<data>[A-Za-z0-9+/_-]{256,}={0,2})|(?<![A-Za-z0-9+/_=-])(?<bare>[A-Za-z0-9+/_-]{256,}={0,2})/g

interface Binary {
  readonly start: number
  readonly end: number
  readonly kind: string
}

export interface WithoutBinaries {
  readonly events: readonly Event[]
  /** Kind -> how many of it became a digest. */
  readonly dropped: Readonly<Record<string, number>>
}

/** The events with `[BINARY:<kind>:<characters>:sha256:<hex>]` in the place of each binary; the digest is of its base64. */
export async function withoutBinaries(events: readonly Event[]): Promise<WithoutBinaries> {
  const dropped = new Map<string, number>()
  const found = new Map<string, string>()
  for (const event of events) {
    mapEvent(event, ({ texts }) => {
      for (const text of texts) for (const { start, end } of binariesIn(text)) found.set(text.slice(start, end), '')
      return texts
    })
  }
  if (found.size === 0) return { events, dropped: {} }
  await Promise.all(
    [...found.keys()].map(async (data) => found.set(data, await sha256Hex(new TextEncoder().encode(data)))),
  )
  const clean = events.map((event) =>
    mapEvent(event, ({ texts }) => texts.map((text) => digested(text, { found, dropped }))),
  )
  return { events: clean, dropped: Object.fromEntries([...dropped].sort(([left], [right]) => (left < right ? -1 : 1))) }
}

function digested(
  text: string,
  { found, dropped }: { readonly found: ReadonlyMap<string, string>; readonly dropped: Map<string, number> },
): string {
  let clean = ''
  let done = 0
  for (const { start, end, kind } of binariesIn(text)) {
    const digest = found.get(text.slice(start, end)) ?? ''
    clean += `${text.slice(done, start)}[BINARY:${kind}:${end - start}:sha256:${digest}]`
    dropped.set(kind, (dropped.get(kind) ?? 0) + 1)
    done = end
  }
  return clean + text.slice(done)
}

function binariesIn(text: string): readonly Binary[] {
  if (text.length < MIN_CHARACTERS) return []
  return [...text.matchAll(BASE64_TEXT)].flatMap(({ 0: match, index, groups }): Binary[] => {
    const data = groups?.['data'] ?? groups?.['bare'] ?? ''
    const kind = groups?.['kind'] ?? signatures.find(([begins]) => data.startsWith(begins))?.[1]
    const end = index + match.length
    return kind === undefined ? [] : [{ start: end - data.length, end, kind }]
  })
}
