/** Inclusion and consistency proofs, checked (RFC 9162 sections 2.1.3.2 and 2.1.4.2; subtrees: draft-ietf-plants-merkle-tree-certs section 4). */
import { type Bytes, equalBytes } from './bytes.ts'
import { emptyRoot, HASH_BYTES, half, isCount, nodeHash } from './merkle.ts'

export interface Inclusion {
  readonly index: number
  readonly size: number
  readonly leaf: Bytes
  readonly proof: readonly Bytes[]
  readonly root: Bytes
}

/** Whether the leaf with this hash is leaf `index` of the tree of `size` leaves with this root. */
export function verifyInclusion({ index, size, leaf, proof, root }: Inclusion): Promise<boolean> {
  return verifySubtreeInclusion({ index, start: 0, end: size, leaf, proof, root })
}

/** The same for the subtree of the leaves `start` to `end` (exclusive); `index` counts from the tree's first leaf. */
export async function verifySubtreeInclusion(
  subtree: Omit<Inclusion, 'size'> & { readonly start: number; readonly end: number },
): Promise<boolean> {
  const { index, start, end, leaf, proof, root } = subtree
  if (!isSubtree(start, end) || !isCount(index) || index < start || index >= end) return false
  if (leaf.length !== HASH_BYTES || !areHashes(proof)) return false
  let node = index - start
  let last = end - start - 1
  let hash = leaf
  for (const sibling of proof) {
    if (last === 0) return false
    if (node % 2 === 1 || node === last) {
      hash = await nodeHash(sibling, hash)
      // A node without a right sibling moves up unchanged until it has a left one.
      while (node % 2 === 0 && node !== 0) {
        node = half(node)
        last = half(last)
      }
    } else {
      hash = await nodeHash(hash, sibling)
    }
    node = half(node)
    last = half(last)
  }
  return last === 0 && equalBytes(hash, root)
}

export interface Consistency {
  readonly older: { readonly size: number; readonly root: Bytes }
  readonly newer: { readonly size: number; readonly root: Bytes }
  readonly proof: readonly Bytes[]
}

/**
 * Whether the newer tree only appended to the older one. An older size of 0 proves nothing about the newer tree and is
 * refused, so that nobody mistakes it for a check.
 */
export async function verifyConsistency({ older, newer, proof }: Consistency): Promise<boolean> {
  if (older.size === 0) return false
  return verifySubtreeConsistency({ start: 0, end: older.size, subtreeRoot: older.root, ...newer, proof })
}

/** Whether the leaves `start` to `end` (exclusive) of the tree of `size` leaves with `root` have the hash `subtreeRoot`. */
export async function verifySubtreeConsistency(claim: {
  readonly start: number
  readonly end: number
  readonly subtreeRoot: Bytes
  readonly size: number
  readonly root: Bytes
  readonly proof: readonly Bytes[]
}): Promise<boolean> {
  const { start, end, subtreeRoot, size, root, proof } = claim
  if (!isCount(size) || end > size) return false
  if (start === end) return isCount(start) && proof.length === 0 && equalBytes(subtreeRoot, await emptyRoot())
  if (!isSubtree(start, end) || !areHashes(proof)) return false
  let first = start
  let last = end - 1
  let treeLast = size - 1
  const up = () => {
    first = half(first)
    last = half(last)
    treeLast = half(treeLast)
  }
  // Skip to the node from which the proof starts: the subtree itself, or its rightmost complete part.
  if (last === treeLast) while (first !== last) up()
  else while (first !== last && last % 2 === 1) up()
  const isWhole = first === last
  const seed = isWhole ? subtreeRoot : proof[0]
  if (seed === undefined) return false
  let subtreeHash = seed
  let treeHash = seed
  for (const sibling of isWhole ? proof : proof.slice(1)) {
    if (treeLast === 0) return false
    if (last % 2 === 1 || last === treeLast) {
      if (first < last) subtreeHash = await nodeHash(sibling, subtreeHash)
      treeHash = await nodeHash(sibling, treeHash)
      while (last % 2 === 0 && last !== 0) up()
    } else {
      treeHash = await nodeHash(treeHash, sibling)
    }
    up()
  }
  return treeLast === 0 && equalBytes(subtreeHash, subtreeRoot) && equalBytes(treeHash, root)
}

/** A subtree starts at a multiple of the smallest power of two that is not smaller than its width. */
function isSubtree(start: number, end: number): boolean {
  if (!isCount(start) || !isCount(end) || start >= end) return false
  let width = 1
  while (width < end - start) width *= 2
  return start % width === 0
}

function areHashes(proof: readonly Bytes[]): boolean {
  return proof.every(({ length }) => length === HASH_BYTES)
}
