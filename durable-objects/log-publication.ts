/**
 * Log -> bucket: tiles first, the checkpoint last, so that what is published can always be re-derived. Every step may be
 * repeated after a crash: tiles never change, and the checkpoint only ever grows.
 */
import { type Bytes, concatBytes, equalBytes } from '#core/evidence/bytes.ts'
import { type Checkpoint, readCheckpoint } from '#core/evidence/checkpoint.ts'
import { treeRoot } from '#core/evidence/merkle.ts'
import { readNote } from '#core/evidence/note.ts'
import {
  fullTiles,
  isTileOf,
  merkleLevelOf,
  partialTiles,
  TILE_WIDTH,
  type Tile,
  tilePath,
  writeEntryBundle,
} from '#core/evidence/tile.ts'
import { Fault } from '#core/fault.ts'
import type { LogObjects, PublishedCheckpoint } from '#worker/store/log-objects.ts'
import type { LogStorage } from './log-storage.ts'

/** The bucket takes about one write a second to one key. */
const CHECKPOINT_INTERVAL_MS = 1_000

/** 64 tiles and as many bundles of 80 kB: what is remembered as uploaded each time, so that a crash repeats little. */
const WINDOW_LEAVES = 64 * TILE_WIDTH

/** Connections that a Worker may have open at once. */
const UPLOADS_AT_ONCE = 6

interface Place {
  readonly storage: LogStorage
  readonly objects: LogObjects
}

export interface Published {
  /** Milliseconds after which there is something left to do; null when all is published. */
  readonly waitMs: number | null
}

/** `now`: milliseconds. Throws where the bucket fails; what was done until then stays done. */
export async function publishLog(place: Place, now: number): Promise<Published> {
  const { storage } = place
  const checkpoint = storage.checkpoint()
  if (checkpoint === null) return { waitMs: null }
  await uploadFullTiles(place, checkpoint.size)

  const published = storage.publication()
  // What witnesses said of the published checkpoint comes before a newer one, which they have not seen yet.
  const cosignatures = storage.cosignaturesOf(published.size)
  const isCosigned = published.size > 0 && cosignatures.length > published.cosignatures
  if (!isCosigned && published.size === checkpoint.size) return { waitMs: null }
  const waitMs = published.writtenAt + CHECKPOINT_INTERVAL_MS - now
  // A clock that was set back must not keep the checkpoint for longer than the interval.
  if (waitMs > 0 && waitMs <= CHECKPOINT_INTERVAL_MS) return { waitMs }

  if (isCosigned) {
    await replaceCheckpoint(place, published.note + cosignatures.join(''), published.size)
    storage.keepPublication({ ...published, cosignatures: cosignatures.length, writtenAt: now })
    return { waitMs: published.size === checkpoint.size ? null : CHECKPOINT_INTERVAL_MS }
  }
  const { size, note } = checkpoint
  const known = new Set(partialTiles(published.size).map(tilePath))
  await upload(
    place,
    partialTiles(size).filter((tile) => !known.has(tilePath(tile))),
  )
  await replaceCheckpoint(place, note, size)
  storage.keepPublication({ size, note, cosignatures: 0, writtenAt: now })
  await removeStale(place, published.size, size)
  return { waitMs: storage.checkpoint()?.size === size ? null : CHECKPOINT_INTERVAL_MS }
}

/** Partial tiles of an earlier checkpoint whose full tile is there now; one of a tile that is still partial stays. */
async function removeStale({ objects }: Place, older: number, size: number): Promise<void> {
  await objects.removeTiles(partialTiles(older).filter((tile) => isTileOf({ ...tile, width: TILE_WIDTH }, size)))
}

/** Throws internal where the bucket holds a checkpoint that this log does not contain: to go on would fork it. */
export async function requireNoFork({ storage, objects }: Place): Promise<PublishedCheckpoint | null> {
  const stored = await objects.checkpoint()
  if (stored === null) return null
  const { size, root } = contentOf(stored)
  const own = storage.checkpoint()?.size ?? 0
  if (size <= own && equalBytes(await treeRoot(size, storage.readNode), root)) return stored
  throw new Fault('internal', {
    message: `The bucket holds a checkpoint of ${size} leaves that the log with its ${own} leaves does not contain.`,
    hint: 'Nothing is appended, since that would fork the log. Restore the object’s storage, then run `stemma log audit`.',
  })
}

async function replaceCheckpoint(place: Place, note: string, size: number): Promise<void> {
  const stored = await requireNoFork(place)
  if (stored !== null && (stored.note === note || contentOf(stored).size > size)) return
  if ((await place.objects.putCheckpoint(note, stored)) === 'written') return
  throw new Fault('unavailable', {
    message: 'The published checkpoint was replaced by another instance at the same time.',
    hint: 'Nothing to do: it is published again by itself.',
  })
}

function contentOf({ note }: PublishedCheckpoint): Checkpoint {
  const checkpoint = readCheckpoint(readNote(note)?.text ?? '')
  if (checkpoint !== null) return checkpoint
  throw new Fault('internal', {
    message: 'The bucket holds something that is no checkpoint.',
    hint: 'Restore it from its backup, then run `stemma log audit`.',
  })
}

async function uploadFullTiles(place: Place, size: number): Promise<void> {
  const end = size - (size % TILE_WIDTH)
  for (let from = place.storage.uploaded(); from < end; from = place.storage.uploaded()) {
    const to = Math.min(from + WINDOW_LEAVES, end)
    await upload(place, fullTiles(from, to))
    place.storage.keepUploaded(to)
  }
}

async function upload({ storage, objects }: Place, tiles: readonly Tile[]): Promise<void> {
  const waiting = [...tiles]
  const work = async (): Promise<void> => {
    for (let tile = waiting.shift(); tile !== undefined; tile = waiting.shift()) {
      await objects.putTile(tile, tileBytes(storage, tile))
    }
  }
  await Promise.all(Array.from({ length: UPLOADS_AT_ONCE }, work))
}

/** What a tile holds, from the log's own rows. */
export function tileBytes(storage: LogStorage, { level, index, width }: Tile): Bytes {
  const first = index * TILE_WIDTH
  if (level === 'entries') return writeEntryBundle(storage.leavesFrom(first, width))
  return concatBytes(...storage.nodesFrom(merkleLevelOf(level), first, width))
}
