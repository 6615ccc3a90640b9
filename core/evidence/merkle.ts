/** Merkle tree of the log: hashes, roots and proofs over stored subtree hashes (RFC 9162 section 2.1). */
import { type Bytes, concatBytes } from './bytes.ts'
import { sha256 } from './digest.ts'

export const HASH_BYTES = 32

/** Different first bytes keep a leaf from being passed off as a node (RFC 9162 section 2.1.1). */
const LEAF_PREFIX = new Uint8Array([0])
const NODE_PREFIX = new Uint8Array([1])

export function leafHash(leaf: Bytes): Promise<Bytes> {
  return sha256(concatBytes(LEAF_PREFIX, leaf))
}

export function nodeHash(left: Bytes, right: Bytes): Promise<Bytes> {
  return sha256(concatBytes(NODE_PREFIX, left, right))
}

/** Root of the tree without leaves. */
export function emptyRoot(): Promise<Bytes> {
  return sha256(new Uint8Array())
}

/** A complete subtree: node `index` of `level` covers the leaves from `index * 2 ** level` on, `2 ** level` of them. */
export interface MerkleNode {
  readonly level: number
  readonly index: number
  readonly hash: Bytes
}

/** Gives the hash of a complete subtree that the tree holds; a node that is not there is a broken invariant and throws. */
export type ReadNode = (level: number, index: number) => Bytes

/** Leaves `start` to `end`, `end` exclusive. */
interface LeafRange {
  readonly start: number
  readonly end: number
}

/**
 * Every complete subtree that the new leaves bring into being, leaves included, lowest level first for each leaf.
 * `size` = leaves before.
 */
export async function growTree(size: number, leaves: readonly Bytes[], read: ReadNode): Promise<readonly MerkleNode[]> {
  const grown: MerkleNode[] = []
  const readBoth = withNodes(grown, read)
  for (const [offset, leaf] of leaves.entries()) {
    let index = size + offset
    let hash = leaf
    let level = 0
    readBoth.add({ level, index, hash })
    while (index % 2 === 1) {
      hash = await nodeHash(readBoth.read(level, index - 1), hash)
      index = half(index)
      level++
      readBoth.add({ level, index, hash })
    }
  }
  return grown
}

/** `read` that sees nodes not stored yet. */
export function readThrough(nodes: readonly MerkleNode[], read: ReadNode): ReadNode {
  const both = withNodes([], read)
  for (const node of nodes) both.add(node)
  return both.read
}

function withNodes(list: MerkleNode[], read: ReadNode): { add: (node: MerkleNode) => void; read: ReadNode } {
  const fresh = new Map<string, Bytes>()
  return {
    add: (node) => {
      list.push(node)
      fresh.set(`${node.level}/${node.index}`, node.hash)
    },
    read: (level, index) => fresh.get(`${level}/${index}`) ?? read(level, index),
  }
}

export function treeRoot(size: number, read: ReadNode): Promise<Bytes> {
  return size === 0 ? emptyRoot() : rangeHash({ start: 0, end: size }, read)
}

/** PATH of RFC 9162 section 2.1.3.1, from the leaf's sibling upwards. Throws RangeError unless `index < size`. */
export function inclusionProof(index: number, size: number, read: ReadNode): Promise<readonly Bytes[]> {
  if (!isCount(index) || !isCount(size) || index >= size) throw new RangeError(`no leaf ${index} in a tree of ${size}`)
  const path: LeafRange[] = []
  let start = 0
  let end = size
  while (end - start > 1) {
    const middle = start + largestPowerBelow(end - start)
    if (index < middle) {
      path.unshift({ start: middle, end })
      end = middle
    } else {
      path.unshift({ start, end: middle })
      start = middle
    }
  }
  return Promise.all(path.map((range) => rangeHash(range, read)))
}

/** PROOF of RFC 9162 section 2.1.4.1; empty where the sizes are equal. Throws RangeError unless `0 < older <= newer`. */
export function consistencyProof(older: number, newer: number, read: ReadNode): Promise<readonly Bytes[]> {
  if (!isCount(older) || !isCount(newer) || older === 0 || older > newer) {
    throw new RangeError(`no consistency proof from ${older} to ${newer}`)
  }
  const path: LeafRange[] = []
  let start = 0
  let end = newer
  // While the whole of the present subtree belongs to the older tree from leaf 0 on, its hash is the known root itself.
  let isKnownRoot = true
  while (older !== end) {
    const middle = start + largestPowerBelow(end - start)
    if (older <= middle) {
      path.unshift({ start: middle, end })
      end = middle
    } else {
      path.unshift({ start, end: middle })
      start = middle
      isKnownRoot = false
    }
  }
  if (!isKnownRoot) path.unshift({ start, end })
  return Promise.all(path.map((range) => rangeHash(range, read)))
}

async function rangeHash({ start, end }: LeafRange, read: ReadNode): Promise<Bytes> {
  const width = end - start
  const level = Math.log2(width)
  if (Number.isInteger(level)) return read(level, start / width)
  const middle = start + largestPowerBelow(width)
  return nodeHash(await rangeHash({ start, end: middle }, read), await rangeHash({ start: middle, end }, read))
}

/** Largest power of two smaller than `width` (RFC 9162 calls it k); `width` >= 2. */
function largestPowerBelow(width: number): number {
  let power = 1
  while (power * 2 < width) power *= 2
  return power
}

/** Sizes exceed 31 bits before they exceed a double, so no bit operators here. */
export function half(value: number): number {
  return Math.floor(value / 2)
}

export function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}
