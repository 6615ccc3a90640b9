/** Whatever is changed in a log that is read (checkpoint, tiles, entries, cosignatures) is noticed, each for its own reason. */
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { type AuditProblemCode, auditLog } from '#core/evidence/audit.ts'
import type { Bytes } from '#core/evidence/bytes.ts'
import { readCheckpoint } from '#core/evidence/checkpoint.ts'
import { cosign } from '#core/evidence/cosignature.ts'
import { growTree, leafHash, type MerkleNode, readThrough } from '#core/evidence/merkle.ts'
import { cosignerKeyId, readCosignerKey, readNote, readVerifierKey, writeCosignerKey } from '#core/evidence/note.ts'
import { merkleLevelOf, TILE_WIDTH, type Tile, tilePath, writeEntryBundle } from '#core/evidence/tile.ts'
import { cosignaturesBy } from '#core/evidence/witnessed.ts'
import { createDevice, type MemoryLog, memoryLog } from '#test/docs/evidence-log.ts'
import { flipped } from './key-pair.ts'

const COUNT = 260
const ORIGIN = 'stemma.test/log/one'

let log: MemoryLog
let other: MemoryLog
let impostor: MemoryLog
let note: string
let nodes: readonly MerkleNode[]

beforeAll(async () => {
  const device = await createDevice()
  log = await memoryLog(ORIGIN, device, COUNT)
  other = await memoryLog('stemma.test/log/two', device, COUNT)
  impostor = await memoryLog(ORIGIN, device, COUNT)
  note = await log.checkpoint()
  nodes = await growTree(0, await Promise.all(log.entries.map(leafHash)), () => new Uint8Array())
})

/** Every tile of a log of 260 leaves. */
const tiles: readonly Tile[] = [
  { level: 'entries', index: 0, width: TILE_WIDTH },
  { level: 'entries', index: 1, width: COUNT - TILE_WIDTH },
  { level: 0, index: 0, width: TILE_WIDTH },
  { level: 0, index: 1, width: COUNT - TILE_WIDTH },
  { level: 1, index: 0, width: 1 },
]

function tileBytes({ level, index, width }: Tile): Bytes {
  const first = index * TILE_WIDTH
  if (level === 'entries') return writeEntryBundle(log.entries.slice(first, first + width))
  const read = readThrough(nodes, () => new Uint8Array())
  const hashes = Array.from({ length: width }, (_, at) => read(merkleLevelOf(level), first + at))
  return new Uint8Array(hashes.flatMap((hash) => [...hash]))
}

interface Shown {
  readonly checkpoint?: string
  /** In the place of a tile; null: it is not there. */
  readonly change?: (tile: Tile) => Bytes | null
  /** Signed notes that were seen before. */
  readonly seen?: readonly string[]
}

async function codesOf({ checkpoint = note, change = tileBytes, seen = [] }: Shown): Promise<readonly string[]> {
  const known = tiles.map(tilePath)
  const audit = await auditLog({
    source: {
      checkpoint: async () => checkpoint,
      tile: async (tile) => (known.includes(tilePath(tile)) ? change(tile) : null),
      hasTiles: true,
    },
    log: await readVerifierKey(log.vkey),
    seen: seen.map((one) => readCheckpoint(readNote(one)?.text ?? '')).filter((one) => one !== null),
    receipts: [],
    onProgress: () => undefined,
  })
  expect(audit.verified).toBe(audit.problems.length === 0)
  return [...new Set(audit.problems.map(({ code }) => code))].sort()
}

/** One tile spoilt, the others as they are. */
const spoilt = (at: number, spoil: (bytes: Bytes) => Bytes | null) => (tile: Tile) =>
  tilePath(tile) === tilePath(tiles[at] ?? tile) ? spoil(tileBytes(tile)) : tileBytes(tile)

test('as it is, nothing is wrong with it', async () => expect(await codesOf({})).toEqual([]))

describe('checkpoint', () => {
  test('of another organisation, by another key, of another size or root', async () => {
    const forged = new Uint8Array(32).fill(7)
    const cases: readonly (readonly [string, AuditProblemCode])[] = [
      [await other.checkpoint(), 'other-log'],
      [await impostor.checkpoint(), 'checkpoint-signature'],
      [note.replace(`\n${COUNT}\n`, `\n${COUNT - 1}\n`), 'checkpoint-signature'],
      [note.replace(ORIGIN, 'stemma.test/log/two'), 'other-log'],
      [await log.sign(ORIGIN, COUNT, forged), 'root-mismatch'],
      [await log.sign(ORIGIN, COUNT + 1, forged), 'tile-missing'],
      ['', 'checkpoint-malformed'],
    ]
    for (const [checkpoint, code] of cases) expect(await codesOf({ checkpoint }), checkpoint).toContain(code)
  })

  test('cut off, or changed in any character', async () => {
    const allowed = ['checkpoint-malformed', 'checkpoint-signature', 'other-log']
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: note.length - 1 }), fc.nat({ max: 6 }), async (at, bit) => {
        const changed = String.fromCharCode(note.charCodeAt(at) ^ (1 << bit))
        const [wrong] = await codesOf({ checkpoint: note.slice(0, at) + changed + note.slice(at + 1) })
        expect(allowed).toContain(wrong)
        expect(await codesOf({ checkpoint: note.slice(0, at) })).toEqual(['checkpoint-malformed'])
      }),
      { numRuns: 100 },
    )
  })

  test('seen before: another root for a size, a size that is not there any more', async () => {
    const forged = new Uint8Array(32).fill(7)
    expect(await codesOf({ seen: [await log.checkpoint(3), await log.checkpoint(256)] })).toEqual([])
    for (const size of [1, 255, COUNT]) {
      expect(await codesOf({ seen: [await log.sign(ORIGIN, size, forged)] }), `${size}`).toEqual(['forked'])
    }
    expect(await codesOf({ seen: [await log.sign(ORIGIN, COUNT + 1, forged)] })).toEqual(['rolled-back'])
  })
})

describe('tile', () => {
  test('any flipped bit of hashes, in any tile', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 4 }), fc.nat(), async (at, bit) => {
        expect(await codesOf({ change: spoilt(at, (bytes) => flipped(bytes, bit)) })).toEqual(['tile-mismatch'])
      }),
      { numRuns: 20 },
    )
  })

  test('any flipped bit of entries', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 1 }), fc.nat(), async (at, bit) => {
        const codes = await codesOf({ change: spoilt(at, (bytes) => flipped(bytes, bit)) })
        // A length that is wrong ends the reading; everything else has another hash.
        expect(
          codes.some((code) => ['tile-malformed', 'root-mismatch'].includes(code)),
          codes.join(),
        ).toBe(true)
      }),
      { numRuns: 20 },
    )
  })

  test('cut off, longer, missing, or another in its place', async () => {
    for (const [at, tile] of tiles.entries()) {
      const name = tilePath(tile)
      expect(await codesOf({ change: spoilt(at, (bytes) => bytes.slice(0, -1)) }), name).toContain('tile-malformed')
      expect(await codesOf({ change: spoilt(at, (bytes) => new Uint8Array([...bytes, 0])) }), name).toContain(
        'tile-malformed',
      )
      expect(await codesOf({ change: spoilt(at, () => null) }), name).toContain('tile-missing')
    }
    const hashes = (at: number) => tileBytes(tiles[at] ?? { level: 0, index: 0, width: 0 })
    const swapped = await codesOf({ change: spoilt(3, () => hashes(2).slice(0, 4 * 32)) })
    expect(swapped).toEqual(['tile-mismatch'])
    const first = writeEntryBundle(log.entries.slice(0, COUNT - TILE_WIDTH))
    expect(await codesOf({ change: spoilt(1, () => first) })).toEqual([
      'duplicate-entry',
      'root-mismatch',
      'tile-mismatch',
    ])
    const foreign = writeEntryBundle(other.entries.slice(0, TILE_WIDTH).toReversed())
    expect(await codesOf({ change: spoilt(0, () => foreign) })).toContain('root-mismatch')
  })
})

describe('cosignature', () => {
  test('any flipped bit, another tree, another witness, another organisation', async () => {
    const [one, two] = await Promise.all(['w1.example', 'w2.example'].map(witness))
    if (one === undefined || two === undefined) throw new TypeError('two were made')
    const line = await one.line(note)
    const said = async (text: string, key = one.key) => {
      const checkpoint = readCheckpoint(readNote(text)?.text ?? '')
      if (checkpoint === null) return 'malformed'
      const [cosigned] = await cosignaturesBy([await readCosignerKey(key)], [{ checkpoint, note: text }])
      return cosigned?.isForged === true ? 'forged' : cosigned?.size
    }
    expect(await said(note + line)).toBe(COUNT)
    expect(await said(note)).toBeNull()
    expect(await said(note + line, two.key)).toBeNull()
    expect(await said((await log.checkpoint(COUNT - 1)) + line)).toBe('forged')
    expect(await said((await other.checkpoint()) + line)).toBe('forged')
    const [dash = '', name = '', text = ''] = line.trim().split(' ')
    const bytes = new Uint8Array(Buffer.from(text, 'base64'))
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: bytes.length * 8 - 1 }), async (bit) => {
        const changed = `${dash} ${name} ${Buffer.from(flipped(bytes, bit)).toString('base64')}\n`
        // In the first four bytes stands whose it is: then it is nobody's that was asked for.
        expect(await said(note + changed)).toBe(bit < 32 ? null : 'forged')
      }),
    )
  })
})

async function witness(name: string) {
  const { spki, signer } = await createDevice()
  const raw = spki.slice(12)
  const own = { name, keyId: await cosignerKeyId(name, raw), sign: signer.sign }
  const line = (signed: string) => cosign(readNote(signed)?.text ?? '', own, 1_763_800_000)
  return { key: await writeCosignerKey(name, raw), line }
}
