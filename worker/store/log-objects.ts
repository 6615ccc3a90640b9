/** What outsiders read of the log: tiles, entry bundles and the checkpoint, in the bucket below the organisation's prefix. */

import type { Bytes } from '#core/evidence/bytes.ts'
import { equalBytes, toHex, utf8 } from '#core/evidence/bytes.ts'
import { sha256 } from '#core/evidence/digest.ts'
import { type Tile, tilePath } from '#core/evidence/tile.ts'
import { Fault } from '#core/fault.ts'

export interface PublishedCheckpoint {
  /** Signed note, with the cosignatures that there were. */
  readonly note: string
  /** By which the bucket tells whether it was replaced since. */
  readonly etag: string
}

export interface LogObjects {
  /**
   * Resolves only after the bytes are durable. The same bytes succeed again; other bytes under the same path are refused
   * with `immutable-conflict`. An upload that was cut off leaves nothing: the bucket checks the digest.
   */
  putTile(tile: Tile, bytes: Bytes): Promise<void>
  getTile(tile: Tile): Promise<Bytes | null>
  removeTiles(tiles: readonly Tile[]): Promise<void>
  checkpoint(): Promise<PublishedCheckpoint | null>
  /** Replaces the checkpoint only while `expected` is still the stored one. */
  putCheckpoint(note: string, expected: PublishedCheckpoint | null): Promise<'written' | 'stale'>
}

export function logObjectsOf(organisation: string, bucket: R2Bucket): LogObjects {
  const prefix = `org/${organisation}/log/`
  const get = async (path: string): Promise<Bytes | null> => {
    const object = await bucket.get(prefix + path)
    return object === null ? null : new Uint8Array(await object.arrayBuffer())
  }
  return {
    getTile: (tile) => get(tilePath(tile)),
    putTile: async (tile, bytes) => {
      const path = tilePath(tile)
      const created = await bucket.put(prefix + path, bytes, {
        onlyIf: { etagDoesNotMatch: '*' },
        sha256: toHex(await sha256(bytes)),
        httpMetadata: { contentType: 'application/octet-stream' },
      })
      if (created !== null) return
      const present = await get(path)
      if (present !== null && equalBytes(present, bytes)) return
      throw new Fault('immutable-conflict', {
        message: `The bucket holds other bytes than the log under ${path}.`,
        hint: 'Nothing was overwritten. Compare the bucket with its backup, then run `stemma log audit`.',
      })
    },
    removeTiles: async (tiles) => {
      if (tiles.length > 0) await bucket.delete(tiles.map((tile) => prefix + tilePath(tile)))
    },
    checkpoint: async () => {
      const object = await bucket.get(`${prefix}checkpoint`)
      return object === null ? null : { note: await object.text(), etag: object.etag }
    },
    putCheckpoint: async (note, expected) => {
      const object = await bucket.put(`${prefix}checkpoint`, note, {
        // A note that was cut off is none; the bucket checks that it is whole.
        sha256: toHex(await sha256(utf8(note))),
        onlyIf: expected === null ? { etagDoesNotMatch: '*' } : { etagMatches: expected.etag },
        httpMetadata: { contentType: 'text/plain; charset=utf-8' },
      })
      return object === null ? 'stale' : 'written'
    },
  }
}
