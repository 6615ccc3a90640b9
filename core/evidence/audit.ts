/** The whole log, re-derived from its entries: entries -> tiles -> root -> every checkpoint that anybody here has seen. */
import type { LogLeaf } from '../ports.ts'
import { type Bytes, equalBytes, fromHex } from './bytes.ts'
import { type Checkpoint, readCheckpoint } from './checkpoint.ts'
import { endedBy, KEY_REVOCATION_PREDICATE, type Revocations } from './key-revocation.ts'
import { readLogLeaf } from './log-leaf.ts'
import { emptyRoot } from './merkle.ts'
import { type NoteVerifier, readNote, verifyNote } from './note.ts'
import {
  addLeaf,
  emptyFrontier,
  type Frontier,
  firstOfTile,
  hashEntries,
  readEntryBundle,
  readHashTile,
  rootOf,
  TILE_WIDTH,
  type Tile,
  tilePath,
} from './tile.ts'

/** Where a log is read: a server, a bucket or an exported file. */
export interface LogSource {
  /** Signed note. */
  readonly checkpoint: () => Promise<string>
  /** null where there is no such tile. */
  readonly tile: (tile: Tile) => Promise<Bytes | null>
  /** false for a source that has entries only; then there is no tile to compare with. */
  readonly hasTiles: boolean
}

export type AuditProblemCode =
  | 'checkpoint-malformed'
  | 'other-log'
  | 'checkpoint-signature'
  | 'tile-missing'
  | 'tile-malformed'
  | 'tile-mismatch'
  | 'entry-malformed'
  | 'duplicate-entry'
  | 'root-mismatch'
  | 'rolled-back'
  | 'forked'
  | 'receipt-mismatch'
  | 'key-revoked'
  | 'revocation-missing'

export interface AuditProblem {
  readonly code: AuditProblemCode
  readonly message: string
}

export interface Audit {
  readonly verified: boolean
  /** null where there is no checkpoint that can be read. */
  readonly checkpoint: Checkpoint | null
  /** The note itself, to be kept as seen; null unless the log signed it. */
  readonly note: string | null
  /** Leaves that were re-derived. */
  readonly entries: number
  /** Of the checkpoints seen, how many are prefixes of this log. */
  readonly consistent: number
  /** Of the receipts held, how many are in this log where they say. */
  readonly included: number
  readonly problems: readonly AuditProblem[]
}

/** What is known of keys that ended. */
export interface KnownRevocations {
  readonly byKey: Revocations
  /** Evidence ids of the statements: a leaf of the kind that is none of them ends a key that nobody names. */
  readonly ids: ReadonlySet<string>
}

export interface AuditOptions {
  readonly source: LogSource
  readonly log: NoteVerifier
  /** Checkpoints that the log signed at any time before, in any order. */
  readonly seen: readonly Checkpoint[]
  /** Leaves that the log acknowledged. */
  readonly receipts: readonly { readonly index: number; readonly leaf: Bytes }[]
  /** Ends of keys as the server signed them; absent where nobody has these, and then nothing is said of them. */
  readonly revocations?: KnownRevocations
  readonly onProgress: (done: number, size: number) => void
}

/** As many problems are told; a log that is wrong everywhere is told by the first. */
const MAX_PROBLEMS = 100
/** Bundles that are fetched ahead: a few hundred kilobytes. */
const AHEAD = 8

export async function auditLog({ source, log, seen, receipts, revocations, onProgress }: AuditOptions): Promise<Audit> {
  const problems: AuditProblem[] = []
  const report = (code: AuditProblemCode, message: string) => {
    if (problems.length < MAX_PROBLEMS) problems.push({ code, message })
  }
  const ended = (checkpoint: Checkpoint | null, note: string | null, found: Partial<Audit> = {}): Audit => {
    const verified = problems.length === 0
    return { entries: 0, consistent: 0, included: 0, ...found, verified, checkpoint, note, problems }
  }

  const text = await source.checkpoint()
  const note = readNote(text)
  const checkpoint = note === null ? null : readCheckpoint(note.text)
  if (note === null || checkpoint === null) {
    report('checkpoint-malformed', 'what the log publishes is no checkpoint')
    return ended(null, null)
  }
  if (checkpoint.origin !== log.name) {
    report('other-log', `the checkpoint is of the log ${checkpoint.origin.slice(0, 200)}, not of ${log.name}`)
    return ended(checkpoint, null)
  }
  if (!(await verifyNote(note, log))) {
    report('checkpoint-signature', 'the log did not sign this checkpoint')
    return ended(checkpoint, null)
  }

  const wanted = wantedOf(seen, receipts)
  const check = revocations === undefined ? () => undefined : revocationCheck(revocations, report)
  const derived = await derive({ source, checkpoint, report, onProgress, wanted, check })
  if (derived === null) return ended(checkpoint, text)
  const { roots, leaves } = derived
  if (!equalBytes(derived.root, checkpoint.root)) {
    report('root-mismatch', `the ${checkpoint.size} entries do not have the root that the log signed`)
  }
  const consistent = seen.filter((older) => {
    const root = older.size === checkpoint.size ? checkpoint.root : roots.get(older.size)
    if (older.size > checkpoint.size) {
      report('rolled-back', `a checkpoint of ${older.size} leaves was signed, and now there are ${checkpoint.size}`)
    } else if (root === undefined || !equalBytes(root, older.root)) {
      report('forked', `another root was signed for ${older.size} leaves`)
    } else return true
    return false
  }).length
  const included = receipts.filter(({ index, leaf }) => {
    const found = leaves.get(index)
    if (found !== undefined && equalBytes(found, leaf)) return true
    report('receipt-mismatch', `leaf ${index} is not the one that was acknowledged`)
    return false
  }).length
  return ended(checkpoint, text, { entries: checkpoint.size, consistent, included })
}

interface Wanted {
  /** Sizes whose roots are wanted. */
  readonly sizes: ReadonlySet<number>
  /** Indexes whose leaves are wanted. */
  readonly indexes: ReadonlySet<number>
}

function wantedOf(seen: AuditOptions['seen'], receipts: AuditOptions['receipts']): Wanted {
  return { sizes: new Set(seen.map(({ size }) => size)), indexes: new Set(receipts.map(({ index }) => index)) }
}

type Report = (code: AuditProblemCode, message: string) => void

/** A leaf by a key that had ended, and the end of a key of which only the log tells. */
function revocationCheck({ byKey, ids }: KnownRevocations, report: Report) {
  return ({ evidenceId, keyId, predicateType, receivedAt }: LogLeaf, index: number): void => {
    const ended = endedBy({ keyId, index, receivedAt }, byKey)
    if (ended !== null) {
      report('key-revoked', `leaf ${index} is by a key that was revoked at ${ended.revokedAt} (leaf ${ended.index})`)
    }
    if (predicateType === KEY_REVOCATION_PREDICATE && !ids.has(evidenceId)) {
      report('revocation-missing', `leaf ${index} revokes a key, and the statement is not here that tells which`)
    }
  }
}

interface Derivation extends Pick<AuditOptions, 'source' | 'onProgress'> {
  readonly checkpoint: Checkpoint
  readonly wanted: Wanted
  readonly report: Report
  readonly check: (leaf: LogLeaf, index: number) => void
}

interface Derived {
  readonly root: Bytes
  readonly roots: ReadonlyMap<number, Bytes>
  readonly leaves: ReadonlyMap<number, Bytes>
}

/** null where the entries are not all there: then nothing can be said of the rest. */
async function derive({ source, checkpoint, wanted, report, check, onProgress }: Derivation): Promise<Derived | null> {
  const { size } = checkpoint
  const roots = new Map<number, Bytes>()
  const leaves = new Map<number, Bytes>()
  const ids = new Set<string>()
  let frontier: Frontier = emptyFrontier
  if (wanted.sizes.has(0)) roots.set(0, await emptyRoot())
  const bundles = Math.ceil(size / TILE_WIDTH)
  const widthOf = (index: number) => Math.min(TILE_WIDTH, size - index * TILE_WIDTH)
  const upper = source.hasTiles ? upperTiles(source, size, report) : null
  const fetched = new Map<number, Promise<readonly [Bytes | null, Bytes | null]>>()
  const ahead = (index: number) => {
    if (index >= bundles || fetched.has(index)) return
    const width = widthOf(index)
    const both = Promise.all([
      readTile(source, { level: 'entries', index, width }),
      source.hasTiles ? readTile(source, { level: 0, index, width }) : Promise.resolve(null),
    ])
    // Whoever waits for it sees the failure; one that nobody waits for any more is not an uncaught one.
    both.catch(() => undefined)
    fetched.set(index, both)
  }

  for (let index = 0; index < bundles; index++) {
    for (let next = index; next < index + AHEAD; next++) ahead(next)
    const [bundle, tile] = (await fetched.get(index)) ?? [null, null]
    fetched.delete(index)
    const place: Tile = { level: 'entries', index, width: widthOf(index) }
    const entries = bundle === null ? null : readEntryBundle(bundle, place.width)
    if (bundle === null || entries === null) {
      const code = bundle === null ? 'tile-missing' : 'tile-malformed'
      report(code, `${tilePath(place)} is ${bundle === null ? 'not there' : `no bundle of ${place.width} entries`}`)
      return null
    }
    const hashes = await hashEntries(entries)
    if (source.hasTiles) checkTile({ ...place, level: 0 }, tile, hashes, report)
    for (const [at, entry] of entries.entries()) {
      const leafIndex = index * TILE_WIDTH + at
      const leaf = readLogLeaf(entry)
      if (leaf !== null) check(leaf, leafIndex)
      if (leaf === null) report('entry-malformed', `entry ${leafIndex} is no leaf of this log`)
      // One character a byte: a million digests take half of the memory that they take in hexadecimal.
      else if (ids.size === ids.add(String.fromCharCode(...(fromHex(leaf.evidenceId) ?? []))).size) {
        report('duplicate-entry', `entry ${leafIndex} logs evidence ${leaf.evidenceId} a second time`)
      }
      if (wanted.indexes.has(leafIndex)) leaves.set(leafIndex, entry)
      frontier = await addLeaf(frontier, hashes[at] ?? new Uint8Array())
      if (wanted.sizes.has(frontier.size)) roots.set(frontier.size, await rootOf(frontier))
    }
    await upper?.add(index, hashes)
    onProgress(frontier.size, size)
  }
  await upper?.end()
  return { root: size === 0 ? await emptyRoot() : await rootOf(frontier), roots, leaves }
}

/** A partial tile may be gone once its full one is there, which begins with it (tlog-tiles, "Partial Tiles"). */
async function readTile(source: LogSource, tile: Tile): Promise<Bytes | null> {
  const exact = await source.tile(tile)
  if (exact !== null || tile.width === TILE_WIDTH) return exact
  const full = await source.tile({ ...tile, width: TILE_WIDTH })
  return full === null ? null : firstOfTile(full, tile)
}

function checkTile(place: Tile, bytes: Bytes | null, expected: readonly Bytes[], report: Derivation['report']): void {
  const hashes = bytes === null ? null : readHashTile(bytes, place.width)
  if (hashes === null) {
    const code = bytes === null ? 'tile-missing' : 'tile-malformed'
    report(code, `${tilePath(place)} is ${bytes === null ? 'not there' : `not ${place.width} hashes`}`)
  } else if (!hashes.every((hash, at) => equalBytes(hash, expected[at] ?? new Uint8Array()))) {
    report('tile-mismatch', `${tilePath(place)} does not hold the hashes of what lies below it`)
  }
}

/** Level 1 and up: each hash is that of a full tile one level below. */
function upperTiles(source: LogSource, size: number, report: Derivation['report']) {
  const levels: Bytes[][] = []
  const counts: number[] = []
  const push = async (level: number, hash: Bytes): Promise<void> => {
    levels[level] ??= []
    counts[level] = (counts[level] ?? 0) + 1
    const row = levels[level] ?? []
    row.push(hash)
    if (row.length < TILE_WIDTH) return
    levels[level] = []
    const index = (counts[level] ?? 0) / TILE_WIDTH - 1
    const place = { level, index, width: TILE_WIDTH }
    checkTile(place, await readTile(source, place), row, report)
    await push(level + 1, await topOf(row))
  }
  return {
    add: async (index: number, hashes: readonly Bytes[]): Promise<void> => {
      if (hashes.length === TILE_WIDTH && (index + 1) * TILE_WIDTH <= size) await push(1, await topOf(hashes))
    },
    end: async (): Promise<void> => {
      for (const [level, row] of levels.entries()) {
        if (row === undefined || row.length === 0) continue
        const place = { level, index: Math.floor((counts[level] ?? 0) / TILE_WIDTH), width: row.length }
        checkTile(place, await readTile(source, place), row, report)
      }
    },
  }
}

async function topOf(hashes: readonly Bytes[]): Promise<Bytes> {
  let frontier = emptyFrontier
  for (const hash of hashes) frontier = await addLeaf(frontier, hash)
  return rootOf(frontier)
}
