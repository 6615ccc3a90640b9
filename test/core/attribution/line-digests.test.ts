import { describe, expect, it } from 'vitest'
import type { FileAttribution, LineClass } from '#core/attribution/attribution.ts'
import { noLines } from '#core/attribution/attribution.ts'
import {
  attributeByDigests,
  DIGEST_DIGITS,
  type DigestedLine,
  digestedLines,
  digestLines,
  fileDigests,
  lineKeyId,
} from '#core/attribution/line-digests.ts'

const key = new Uint8Array(32).fill(7)
const otherKey = new Uint8Array(32).fill(8)
const lines = ['export const feature = byAgent()\n', '\n', 'typed(by, hand)\n', '}\n', 'nobody(saw, this)\n']

function range(start: number, end: number, name: LineClass, session: string | null = null) {
  return { start, end, class: name, session, model: session && 'opus', confidence: 'snapshot' as const }
}

const file: FileAttribution = {
  path: 'feature.ts',
  status: 'added',
  binary: false,
  ranges: [range(1, 2, 'ai', 'claude-code:a'), range(3, 4, 'human'), range(5, 5, 'unknown')],
  added: noLines,
  removed: noLines,
}

const evidence = async (...files: readonly FileAttribution[]): Promise<readonly DigestedLine[]> => {
  const all = await Promise.all(files.map(async (one) => digestedLines(one, await fileDigests(one, lines, key))))
  return all.flat()
}

const classes = async (added: readonly string[], known: readonly DigestedLine[]): Promise<readonly string[]> =>
  (await attributeByDigests(added, known, key)).map(({ class: name, session }) =>
    session ? `${name} ${session}` : name,
  )

describe('digests of lines', () => {
  it('are HMAC-SHA-256 under the key, cut to 64 bits', async () => {
    const [digest] = await digestLines(['const one = 1\r\n'], key)
    // printf 'stemma-line/1\0const one = 1' | openssl dgst -sha256 -mac HMAC -macopt hexkey:0707…07
    expect(digest).toBe('cc70622d2d5719da')
    expect(await digestLines(['const one = 1'], key)).toEqual([digest])
    expect(await digestLines(['const one = 1'], otherKey)).not.toEqual([digest])
    expect(await lineKeyId(key)).toMatch(/^[0-9a-f]{16}$/)
  })

  it('say nothing of blank, trivial and unknown lines', async () => {
    const text = await fileDigests(file, lines, key)
    const each = text.match(/.{16}/g) ?? []
    expect(text).toHaveLength(5 * DIGEST_DIGITS)
    expect(each.map((digest) => /^0+$/.test(digest))).toEqual([false, true, false, true, true])
  })

  it('give a squashed diff back to its authors, in whatever order and file', async () => {
    const known = await evidence(file)
    const added = [
      'typed(by, hand)',
      'brand(new, line)',
      '}',
      'export const feature = byAgent()',
      '',
      'nobody(saw, this)',
    ]
    expect(await classes(added, known)).toEqual([
      'human',
      'unknown',
      'unknown',
      'ai claude-code:a',
      'unknown',
      'unknown',
    ])
  })

  it('decide nothing where witnesses disagree, or a line is there more often than it was seen', async () => {
    const other: FileAttribution = { ...file, ranges: [range(1, 1, 'human')] }
    expect(await classes([lines[0] ?? ''], await evidence(file, other))).toEqual(['unknown'])
    expect(await classes([lines[0] ?? '', lines[0] ?? ''], await evidence(file))).toEqual(['unknown', 'unknown'])
    expect(await classes([lines[0] ?? '', lines[0] ?? ''], await evidence(file, file))).toEqual([
      'ai claude-code:a',
      'ai claude-code:a',
    ])
  })

  it('mean nothing under another key, and nothing where they do not fit the ranges', async () => {
    expect((await attributeByDigests([...lines], await evidence(file), otherKey)).map((one) => one.class)).toEqual(
      lines.map(() => 'unknown'),
    )
    expect(digestedLines(file, (await fileDigests(file, lines, key)).slice(DIGEST_DIGITS))).toEqual([])
  })
})
