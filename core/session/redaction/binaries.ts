/**
 * Pictures and other binaries in base64: nobody can review what they show, so what is sent of them is their kind, size
 * and digest. Texts in base64 are no binaries; their secrets are found by decoding them.
 */
import { utf8 } from '../../evidence/bytes.ts'
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

/** Lines of `base64` and of mail, with line ends real or escaped; the marks between are part of what is dropped. */
const LINES = '(?:[A-Za-z0-9+/]{60,80}(?:\\r?\\n|\\\\{1,3}n)){4,20000}[A-Za-z0-9+/]{0,80}={0,2}'
const RUN = '[A-Za-z0-9+/_-]{256,}={0,2}'
const KINDS = '(?:image|audio|video|font)\\/[a-z0-9.+-]{1,60}|application\\/(?:octet-stream|pdf|zip|gzip|wasm)'
const BASE64_TEXT = new RegExp(
  `(?:data:(?<kind>${KINDS}));base64,(?<data>${RUN})|(?:(?<=\\\\[nrt])|(?<![A-Za-z0-9+/_=\\\\-]))(?<bare>${LINES}|${RUN})`,
  'g',
)

/** Of a kind that no signature tells, such as the rest of one that was cut: as long as no key, and nothing to read. */
const MIN_UNKNOWN = 1_024
const SAMPLE = 768

function kindOf(data: string): string | null {
  const known = signatures.find(([begins]) => data.startsWith(begins))?.[1]
  if (known !== undefined) return known
  const bare = data.replace(/\r?\n|\\{1,3}n|=+$/g, '')
  if (bare.length < MIN_UNKNOWN || !/\d/.test(bare) || !/[a-z]/.test(bare) || !/[A-Z]/.test(bare)) return null
  const bytes = atob(bare.slice(0, SAMPLE).replaceAll('-', '+').replaceAll('_', '/'))
  let printable = 0
  for (let at = 0; at < bytes.length; at++) {
    const code = bytes.charCodeAt(at)
    if ((code >= 32 && code < 127) || code === 9 || code === 10 || code === 13) printable++
  }
  // Of bytes that are drawn by lot three in eight are printable; of any script's text in UTF-8 many more, or few below 128.
  return printable < 0.6 * bytes.length && printable > 0.15 * bytes.length ? 'application/octet-stream' : null
}

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
  await Promise.all([...found.keys()].map(async (data) => found.set(data, await sha256Hex(utf8(data)))))
  const clean = events.map((event) =>
    mapEvent(event, ({ texts }) => texts.map((text) => digested(text, { found, dropped }))),
  )
  return { events: clean, dropped: Object.fromEntries([...dropped].sort(([left], [right]) => (left < right ? -1 : 1))) }
}

/** What stands in the place of one: its kind, the characters of its base64, and their digest. */
export function binaryMark(kind: string, characters: number, digest: string): string {
  return `[BINARY:${kind}:${characters}:sha256:${digest}]`
}

function digested(
  text: string,
  { found, dropped }: { readonly found: ReadonlyMap<string, string>; readonly dropped: Map<string, number> },
): string {
  let clean = ''
  let done = 0
  for (const { start, end, kind } of binariesIn(text)) {
    const digest = found.get(text.slice(start, end)) ?? ''
    clean += text.slice(done, start) + binaryMark(kind, end - start, digest)
    dropped.set(kind, (dropped.get(kind) ?? 0) + 1)
    done = end
  }
  return clean + text.slice(done)
}

function binariesIn(text: string): readonly Binary[] {
  if (text.length < MIN_CHARACTERS) return []
  return [...text.matchAll(BASE64_TEXT)].flatMap(({ 0: match, index, groups }): Binary[] => {
    const data = groups?.['data'] ?? groups?.['bare'] ?? ''
    // A key or a certificate has rules of its own.
    if (/-----(?:\r?\n|\\{1,3}n)$/.test(text.slice(Math.max(0, index - 9), index))) return []
    const kind = groups?.['kind'] ?? kindOf(data)
    const end = index + match.length
    return kind === null ? [] : [{ start: end - data.length, end, kind }]
  })
}
