import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Bytes, toHex, utf8 } from '#core/evidence/bytes.ts'
import {
  consistencyProof,
  growTree,
  inclusionProof,
  leafHash,
  type MerkleNode,
  type ReadNode,
  treeRoot,
} from '#core/evidence/merkle.ts'
import { verifyConsistency, verifyInclusion, verifySubtreeConsistency } from '#core/evidence/merkle-verify.ts'

/** MTH of RFC 9162 section 2.1.1, word for word and with another hash function than the code under test uses. */
function definition(leaves: readonly Bytes[]): Bytes {
  const hash = (...parts: Bytes[]) => {
    const sha = createHash('sha256')
    for (const part of parts) sha.update(part)
    return new Uint8Array(sha.digest())
  }
  if (leaves.length === 0) return hash()
  const [only] = leaves
  if (leaves.length === 1 && only !== undefined) return hash(new Uint8Array([0]), only)
  let k = 1
  while (k * 2 < leaves.length) k *= 2
  return hash(new Uint8Array([1]), definition(leaves.slice(0, k)), definition(leaves.slice(k)))
}

function reader(nodes: readonly MerkleNode[]): ReadNode {
  const stored = new Map(nodes.map(({ level, index, hash }) => [`${level}/${index}`, hash]))
  return (level, index) => {
    const hash = stored.get(`${level}/${index}`)
    if (hash === undefined) throw new Error(`node ${level}/${index} is not stored`)
    return hash
  }
}

const leavesOf = (count: number) => Array.from({ length: count }, (_, index) => utf8(`leaf ${index}`))

async function grow(leaves: readonly Bytes[]): Promise<ReadNode> {
  return reader(await growTree(0, await Promise.all(leaves.map(leafHash)), reader([])))
}

const COUNT = 40
const leaves = leavesOf(COUNT)

describe('roots', () => {
  test('every prefix has the root that the definition gives', async () => {
    const read = await grow(leaves)
    for (let size = 0; size <= COUNT; size++) {
      expect(toHex(await treeRoot(size, read)), `size ${size}`).toBe(toHex(definition(leaves.slice(0, size))))
    }
  })

  test('the published roots of the eight reference leaves', async () => {
    // The leaves and roots of certificate-transparency's reference tests.
    const reference = [
      '',
      '00',
      '10',
      '2021',
      '3031',
      '40414243',
      '5051525354555657',
      '606162636465666768696a6b6c6d6e6f',
    ]
    const read = await grow(reference.map((hex) => new Uint8Array(Buffer.from(hex, 'hex'))))
    expect(toHex(await treeRoot(1, read))).toBe('6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d')
    expect(toHex(await treeRoot(2, read))).toBe('fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125')
    expect(toHex(await treeRoot(8, read))).toBe('5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328')
  })

  test('growing in any batches gives the tree of growing at once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 8 }), async (batches) => {
        const nodes: MerkleNode[] = []
        let size = 0
        for (const batch of batches) {
          const hashes = await Promise.all(
            leavesOf(size + batch)
              .slice(size)
              .map(leafHash),
          )
          nodes.push(...(await growTree(size, hashes, reader(nodes))))
          size += batch
        }
        expect(toHex(await treeRoot(size, reader(nodes)))).toBe(toHex(definition(leavesOf(size))))
      }),
      { numRuns: 40 },
    )
  })
})

describe('inclusion', () => {
  test('every leaf of every size is proved, and no other index, size or leaf by the same proof', async () => {
    const read = await grow(leaves)
    for (let size = 1; size <= COUNT; size++) {
      const root = await treeRoot(size, read)
      for (let index = 0; index < size; index++) {
        const claim = { index, size, leaf: read(0, index), proof: await inclusionProof(index, size, read), root }
        expect(await verifyInclusion(claim), `${index} of ${size}`).toBe(true)
        expect(await verifyInclusion({ ...claim, index: (index + 1) % size }), `index + 1 of ${size}`).toBe(size === 1)
        expect(await verifyInclusion({ ...claim, leaf: read(0, (index + 1) % COUNT) })).toBe(false)
      }
    }
  })

  test('one changed bit anywhere is refused', async () => {
    const read = await grow(leaves)
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: COUNT }),
        fc.nat(),
        fc.nat(),
        fc.integer({ min: 0, max: 255 }),
        async (size, at, part, bit) => {
          const index = at % size
          const proof = await inclusionProof(index, size, read)
          const hashes = [read(0, index), await treeRoot(size, read), ...proof].map((hash) => hash.slice())
          const target = hashes[part % hashes.length] ?? new Uint8Array(32)
          target[bit >> 3] = (target[bit >> 3] ?? 0) ^ (1 << (bit & 7))
          const [leaf = target, root = target, ...changed] = hashes
          expect(await verifyInclusion({ index, size, leaf, root, proof: changed })).toBe(false)
        },
      ),
    )
  })

  test('a proof that stops at an inner node does not prove the tree, and one that goes on does not either', async () => {
    const read = await grow(leaves)
    for (const size of [2, 8, 13, COUNT]) {
      const proof = await inclusionProof(0, size, read)
      const root = await treeRoot(size, read)
      expect(await verifyInclusion({ index: 0, size, leaf: read(0, 0), proof: [], root: read(0, 0) })).toBe(false)
      expect(await verifyInclusion({ index: 0, size, leaf: read(0, 0), proof: [...proof, root], root })).toBe(false)
    }
    expect(await verifyInclusion({ index: 0, size: 8, leaf: read(0, 0), proof: [read(0, 1)], root: read(1, 0) })).toBe(
      false,
    )
  })

  test('an index outside of the tree, and numbers that are no counts, are refused', async () => {
    const read = await grow(leaves)
    expect(() => inclusionProof(5, 5, read)).toThrow(RangeError)
    const root = await treeRoot(1, read)
    const claim = { index: 0, size: 1, leaf: read(0, 0), proof: [], root }
    expect(await verifyInclusion(claim)).toBe(true)
    for (const wrong of [
      { index: 1 },
      { index: -1 },
      { index: 0.5 },
      { size: 2 ** 60 },
      { size: Number.NaN },
      { size: 0 },
    ]) {
      expect(await verifyInclusion({ ...claim, ...wrong })).toBe(false)
    }
  })
})

describe('consistency', () => {
  test('every pair of sizes is proved; another root or size is refused', async () => {
    const read = await grow(leaves)
    for (let newer = 1; newer <= COUNT; newer++) {
      for (let older = 1; older <= newer; older++) {
        const proof = await consistencyProof(older, newer, read)
        const claim = {
          older: { size: older, root: await treeRoot(older, read) },
          newer: { size: newer, root: await treeRoot(newer, read) },
          proof,
        }
        expect(await verifyConsistency(claim), `${older} to ${newer}`).toBe(true)
        const forged = { size: older, root: await leafHash(utf8('another history')) }
        expect(await verifyConsistency({ ...claim, older: forged })).toBe(false)
        if (older < newer) {
          const shifted = { ...claim.older, size: older + 1 }
          const accepted = await verifyConsistency({ ...claim, older: shifted })
          expect(accepted, `${older} to ${newer} passed off as ${older + 1}`).toBe(false)
        }
      }
    }
  })

  test('a proof from nothing is refused, since it proves nothing', async () => {
    const read = await grow(leaves)
    expect(() => consistencyProof(0, 3, read)).toThrow(RangeError)
    expect(() => consistencyProof(4, 3, read)).toThrow(RangeError)
    const empty = { size: 0, root: definition([]) }
    expect(
      await verifyConsistency({ older: empty, newer: { size: 3, root: await treeRoot(3, read) }, proof: [] }),
    ).toBe(false)
  })

  test('a consistency proof is the subtree proof that starts at leaf 0', async () => {
    const read = await grow(leaves)
    const proof = await consistencyProof(12, 20, read)
    const subtree = { start: 0, end: 12, subtreeRoot: await treeRoot(12, read) }
    const tree = { size: 20, root: await treeRoot(20, read) }
    expect(await verifySubtreeConsistency({ ...subtree, ...tree, proof })).toBe(true)
    expect(await verifySubtreeConsistency({ ...subtree, ...tree, start: 4, proof })).toBe(false)
  })
})
