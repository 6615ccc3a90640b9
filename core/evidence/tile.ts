/** Tiles of the log (C2SP tlog-tiles): 256 hashes or 256 entries in one immutable object, so that outsiders need no proofs of ours. */
import { type Bytes, concatBytes } from './bytes.ts'
import { MAX_LEAF_BYTES } from './log-leaf.ts'
import { HASH_BYTES, isCount, leafHash, type MerkleNode, nodeHash, type ReadNode } from './merkle.ts'

export const TILE_WIDTH = 256
/** A tile is a subtree of this height. */
const TILE_HEIGHT = 8
/** 256 ** 6 is near 2 ** 48: no log grows to a seventh level of tiles. */
const MAX_TILE_LEVEL = 6

export interface Tile {
  /** `entries`: the leaves themselves, whose hashes are level 0. */
  readonly level: number | 'entries'
  readonly index: number
  /** 1 to 256; below 256 the tile is partial. */
  readonly width: number
}

/** Below the log's prefix: `tile/0/x001/234`, `tile/entries/000.p/17`. */
export function tilePath({ level, index, width }: Tile): string {
  const digits = String(index)
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0')
  const groups = padded.match(/.{3}/g) ?? []
  const path = groups.map((group, at) => (at === groups.length - 1 ? group : `x${group}`)).join('/')
  return `tile/${level}/${path}${width === TILE_WIDTH ? '' : `.p/${width}`}`
}

/** null for a path that no tile has; each tile has one path. */
export function readTilePath(path: string): Tile | null {
  const [, level, index, width] =
    /^tile\/(entries|\d)\/((?:x\d{3}\/){0,5}\d{3})(?:\.p\/([1-9]\d{0,2}))?$/.exec(path) ?? []
  if (level === undefined || index === undefined) return null
  const tile: Tile = {
    level: level === 'entries' ? level : Number(level),
    index: Number(index.replaceAll(/[x/]/g, '')),
    width: width === undefined ? TILE_WIDTH : Number(width),
  }
  const isInRange = tile.level === 'entries' || tile.level <= MAX_TILE_LEVEL
  return isInRange && isCount(tile.index) && tilePath(tile) === path ? tile : null
}

/** Full tiles that a tree of `size` leaves has and one of `older` leaves had not, lowest level first, entries before all. */
export function fullTiles(older: number, size: number): readonly Tile[] {
  return levelsOf(size).flatMap(({ level, step, count }) => {
    const first = Math.floor(Math.floor(older / step) / TILE_WIDTH)
    const end = Math.floor(count / TILE_WIDTH)
    return Array.from({ length: end - first }, (_, at): Tile => ({ level, index: first + at, width: TILE_WIDTH }))
  })
}

/** The partial tiles at the right edge of a tree of `size` leaves, at most one a level. */
export function partialTiles(size: number): readonly Tile[] {
  return levelsOf(size).flatMap(({ level, count }): Tile[] =>
    count % TILE_WIDTH === 0 ? [] : [{ level, index: Math.floor(count / TILE_WIDTH), width: count % TILE_WIDTH }],
  )
}

/** How many hashes each level of tiles holds for a tree of `size` leaves; a hash of level L covers 256 ** L leaves. */
function levelsOf(size: number): readonly { level: Tile['level']; step: number; count: number }[] {
  const levels: { level: Tile['level']; step: number; count: number }[] = []
  if (size > 0) levels.push({ level: 'entries', step: 1, count: size })
  for (let level = 0, step = 1; Math.floor(size / step) > 0; level++, step *= TILE_WIDTH) {
    levels.push({ level, step, count: Math.floor(size / step) })
  }
  return levels
}

/** Whether a tree of `size` leaves has this tile, or one of which it is the beginning. */
export function isTileOf({ level, index, width }: Tile, size: number): boolean {
  const step = level === 'entries' ? 1 : TILE_WIDTH ** level
  return index * TILE_WIDTH + width <= Math.floor(size / step)
}

/** Level of the Merkle tree whose nodes a tile of this level lists. */
export function merkleLevelOf(level: number): number {
  return level * TILE_HEIGHT
}

/** Each entry behind its length as a u16, most significant byte first. */
export function writeEntryBundle(entries: readonly Bytes[]): Bytes {
  const parts = entries.flatMap((entry) => [new Uint8Array([entry.length >> 8, entry.length & 0xff]), entry])
  return concatBytes(...parts)
}

/** null unless the bytes are exactly `width` entries, none larger than a leaf may be. */
export function readEntryBundle(bytes: Bytes, width: number): readonly Bytes[] | null {
  const entries: Bytes[] = []
  let offset = 0
  while (offset < bytes.length) {
    const [high, low] = [bytes[offset], bytes[offset + 1]]
    if (high === undefined || low === undefined) return null
    const length = high * 256 + low
    const entry = bytes.slice(offset + 2, offset + 2 + length)
    if (entry.length !== length || length > MAX_LEAF_BYTES) return null
    entries.push(entry)
    offset += 2 + length
  }
  return entries.length === width ? entries : null
}

/** null unless the bytes are exactly `width` hashes. */
export function readHashTile(bytes: Bytes, width: number): readonly Bytes[] | null {
  if (bytes.length !== width * HASH_BYTES) return null
  return Array.from({ length: width }, (_, at) => bytes.slice(at * HASH_BYTES, (at + 1) * HASH_BYTES))
}

/** The beginning of a tile: what the partial tile of this width holds. null where the bytes are too few or malformed. */
export function firstOfTile(bytes: Bytes, { level, width }: Tile): Bytes | null {
  if (level !== 'entries') return bytes.length >= width * HASH_BYTES ? bytes.slice(0, width * HASH_BYTES) : null
  let offset = 0
  for (let entry = 0; entry < width; entry++) {
    const [high, low] = [bytes[offset], bytes[offset + 1]]
    if (high === undefined || low === undefined) return null
    offset += 2 + high * 256 + low
  }
  return offset <= bytes.length ? bytes.slice(0, offset) : null
}

/** Every node that the tiles of a tree determine, for proofs and roots: `hashes` gives a tile's hashes. */
export async function nodesOfTile(
  { level, index }: Tile & { readonly level: number },
  hashes: readonly Bytes[],
): Promise<readonly MerkleNode[]> {
  const nodes: MerkleNode[] = []
  let row = hashes.map((hash, at) => ({ index: index * TILE_WIDTH + at, hash }))
  for (let height = merkleLevelOf(level); row.length > 0 && height < merkleLevelOf(level + 1); height++) {
    nodes.push(...row.map((node) => ({ level: height, ...node })))
    const next: { index: number; hash: Bytes }[] = []
    for (let at = 0; at + 1 < row.length; at += 2) {
      const [left, right] = [row[at], row[at + 1]]
      if (left === undefined || right === undefined) break
      next.push({ index: left.index / 2, hash: await nodeHash(left.hash, right.hash) })
    }
    row = next
  }
  return nodes
}

/** The complete subtrees at the right edge of a growing tree: all that is needed to go on and to know the root. */
export interface Frontier {
  readonly size: number
  /** Largest first; one for each bit of the size. */
  readonly peaks: readonly Bytes[]
}

export const emptyFrontier: Frontier = { size: 0, peaks: [] }

/** The frontier after one more leaf; `hash` = its leaf hash. */
export async function addLeaf({ size, peaks }: Frontier, hash: Bytes): Promise<Frontier> {
  const grown = [...peaks]
  let node = hash
  for (let rest = size; rest % 2 === 1; rest = Math.floor(rest / 2)) {
    const left = grown.pop()
    if (left === undefined) throw new RangeError('a frontier has one peak for each bit of its size')
    node = await nodeHash(left, node)
  }
  return { size: size + 1, peaks: [...grown, node] }
}

/** Root of the tree of a frontier that is not empty. */
export async function rootOf({ peaks }: Frontier): Promise<Bytes> {
  const [first, ...others] = peaks.toReversed()
  if (first === undefined) throw new RangeError('an empty frontier has no peaks')
  let root = first
  for (const peak of others) root = await nodeHash(peak, root)
  return root
}

/** Leaf hashes of a bundle's entries. */
export function hashEntries(entries: readonly Bytes[]): Promise<readonly Bytes[]> {
  return Promise.all(entries.map(leafHash))
}

/** `read` for proofs over tiles that were fetched before. */
export function readFromNodes(nodes: Iterable<MerkleNode>): ReadNode {
  const known = new Map<string, Bytes>()
  for (const { level, index, hash } of nodes) known.set(`${level}/${index}`, hash)
  return (level, index) => {
    const hash = known.get(`${level}/${index}`)
    if (hash === undefined) throw new RangeError(`no tile holds node ${level}/${index}`)
    return hash
  }
}
