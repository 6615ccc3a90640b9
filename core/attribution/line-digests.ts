/**
 * Keyed digests of attributed lines, by which the server finds a commit's lines again after a squash or a rebase, when
 * the commits that were observed are gone. Without the organisation's key they say nothing about the lines, not even to
 * who guesses a text and tries it.
 */
import { z } from 'zod'
import { type Bytes, toHex, utf8 } from '../evidence/bytes.ts'
import { sha256Hex } from '../evidence/digest.ts'
import type { FileAttribution, LineClass } from './attribution.ts'
import { bare, saysSomething } from './lines.ts'

/**
 * Hexadecimal digits of one digest: 64 bits. Two different lines among the 10,000 of a large pull request then share one
 * with a chance of 10,000² / 2⁶⁵, one in some hundred thousand million; four times the length would make evidence of
 * many lines three times as large and nothing more certain. What they protect is the key's 256 bits, not their length.
 */
export const DIGEST_DIGITS = 16
const NONE = '0'.repeat(DIGEST_DIGITS)

/** `GET /v1/line-key`: the key of the organisation, for its enrolled devices alone. */
export const LineKey = z.object({
  /** First 16 hexadecimal digits of the key's SHA-256: names the key without giving it away. */
  id: z.string().regex(/^[0-9a-f]{16}$/),
  /** 32 bytes, base64. */
  key: z.string().regex(/^[A-Za-z0-9+/]{43}=$/),
})
export type LineKey = Readonly<z.infer<typeof LineKey>>

export const LineDigests = z.object({
  algorithm: z.literal('hmac-sha256-64'),
  key: LineKey.shape.id,
  commits: z.array(
    z.object({
      commit: z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/),
      /**
       * For each file of the commit's attribution, in that order: 16 digits for each line of its ranges, in order. Zeros
       * stand for lines that are unknown, or say too little to be told from others.
       */
      files: z.array(z.string().regex(/^([0-9a-f]{16})*$/)),
    }),
  ),
})
export type LineDigests = Readonly<z.infer<typeof LineDigests>>

export async function lineKeyId(key: Bytes): Promise<string> {
  return (await sha256Hex(key)).slice(0, 16)
}

/** The digest of each line, with or without its terminator; null for a line that says too little. Key: 32 bytes. */
export async function digestLines(lines: readonly string[], key: Bytes): Promise<readonly (string | null)[]> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const secret = await crypto.subtle.importKey('raw', key, algorithm, false, ['sign'])
  const digests = new Map<string, string>()
  for (const line of new Set(lines.filter(saysSomething).map(bare))) {
    const bytes = new Uint8Array(await crypto.subtle.sign(algorithm, secret, utf8(`stemma-line/1\0${line}`)))
    digests.set(line, toHex(bytes.slice(0, DIGEST_DIGITS / 2)))
  }
  return lines.map((line) => digests.get(bare(line)) ?? null)
}

/** The entry of one file: `lines` are those of the committed file. */
export async function fileDigests(file: FileAttribution, lines: readonly string[], key: Bytes): Promise<string> {
  const texts = file.ranges.flatMap((range) =>
    Array.from({ length: range.end - range.start + 1 }, (_, offset) =>
      range.class === 'unknown' ? '' : (lines[range.start - 1 + offset] ?? ''),
    ),
  )
  return (await digestLines(texts, key)).map((digest) => digest ?? NONE).join('')
}

/** What the evidence says of a line, by its digest. */
export interface DigestedLine {
  readonly digest: string
  readonly class: LineClass
  readonly session: string | null
  readonly model: string | null
}

/** The lines of one file of the evidence; none where its digests and its ranges do not fit each other. */
export function digestedLines(file: FileAttribution, digests: string): readonly DigestedLine[] {
  const lines = file.ranges.flatMap(({ start, end, class: name, session, model }) =>
    Array.from({ length: end - start + 1 }, () => ({ class: name, session, model })),
  )
  if (digests.length !== lines.length * DIGEST_DIGITS) return []
  return lines.flatMap((line, at) => {
    const digest = digests.slice(at * DIGEST_DIGITS, (at + 1) * DIGEST_DIGITS)
    return digest === NONE ? [] : [{ digest, ...line }]
  })
}

export interface DigestVerdict {
  readonly class: LineClass
  readonly session: string | null
  readonly model: string | null
}

const unknownVerdict: DigestVerdict = { class: 'unknown', session: null, model: null }

/**
 * For each added line of a diff what the evidence says of it. `unknown` where it is not certain: the line says too
 * little, nobody saw it, those who saw it disagree, or the diff has it more often than it was seen, so that one of them is
 * of another origin. `evidence` names each commit once: of a commit in several statements give one.
 */
export async function attributeByDigests(
  addedLines: readonly string[],
  evidence: readonly DigestedLine[],
  key: Bytes,
): Promise<readonly DigestVerdict[]> {
  return attributeDigests(await digestLines(addedLines, key), evidence)
}

/** The same, where the digests are known already. */
export function attributeDigests(
  digests: readonly (string | null)[],
  evidence: readonly DigestedLine[],
): readonly DigestVerdict[] {
  const known = new Map<string, DigestedLine[]>()
  for (const line of evidence) {
    const group = known.get(line.digest)
    if (group === undefined) known.set(line.digest, [line])
    else group.push(line)
  }
  const counts = new Map<string, number>()
  for (const digest of digests) if (digest !== null) counts.set(digest, (counts.get(digest) ?? 0) + 1)
  return digests.map((digest) => {
    const seen = digest === null ? undefined : known.get(digest)
    if (digest === null || seen === undefined || (counts.get(digest) ?? 0) > seen.length) return unknownVerdict
    return agreed(seen)
  })
}

function agreed(seen: readonly DigestedLine[]): DigestVerdict {
  const [first] = seen
  if (first === undefined || first.class === 'unknown') return unknownVerdict
  if (seen.some((line) => line.class !== first.class || line.session !== first.session)) return unknownVerdict
  const model = seen.every((line) => line.model === first.model) ? first.model : null
  return { class: first.class, session: first.session, model }
}
