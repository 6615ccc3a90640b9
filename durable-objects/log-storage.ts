/**
 * What the log keeps in its object's SQLite: leaves, complete subtrees, the latest checkpoint, the signing key, what of it
 * is published, and what witnesses said.
 */
import type { Bytes } from '#core/evidence/bytes.ts'
import type { MerkleNode, ReadNode } from '#core/evidence/merkle.ts'
import { Fault } from '#core/fault.ts'

interface StoredLeaf {
  readonly index: number
  readonly bytes: Bytes
}

interface StoredCheckpoint {
  readonly size: number
  /** base64 */
  readonly root: string
  readonly note: string
}

interface StoredKey {
  readonly origin: string
  readonly pkcs8: Bytes
  /** 32 bytes. */
  readonly publicKey: Bytes
}

/** What the bucket has, as far as this object knows: what lies between it and the checkpoint is still to be published. */
interface Publication {
  /** Leaves under the published checkpoint. */
  readonly size: number
  /** The checkpoint as the log signed it; empty before the first. */
  readonly note: string
  /** Cosignatures that stand below it. */
  readonly cosignatures: number
  /** When it was written, in milliseconds. */
  readonly writtenAt: number
}

export interface NewLeaf extends StoredLeaf {
  readonly evidenceId: string
}

export interface LogStorage {
  readonly key: () => StoredKey | null
  /** The first key stays: gives what is stored. */
  readonly keepKey: (key: StoredKey) => StoredKey
  readonly checkpoint: () => StoredCheckpoint | null
  readonly leafOf: (evidenceId: string) => StoredLeaf | null
  readonly leafAt: (index: number) => StoredLeaf | null
  readonly readNode: ReadNode
  /** `count` leaves from `first` on. Throws internal where one is missing. */
  readonly leavesFrom: (first: number, count: number) => readonly Bytes[]
  /** `count` nodes of a level from `first` on. Throws internal where one is missing. */
  readonly nodesFrom: (level: number, first: number, count: number) => readonly Bytes[]
  /** Leaves whose full tiles are in the bucket, a multiple of 256. */
  readonly uploaded: () => number
  readonly keepUploaded: (leaves: number) => void
  /** Milliseconds since 1970. In the turn that commits, so that the alarm is durable together with what it is for. */
  readonly wakeAt: (milliseconds: number) => void
  /** Resolves when everything that was written so far is durable, or will never be: the platform then ends the instance. */
  readonly flushed: () => Promise<void>
  readonly publication: () => Publication
  readonly keepPublication: (publication: Publication) => void
  /** Size of the checkpoint that the witness cosigned last; 0 for none. `witness` = id of its key. */
  readonly witnessedSize: (witness: string) => number
  readonly keepWitnessedSize: (witness: string, size: number) => void
  /** Signature lines over the checkpoint of this size, in the order of the witnesses' keys. */
  readonly cosignaturesOf: (size: number) => readonly string[]
  /** Whether the witness cosigned the checkpoint of its size, as against only telling it. */
  readonly hasCosignature: (witness: string) => boolean
  readonly keepCosignature: (witness: string, size: number, line: string) => void
  /** Whether a key ended: `told`, and its statement may not be in the log yet, or `logged`. */
  readonly isEnded: (keyId: string) => 'told' | 'logged' | null
  readonly keepEnded: (keyId: string, state: 'told' | 'logged') => void
  /**
   * Stores leaves, nodes and the checkpoint over them in one transaction, only while the log still has `expectedSize`
   * leaves. No await lies inside, so either all of it is durable or nothing.
   */
  readonly advance: (expectedSize: number, next: Advance) => 'advanced' | 'stale'
}

interface Advance {
  readonly leaves: readonly NewLeaf[]
  readonly nodes: readonly MerkleNode[]
  readonly checkpoint: StoredCheckpoint
}

export function openLogStorage(storage: DurableObjectStorage): LogStorage {
  const { sql } = storage
  sql.exec(`
    CREATE TABLE IF NOT EXISTS leaf (position INTEGER PRIMARY KEY, evidence_id TEXT NOT NULL UNIQUE, bytes BLOB NOT NULL);
    CREATE TABLE IF NOT EXISTS node (level INTEGER, position INTEGER, hash BLOB NOT NULL, PRIMARY KEY (level, position)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS checkpoint (only INTEGER PRIMARY KEY CHECK (only = 1), size INTEGER NOT NULL, root TEXT NOT NULL, note TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS log_key (only INTEGER PRIMARY KEY CHECK (only = 1), origin TEXT NOT NULL, pkcs8 BLOB NOT NULL, public_key BLOB NOT NULL);
    CREATE TABLE IF NOT EXISTS publication (only INTEGER PRIMARY KEY CHECK (only = 1), uploaded INTEGER NOT NULL, size INTEGER NOT NULL, note TEXT NOT NULL, cosignatures INTEGER NOT NULL, written_at INTEGER NOT NULL);
    INSERT OR IGNORE INTO publication VALUES (1, 0, 0, '', 0, 0);
    CREATE TABLE IF NOT EXISTS witness (key_id TEXT PRIMARY KEY, size INTEGER NOT NULL, line TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS ended_key (key_id TEXT PRIMARY KEY, state TEXT NOT NULL);
  `)
  // Asked for every leaf, and a handful at most changes in the life of an instance.
  const ended = new Map(sql.exec('SELECT key_id, state FROM ended_key').raw<[string, 'told' | 'logged']>())

  const key = (): StoredKey | null => {
    const [row] = sql.exec('SELECT origin, pkcs8, public_key FROM log_key').raw<[string, ArrayBuffer, ArrayBuffer]>()
    if (row === undefined) return null
    return { origin: row[0], pkcs8: new Uint8Array(row[1]), publicKey: new Uint8Array(row[2]) }
  }

  const checkpoint = (): StoredCheckpoint | null => {
    const [row] = sql.exec('SELECT size, root, note FROM checkpoint').raw<[number, string, string]>()
    return row === undefined ? null : { size: row[0], root: row[1], note: row[2] }
  }

  const leaf = (where: 'evidence_id' | 'position', value: string | number): StoredLeaf | null => {
    const query = `SELECT position, bytes FROM leaf WHERE ${where} = ?`
    const [row] = sql.exec(query, value).raw<[number, ArrayBuffer]>()
    return row === undefined ? null : { index: row[0], bytes: new Uint8Array(row[1]) }
  }

  const range = (query: string, place: readonly number[], count: number): readonly Bytes[] => {
    const rows = sql.exec(query, ...place).raw<[ArrayBuffer]>()
    const found = Array.from(rows, ([bytes]) => new Uint8Array(bytes))
    if (found.length !== count) throw missingRows(place, count, found.length)
    return found
  }

  const publication = () => {
    const query = 'SELECT uploaded, size, note, cosignatures, written_at FROM publication'
    const [row] = sql.exec(query).raw<[number, number, string, number, number]>()
    const [uploaded, size, note, cosignatures, writtenAt] = row ?? [0, 0, '', 0, 0]
    return { uploaded, size, note, cosignatures, writtenAt }
  }

  return {
    key,
    keepKey: ({ origin, pkcs8, publicKey }) => {
      sql.exec('INSERT OR IGNORE INTO log_key VALUES (1, ?, ?, ?)', origin, pkcs8, publicKey)
      return key() ?? { origin, pkcs8, publicKey }
    },
    checkpoint,
    leafOf: (evidenceId) => leaf('evidence_id', evidenceId),
    leafAt: (index) => leaf('position', index),
    readNode: (level, index) => {
      const query = 'SELECT hash FROM node WHERE level = ? AND position = ?'
      const [row] = sql.exec(query, level, index).raw<[ArrayBuffer]>()
      if (row === undefined) throw missingNode(level, index)
      return new Uint8Array(row[0])
    },
    leavesFrom: (first, count) =>
      range(
        'SELECT bytes FROM leaf WHERE position >= ? AND position < ? ORDER BY position',
        [first, first + count],
        count,
      ),
    nodesFrom: (level, first, count) =>
      range(
        'SELECT hash FROM node WHERE level = ? AND position >= ? AND position < ? ORDER BY position',
        [level, first, first + count],
        count,
      ),
    uploaded: () => publication().uploaded,
    keepUploaded: (leaves) => {
      sql.exec('UPDATE publication SET uploaded = ?', leaves)
    },
    wakeAt: (milliseconds) => {
      storage.setAlarm(milliseconds).catch((error: unknown) => {
        // The next instance sets it again.
        console.warn(JSON.stringify({ log: 'no alarm', problem: String(error) }))
      })
    },
    flushed: () => storage.sync().catch(() => undefined),
    publication,
    keepPublication: ({ size, note, cosignatures, writtenAt }) => {
      const query = 'UPDATE publication SET size = ?, note = ?, cosignatures = ?, written_at = ?'
      sql.exec(query, size, note, cosignatures, writtenAt)
    },
    witnessedSize: (witness) => {
      const [row] = sql.exec('SELECT size FROM witness WHERE key_id = ?', witness).raw<[number]>()
      return row?.[0] ?? 0
    },
    keepWitnessedSize: (witness, size) => {
      sql.exec("INSERT OR REPLACE INTO witness VALUES (?, ?, '')", witness, size)
    },
    cosignaturesOf: (size) => {
      const query = "SELECT line FROM witness WHERE size = ? AND line <> '' ORDER BY key_id"
      return Array.from(sql.exec(query, size).raw<[string]>(), ([line]) => line)
    },
    hasCosignature: (witness) => {
      const query = "SELECT 1 FROM witness WHERE key_id = ? AND line <> ''"
      return sql.exec(query, witness).toArray().length > 0
    },
    keepCosignature: (witness, size, line) => {
      sql.exec('INSERT OR REPLACE INTO witness VALUES (?, ?, ?)', witness, size, line)
    },
    isEnded: (keyId) => ended.get(keyId) ?? null,
    keepEnded: (keyId, state) => {
      sql.exec('INSERT OR REPLACE INTO ended_key VALUES (?, ?)', keyId, state)
      ended.set(keyId, state)
    },
    advance: (expectedSize, { leaves, nodes, checkpoint: next }) =>
      storage.transactionSync(() => {
        if ((checkpoint()?.size ?? 0) !== expectedSize) return 'stale'
        for (const { index, evidenceId, bytes } of leaves) {
          sql.exec('INSERT INTO leaf VALUES (?, ?, ?)', index, evidenceId, bytes)
        }
        for (const { level, index, hash } of nodes) sql.exec('INSERT INTO node VALUES (?, ?, ?)', level, index, hash)
        sql.exec('INSERT OR REPLACE INTO checkpoint VALUES (1, ?, ?, ?)', next.size, next.root, next.note)
        return 'advanced'
      }),
  }
}

function missingRows(place: readonly number[], count: number, found: number): Fault {
  return new Fault('internal', {
    message: `The log's storage has ${found} of ${count} rows at ${place.join('/')}.`,
    hint: 'Report it with the request id; nothing was published.',
  })
}

function missingNode(level: number, index: number): Fault {
  return new Fault('internal', {
    message: `The log's storage lacks node ${level}/${index}.`,
    hint: 'Report it with the request id; nothing was appended.',
  })
}
