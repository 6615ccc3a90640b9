/** What the log keeps in its object's SQLite: leaves, complete subtrees, the latest checkpoint and the signing key. */
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
  `)

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

function missingNode(level: number, index: number): Fault {
  return new Fault('internal', {
    message: `The log's storage lacks node ${level}/${index}.`,
    hint: 'Report it with the request id; nothing was appended.',
  })
}
