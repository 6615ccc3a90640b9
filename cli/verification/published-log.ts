/**
 * Receipts under the checkpoint that a log publishes, made here from its tiles: that is the one which witnesses cosign,
 * while a receipt of the moment in which evidence was sent leads to one that they had not seen yet.
 */
import { readCheckpoint } from '#core/evidence/checkpoint.ts'
import { inclusionProof, type ReadNode } from '#core/evidence/merkle.ts'
import { readNote } from '#core/evidence/note.ts'
import { nodesOfTile, readFromNodes, readHashTile, TILE_WIDTH, type Tile, tilePath } from '#core/evidence/tile.ts'
import { writeTlogProof } from '#core/evidence/tlog-proof.ts'
import { Fault } from '#core/fault.ts'
import { fetchTile, type OpenedLog } from './log-source.ts'

export interface PublishedLog {
  /** Signed note, with the cosignatures that there are. */
  readonly note: string
  readonly size: number
  /** null where the published tree does not hold the leaf yet. Says nothing of its being right: check it. */
  readonly receiptOf: (index: number) => Promise<string | null>
}

/** Height of a tile. */
const TILE_HEIGHT = 8

/** Thrown by a reader of nodes, and caught here: the tile that it needs first. */
class TileWanted extends Error {
  readonly tile: Tile & { readonly level: number }
  constructor(tile: Tile & { readonly level: number }) {
    super(`needs ${tilePath(tile)}`)
    this.tile = tile
  }
}

export async function readPublishedLog({ source }: OpenedLog): Promise<PublishedLog> {
  const note = await source.checkpoint()
  const size = readCheckpoint(readNote(note)?.text ?? '')?.size ?? 0
  const nodes = new Map<string, ReadNode>()
  const read: ReadNode = (level, index) => {
    const tile = tileOf(size, level, index)
    const known = nodes.get(tilePath(tile))
    if (known === undefined) throw new TileWanted(tile)
    return known(level, index)
  }
  const take = async (tile: Tile & { readonly level: number }): Promise<void> => {
    const hashes = readHashTile((await fetchTile(source, tile)) ?? new Uint8Array(), tile.width)
    if (hashes === null) throw missing(tile)
    nodes.set(tilePath(tile), readFromNodes(await nodesOfTile(tile, hashes)))
  }
  const receiptOf = async (index: number): Promise<string | null> => {
    if (index >= size) return null
    // Each turn fetches one tile more; a proof needs three for a million leaves.
    for (;;) {
      try {
        return writeTlogProof({ index, proof: await inclusionProof(index, size, read), checkpoint: note })
      } catch (problem) {
        if (!(problem instanceof TileWanted)) throw problem
        await take(problem.tile)
      }
    }
  }
  return { note, size, receiptOf }
}

/** The tile that determines a node of the tree of `size` leaves. */
function tileOf(size: number, level: number, index: number): Tile & { readonly level: number } {
  const tileLevel = Math.floor(level / TILE_HEIGHT)
  const tileIndex = Math.floor((index * 2 ** (level % TILE_HEIGHT)) / TILE_WIDTH)
  const hashes = Math.floor(size / TILE_WIDTH ** tileLevel)
  return { level: tileLevel, index: tileIndex, width: Math.min(TILE_WIDTH, hashes - tileIndex * TILE_WIDTH) }
}

function missing(tile: Tile): Fault {
  return new Fault('unavailable', {
    message: `The server does not have ${tilePath(tile)}, which its checkpoint covers.`,
    hint: 'Look closer with `stemma log audit`.',
  })
}
