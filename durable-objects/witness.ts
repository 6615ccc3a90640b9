/** This deployment as a witness of other logs: one object, one key, and the checkpoint that it cosigned last for each origin. */
import { DurableObject } from 'cloudflare:workers'
import { judgeCheckpoint, readAddCheckpoint } from '#core/evidence/add-checkpoint.ts'
import { type Bytes, equalBytes } from '#core/evidence/bytes.ts'
import { cosign } from '#core/evidence/cosignature.ts'
import { readSigner, spkiOf } from '#core/evidence/key.ts'
import { cosignerKeyId, type NoteSigner, writeCosignerKey } from '#core/evidence/note.ts'
import { readLogs } from '#core/evidence/witness-policy.ts'
import type { Env } from '#worker/env.ts'
import { type NewKey, newKey } from './new-key.ts'

export interface WitnessAnswer {
  readonly status: 200 | 400 | 403 | 404 | 409 | 422
  /** Signature lines, a size, or words. */
  readonly text: string
}

/** Somebody else's checkpoint came between judging and keeping; the second judgement is against that one. */
const MAX_ATTEMPTS = 5

export class Witness extends DurableObject<Env> {
  readonly #sql: SqlStorage

  constructor(context: DurableObjectState, env: Env) {
    super(context, env)
    this.#sql = context.storage.sql
    this.#sql.exec(`
      CREATE TABLE IF NOT EXISTS witnessed (origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL);
      CREATE TABLE IF NOT EXISTS witness_key (only INTEGER PRIMARY KEY CHECK (only = 1), name TEXT NOT NULL, pkcs8 BLOB NOT NULL, public_key BLOB NOT NULL);
    `)
  }

  /** `body` of C2SP `add-checkpoint`; `seconds`: POSIX time. */
  async addCheckpoint(body: string, seconds: number): Promise<WitnessAnswer> {
    const signer = await this.#signer()
    const [request, logs] = [readAddCheckpoint(body), await readLogs(this.env.LOG_POLICY ?? '')]
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const verdict = await judgeCheckpoint(request, logs, (origin) => this.#record(origin))
      if (verdict.status === 409) return { status: 409, text: `${verdict.size}\n` }
      if (verdict.status !== 200) return { status: verdict.status, text: `${verdict.message}\n` }
      const { origin, size, root } = verdict.checkpoint
      // Judging waits for hashes and signatures, so the record may have moved on since; from here on nothing waits.
      if (!this.#keep({ origin, size, root, old: request?.old ?? 0 })) continue
      return { status: 200, text: await cosign(verdict.note.text, signer, seconds) }
    }
    return { status: 409, text: `${this.#record(request === null ? '' : originOf(request.checkpoint))?.size ?? 0}\n` }
  }

  /** Verifier key (vkey) of the cosignatures; made on first use and never changed. */
  async verifierKey(): Promise<string> {
    const { name, publicKey } = await this.#key()
    return writeCosignerKey(name, publicKey)
  }

  #record(origin: string): { readonly size: number; readonly root: Bytes } | null {
    const query = 'SELECT size, root FROM witnessed WHERE origin = ?'
    const [row] = this.#sql.exec(query, origin).raw<[number, ArrayBuffer]>()
    return row === undefined ? null : { size: row[0], root: new Uint8Array(row[1]) }
  }

  /** false where another checkpoint than the judged one is on record. */
  #keep(next: { readonly origin: string; readonly size: number; readonly root: Bytes; readonly old: number }): boolean {
    const record = this.#record(next.origin)
    if ((record?.size ?? 0) !== next.old) return false
    if (record !== null && record.size === next.size && !equalBytes(record.root, next.root)) return false
    this.#sql.exec('INSERT OR REPLACE INTO witnessed VALUES (?, ?, ?)', next.origin, next.size, next.root)
    return true
  }

  async #signer(): Promise<NoteSigner> {
    const { name, pkcs8, publicKey } = await this.#key()
    const { sign } = await readSigner(pkcs8, spkiOf(publicKey))
    return { name, keyId: await cosignerKeyId(name, publicKey), sign }
  }

  /** Made inside of the object, which it never leaves; the name stays as it was then. */
  async #key(): Promise<NewKey & { readonly name: string }> {
    return this.#storedKey() ?? this.#keepKey(await newKey())
  }

  #storedKey() {
    const query = 'SELECT name, pkcs8, public_key FROM witness_key'
    const [row] = this.#sql.exec(query).raw<[string, ArrayBuffer, ArrayBuffer]>()
    return row === undefined ? null : { name: row[0], pkcs8: new Uint8Array(row[1]), publicKey: new Uint8Array(row[2]) }
  }

  #keepKey({ pkcs8, publicKey }: NewKey) {
    const name = `${new URL(this.env.PUBLIC_URL).host}/witness`
    this.#sql.exec('INSERT OR IGNORE INTO witness_key VALUES (1, ?, ?, ?)', name, pkcs8, publicKey)
    return this.#storedKey() ?? { name, pkcs8, publicKey }
  }
}

function originOf(checkpoint: string): string {
  return checkpoint.slice(0, checkpoint.indexOf('\n'))
}
