/** Secrets that no literal proposes: their form is in their dots, or in the members beside them. */
import { looksRandom } from '../entropy.ts'
import type { Span } from '../secret-span.ts'
import { keyEnd } from './broken-lines.ts'

const DISCORD =
  /(?:(?<![A-Za-z0-9_.-])|(?<=\\[nrt]))[MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6,7}\.[A-Za-z0-9_-]{27,45}/g

/** An application's id, a time and a signature: proposed by a run of the id's length that a dot ends. */
export function discordTokens(text: string, runs: readonly number[]): Span[] {
  const spans: Span[] = []
  for (let index = 0; index < runs.length; index += 2) {
    const end = runs[index + 1] ?? 0
    if (text.charCodeAt(end) !== 46) continue
    if (text.charCodeAt(end + 7) !== 46 && text.charCodeAt(end + 8) !== 46) continue
    const from = Math.max(0, end - 40)
    for (const match of text.slice(from, end + 60).matchAll(DISCORD)) {
      if (!/\d/.test(match[0]) || !looksRandom(match[0])) continue
      spans.push({ start: from + match.index, end: from + match.index + match[0].length, rule: 'discord-token' })
    }
  }
  return spans
}

const KEY_TYPE = /"kty\\{0,7}"/g
const PRIVATE_MEMBER =
  /(?<![A-Za-z0-9_])(?:d|p|q|dp|dq|qi|k)\\{0,7}"\s{0,4}:\s{0,4}\\{0,7}"(?<secret>[A-Za-z0-9_-]{20,}|[A-Za-z0-9_-]{1,19}[\\"'`\t +]{0,8}\n[\t "'`]{0,40}[A-Za-z0-9_-]{4,})/g

/** An RSA key of 4096 bits in one object has about 3,200 characters. */
const BESIDE = 4_000

/** The private members of a JSON Web Key (RFC 7518, section 6), in the neighbourhood of its type. */
export function jsonWebKeys(text: string): Span[] {
  const spans: Span[] = []
  let done = 0
  for (const { index } of text.matchAll(KEY_TYPE)) {
    const from = Math.max(done, index - BESIDE)
    const to = Math.min(text.length, index + BESIDE)
    if (from >= to) continue
    for (const match of text.slice(from, to).matchAll(PRIVATE_MEMBER)) {
      const secret = match.groups?.['secret'] ?? ''
      const end = from + match.index + match[0].length
      spans.push({ start: end - secret.length, end: keyEnd(text, end), rule: 'json-web-key' })
    }
    done = to
  }
  return spans
}
