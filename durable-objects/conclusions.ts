/**
 * What the platform concludes, signed by the organisation's server key: in the log's object, which the key never leaves.
 * A set of statements is signed once for each content, and is there before its leaves are.
 */
import type { ConclusionView, SigningKey } from '#core/api/conclusions.ts'
import type { Bytes } from '#core/evidence/bytes.ts'
import { sha256Hex } from '#core/evidence/digest.ts'
import { preAuthenticationEncoding, STATEMENT_PAYLOAD_TYPE, writeEnvelope } from '#core/evidence/envelope.ts'
import type { LogEntry, LogLeaf } from '#core/ports.ts'
import { openServerKey } from './server-key.ts'

export interface Unsigned {
  readonly predicateType: string
  readonly payload: Bytes
}

export interface Concluded {
  /** In the order of the statements. */
  readonly ids: readonly string[]
  /** The first checkpoint that covers them. */
  readonly checkpoint: { readonly size: number; readonly root: string; readonly origin: string }
}

export interface LogOfConclusions {
  readonly append: (leaf: LogLeaf) => Promise<LogEntry>
  readonly checkpoint: () => Promise<{ readonly size: number; readonly root: string; readonly note: string }>
}

export interface Conclusions {
  readonly key: () => Promise<SigningKey>
  /** `content` names the set: the same again gives the same answer and signs nothing. */
  readonly conclude: (content: string, statements: readonly Unsigned[], at: string) => Promise<Concluded>
  readonly find: (id: string) => Promise<ConclusionView | null>
  /** Beside what is concluded: what was signed by itself, so that it is found and listed. */
  readonly keep: (signed: Pick<ConclusionView, 'id' | 'predicateType' | 'envelope'>, at: string) => void
  /** By id: those behind `after`, at most `limit`. */
  readonly list: (after: string, limit: number) => Promise<readonly ConclusionView[]>
}

export function openConclusions(storage: DurableObjectStorage, log: LogOfConclusions): Conclusions {
  const { sql } = storage
  sql.exec(`
    CREATE TABLE IF NOT EXISTS conclusion (content TEXT NOT NULL, position INTEGER NOT NULL, id TEXT NOT NULL, predicate_type TEXT NOT NULL, envelope TEXT NOT NULL, received_at TEXT NOT NULL, PRIMARY KEY (content, position)) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS conclusion_id ON conclusion (id);
    CREATE TABLE IF NOT EXISTS concluded (content TEXT PRIMARY KEY, size INTEGER NOT NULL, root TEXT NOT NULL, origin TEXT NOT NULL);
  `)

  const signedOf = (content: string): readonly Signed[] => {
    const query = 'SELECT id, predicate_type, received_at FROM conclusion WHERE content = ? ORDER BY position'
    const rows = sql.exec(query, content).raw<[string, string, string]>()
    return Array.from(rows, ([id, predicateType, receivedAt]) => ({ id, predicateType, receivedAt }))
  }

  const sign = async (content: string, statements: readonly Unsigned[], at: string): Promise<void> => {
    const { keyid, sign: signBytes } = await openServerKey(storage.kv)
    const rows = await Promise.all(
      statements.map(async ({ predicateType, payload }) => {
        const bytes = await signBytes(preAuthenticationEncoding(STATEMENT_PAYLOAD_TYPE, payload))
        const signed = { payloadType: STATEMENT_PAYLOAD_TYPE, payload, signatures: [{ keyid, bytes }] }
        return { id: await sha256Hex(payload), predicateType, envelope: writeEnvelope(signed) }
      }),
    )
    storage.transactionSync(() => {
      if (signedOf(content).length > 0) return
      for (const [position, { id, predicateType, envelope }] of rows.entries()) {
        const query = 'INSERT INTO conclusion VALUES (?, ?, ?, ?, ?, ?)'
        sql.exec(query, content, position, id, predicateType, envelope, at)
      }
    })
  }

  const find = async (id: string): Promise<ConclusionView | null> => {
    const [row] = sql
      .exec(
        'SELECT predicate_type, envelope, received_at FROM conclusion WHERE id = ? ORDER BY received_at LIMIT 1',
        id,
      )
      .raw<[string, string, string]>()
    if (row === undefined) return null
    const [predicateType, envelope, at] = row
    const { keyid: keyId, spki: publicKey } = await openServerKey(storage.kv)
    // Appended once: where it was before, this gives the leaf of then.
    const { index, receipt, receivedAt } = await log.append({ evidenceId: id, predicateType, keyId, receivedAt: at })
    return { id, predicateType, envelope, keyId, publicKey, index, receivedAt, receipt }
  }

  return {
    key: async () => {
      const { keyid: keyId, spki: publicKey } = await openServerKey(storage.kv)
      return { keyId, publicKey }
    },
    conclude: async (content, statements, at) => {
      const [known] = sql
        .exec('SELECT size, root, origin FROM concluded WHERE content = ?', content)
        .raw<[number, string, string]>()
      if (known !== undefined) {
        const [size, root, origin] = known
        return { ids: signedOf(content).map(({ id }) => id), checkpoint: { size, root, origin } }
      }
      if (signedOf(content).length === 0) await sign(content, statements, at)
      const signed = signedOf(content)
      const { keyid: keyId } = await openServerKey(storage.kv)
      // A leaf is appended once, however often a crash makes this run.
      for (const { id, predicateType, receivedAt } of signed) {
        await log.append({ evidenceId: id, predicateType, keyId, receivedAt })
      }
      const { size, root, note } = await log.checkpoint()
      const origin = note.slice(0, note.indexOf('\n'))
      sql.exec('INSERT OR IGNORE INTO concluded VALUES (?, ?, ?, ?)', content, size, root, origin)
      return { ids: signed.map(({ id }) => id), checkpoint: { size, root, origin } }
    },
    find,
    keep: ({ id, predicateType, envelope }, at) => {
      const query = 'INSERT OR IGNORE INTO conclusion VALUES (?, 0, ?, ?, ?, ?)'
      sql.exec(query, `statement ${id}`, id, predicateType, envelope, at)
    },
    list: async (after, limit) => {
      const query = 'SELECT DISTINCT id FROM conclusion WHERE id > ? ORDER BY id LIMIT ?'
      const ids = Array.from(sql.exec(query, after, limit).raw<[string]>(), ([id]) => id)
      const found = await Promise.all(ids.map(find))
      return found.filter((view) => view !== null)
    },
  }
}

interface Signed {
  readonly id: string
  readonly predicateType: string
  readonly receivedAt: string
}
