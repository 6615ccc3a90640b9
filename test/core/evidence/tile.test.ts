import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { type AuditProblemCode, auditLog } from '#core/evidence/audit.ts'
import type { Bytes } from '#core/evidence/bytes.ts'
import { readCheckpoint } from '#core/evidence/checkpoint.ts'
import { cosign, verifyCosignature } from '#core/evidence/cosignature.ts'
import { growTree, inclusionProof, leafHash, readThrough, treeRoot } from '#core/evidence/merkle.ts'
import {
  cosignerKeyId,
  type Note,
  readCosignerKey,
  readNote,
  readVerifierKey,
  writeCosignerKey,
} from '#core/evidence/note.ts'
import {
  addLeaf,
  emptyFrontier,
  firstOfTile,
  fullTiles,
  isTileOf,
  nodesOfTile,
  partialTiles,
  readEntryBundle,
  readFromNodes,
  readTilePath,
  rootOf,
  TILE_WIDTH,
  type Tile,
  tilePath,
  writeEntryBundle,
} from '#core/evidence/tile.ts'
import { createDevice, type MemoryLog, memoryLog } from '#test/docs/evidence-log.ts'

const missing = () => {
  throw new RangeError('no such node')
}
const hashes = (count: number) =>
  Promise.all(Array.from({ length: count }, (_, at) => leafHash(new Uint8Array([at & 255, at >> 8]))))

describe('paths', () => {
  test('are those of the specification, and each tile has one', () => {
    expect(tilePath({ level: 0, index: 1_234_067, width: 256 })).toBe('tile/0/x001/x234/067')
    expect(tilePath({ level: 'entries', index: 0, width: 17 })).toBe('tile/entries/000.p/17')
    fc.assert(
      fc.property(fc.nat({ max: 6 }), fc.nat(), fc.integer({ min: 1, max: 256 }), (level, index, width) => {
        for (const tile of [
          { level, index, width },
          { level: 'entries', index, width },
        ] as const) {
          expect(readTilePath(tilePath(tile))).toEqual(tile)
        }
      }),
    )
    for (const path of [
      'tile/7/000',
      'tile/0/00',
      'tile/0/x000/000',
      'tile/0/000.p/256',
      'tile/0/000.p/0',
      'tile/0/001/000',
      'tile/00/000',
      'tile/0/000 ',
      '/tile/0/000',
    ]) {
      expect(readTilePath(path), path).toBeNull()
    }
  })
})

describe('which tiles there are', () => {
  /** 70,000 leaves, as the specification counts them. */
  test('for the size of its example', () => {
    const full = fullTiles(0, 70_000).filter(({ level }) => level !== 'entries')
    expect(full.filter(({ level }) => level === 0)).toHaveLength(273)
    expect(full.filter(({ level }) => level === 1)).toHaveLength(1)
    expect(partialTiles(70_000)).toEqual([
      { level: 'entries', index: 273, width: 112 },
      { level: 0, index: 273, width: 112 },
      { level: 1, index: 1, width: 17 },
      { level: 2, index: 0, width: 1 },
    ])
    expect(partialTiles(256)).toEqual([{ level: 1, index: 0, width: 1 }])
    expect([...fullTiles(0, 0), ...partialTiles(0)]).toEqual([])
  })

  test('what is added step by step is what is there in the end, each once', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 150_000 }), { maxLength: 6 }), (sizes) => {
        const steps = [0, ...sizes].sort((left, right) => left - right)
        const added = steps.flatMap((size, at) => (at === 0 ? [] : fullTiles(steps[at - 1] ?? 0, size)))
        const last = steps.at(-1) ?? 0
        expect(added.map(tilePath).sort()).toEqual(fullTiles(0, last).map(tilePath).sort())
        for (const tile of [...added, ...partialTiles(last)]) expect(isTileOf(tile, last)).toBe(true)
        for (const tile of partialTiles(last)) expect(isTileOf({ ...tile, width: tile.width + 1 }, last)).toBe(false)
      }),
      { numRuns: 30 },
    )
  })
})

describe('what a tile holds', () => {
  test('roots and proofs follow from tiles alone', async () => {
    const leaves = await hashes(600)
    const read = readThrough(await growTree(0, leaves, missing), missing)
    for (const size of [1, 255, 256, 257, 512, 600]) {
      const tiles = [...fullTiles(0, size), ...partialTiles(size)].filter(
        (tile): tile is Tile & { level: number } => tile.level !== 'entries',
      )
      const nodes = await Promise.all(
        tiles.map((tile) => {
          const first = tile.index * TILE_WIDTH
          return nodesOfTile(
            tile,
            Array.from({ length: tile.width }, (_, at) => read(tile.level * 8, first + at)),
          )
        }),
      )
      const fromTiles = readFromNodes(nodes.flat())
      expect(await treeRoot(size, fromTiles)).toEqual(await treeRoot(size, read))
      expect(await inclusionProof(size - 1, size, fromTiles)).toEqual(await inclusionProof(size - 1, size, read))
    }
  })

  test('a frontier has the root of the tree at every size', async () => {
    const leaves = await hashes(70)
    const read = readThrough(await growTree(0, leaves, missing), missing)
    let frontier = emptyFrontier
    for (const leaf of leaves) {
      frontier = await addLeaf(frontier, leaf)
      expect(await rootOf(frontier)).toEqual(await treeRoot(frontier.size, read))
    }
  })

  test('entries come back as they were, and a bundle begins with every smaller one', () => {
    const entry = fc.uint8Array({ maxLength: 40 }).map((bytes) => new Uint8Array(bytes))
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 20 }), fc.nat(), (entries, cut) => {
        const bytes = writeEntryBundle(entries)
        expect(readEntryBundle(bytes, entries.length)).toEqual(entries)
        expect(readEntryBundle(bytes, entries.length + 1)).toBeNull()
        expect(readEntryBundle(bytes.slice(0, cut % bytes.length), entries.length)).toBeNull()
        const width = 1 + (cut % entries.length)
        const tile = { level: 'entries', index: 0, width } as const
        expect(firstOfTile(bytes, tile)).toEqual(writeEntryBundle(entries.slice(0, width)))
      }),
    )
  })
})

describe('whatever is changed in a log has its own reason', () => {
  const SIZE = 515
  let log: MemoryLog
  let tiles: ReadonlyMap<string, Bytes>
  beforeAll(async () => {
    log = await memoryLog('stemma.test/log/one', await createDevice(), SIZE)
    const read = readThrough(await growTree(0, await Promise.all(log.entries.map(leafHash)), missing), missing)
    const bytesOf = ({ level, index, width }: Tile): Bytes => {
      const first = index * TILE_WIDTH
      if (level === 'entries') return writeEntryBundle(log.entries.slice(first, first + width))
      const row = Array.from({ length: width }, (_, at) => read(level * 8, first + at))
      return new Uint8Array(row.flatMap((hash) => [...hash]))
    }
    const all = [...fullTiles(0, SIZE), ...partialTiles(SIZE)]
    tiles = new Map(all.map((tile) => [tilePath(tile), bytesOf(tile)]))
  })

  async function reasons(
    change: ReadonlyMap<string, Bytes | null> = new Map(),
    note?: string,
  ): Promise<AuditProblemCode[]> {
    const text = note ?? (await log.checkpoint())
    const { problems, verified } = await auditLog({
      source: {
        checkpoint: async () => text,
        tile: async (tile) => {
          const path = tilePath(tile)
          return change.has(path) ? (change.get(path) ?? null) : (tiles.get(path) ?? null)
        },
        hasTiles: true,
      },
      log: await readVerifierKey(log.vkey),
      seen: [],
      receipts: [],
      onProgress: () => undefined,
    })
    expect(verified).toBe(problems.length === 0)
    return [...new Set(problems.map(({ code }) => code))].sort()
  }
  const flipped = (path: string, bit: number): ReadonlyMap<string, Bytes> => {
    const copy = (tiles.get(path) ?? new Uint8Array()).slice()
    const at = Math.floor(bit / 8) % copy.length
    copy[at] = (copy[at] ?? 0) ^ (1 << (bit % 8))
    return new Map([[path, copy]])
  }

  test('as it was written it verifies', async () => expect(await reasons()).toEqual([]))

  test('any bit of any tile of hashes', async () => {
    const paths = [...tiles.keys()].filter((path) => !path.includes('entries'))
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), fc.nat({ max: 65_535 }), async (path, bit) => {
        expect(await reasons(flipped(path, bit)), path).toEqual(['tile-mismatch'])
      }),
      { numRuns: 25 },
    )
  })

  test('any bit of any bundle of entries', async () => {
    const paths = [...tiles.keys()].filter((path) => path.includes('entries'))
    const possible = ['entry-malformed', 'root-mismatch', 'tile-malformed', 'tile-mismatch']
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), fc.nat({ max: 600_000 }), async (path, bit) => {
        const found = await reasons(flipped(path, bit))
        expect(found.length, path).toBeGreaterThan(0)
        expect(possible).toEqual(expect.arrayContaining(found))
      }),
      { numRuns: 25 },
    )
  })

  test('any tile that is gone, cut off or swapped with another', async () => {
    const isHashes = (path: string) => !path.includes('entries')
    for (const [path, bytes] of tiles) {
      expect(await reasons(new Map([[path, null]])), path).toEqual(['tile-missing'])
      expect(await reasons(new Map([[path, bytes.slice(0, -1)]])), path).toEqual(['tile-malformed'])
    }
    const [one, two] = [...tiles.keys()].filter((path) => isHashes(path) && !path.includes('.p/'))
    const swapped = new Map([
      [one ?? '', tiles.get(two ?? '') ?? null],
      [two ?? '', tiles.get(one ?? '') ?? null],
    ])
    expect(await reasons(swapped)).toEqual(['tile-mismatch'])
  })

  test('any character of the checkpoint', async () => {
    const note = await log.checkpoint()
    const possible = ['checkpoint-malformed', 'other-log', 'checkpoint-signature']
    for (let at = 0; at < note.length; at++) {
      const changed = String.fromCharCode(note.charCodeAt(at) ^ 1)
      const [found, ...others] = await reasons(new Map(), note.slice(0, at) + changed + note.slice(at + 1))
      expect([others, possible.includes(found ?? '')], `${at}: ${found}`).toEqual([[], true])
    }
  })
})

describe('cosignatures', () => {
  test('verify over the very text and time, under the very name and key', async () => {
    const { spki, signer } = await createDevice()
    const [raw, name] = [spki.slice(12), 'witness.example/w1']
    const log = await memoryLog('stemma.test/log/one', await createDevice(), 3)
    const read = (text: string): Note => {
      const note = readNote(text)
      if (note === null) throw new Error('not a note')
      return note
    }
    const checkpoint = await log.checkpoint()
    const text = read(checkpoint).text
    expect(readCheckpoint(text)?.size).toBe(3)
    const witness = { name, keyId: await cosignerKeyId(name, raw), sign: signer.sign }
    const key = await readCosignerKey(await writeCosignerKey(name, raw))
    const line = await cosign(text, witness, 1_700_000_000)
    expect(await verifyCosignature(read(checkpoint + line), key)).toBe(1_700_000_000)
    expect(await verifyCosignature(read(checkpoint), key)).toBeNull()
    expect(await verifyCosignature(read((await log.checkpoint(2)) + line), key)).toBeNull()
    // A false line in the witness's name spoils the true one beside it.
    const other = await cosign('another text\n', witness, 1_700_000_000)
    expect(await verifyCosignature(read(checkpoint + line + other), key)).toBeNull()
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 4, max: 75 }), fc.nat({ max: 7 }), async (at, bit) => {
        const note = read(checkpoint + line)
        const signatures = note.signatures.map((one) => {
          if (one.name !== name) return one
          const signature = one.signature.slice()
          signature[at - 4] = (signature[at - 4] ?? 0) ^ (1 << bit)
          return { ...one, signature }
        })
        expect(await verifyCosignature({ ...note, signatures }, key)).toBeNull()
      }),
    )
  })
})
