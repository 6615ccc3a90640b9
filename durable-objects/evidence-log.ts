/** The organisation's append-only log: one object, one tree, one signing key. */
import { DurableObject } from 'cloudflare:workers'
import type { ConclusionView, SigningKey } from '#core/api/conclusions.ts'
import { type Bytes, toBase64 } from '#core/evidence/bytes.ts'
import { KEY_REVOCATION_PREDICATE, type KeyRevocation, writeKeyRevocation } from '#core/evidence/key-revocation.ts'
import { consistencyProof } from '#core/evidence/merkle.ts'
import { type NoteSigner, writeVerifierKey } from '#core/evidence/note.ts'
import { isTileOf, type Tile } from '#core/evidence/tile.ts'
import type { LogEntry, LogLeaf, EvidenceLog as Port } from '#core/ports.ts'
import type { Env } from '#worker/env.ts'
import { type LogObjects, logObjectsOf } from '#worker/store/log-objects.ts'
import { type Attested, attest } from './attest.ts'
import { type Concluded, type Conclusions, openConclusions, type Unsigned } from './conclusions.ts'
import { openLogKey } from './log-key.ts'
import { publishLog, requireNoFork, tileBytes } from './log-publication.ts'
import { sequence } from './log-sequencer.ts'
import { type LogStorage, openLogStorage } from './log-storage.ts'
import { entryAt, type SignedTree, signTree, unknownIndex } from './log-view.ts'
import { askWitnesses } from './log-witnesses.ts'

/** After a bucket or a witness did not answer. */
const RETRY_MS = 10_000

export class EvidenceLog extends DurableObject<Env> implements Port {
  readonly #storage: LogStorage
  readonly #conclusions: Conclusions
  readonly #append: (leaf: LogLeaf) => Promise<LogEntry>
  #signer: Promise<NoteSigner> | null = null
  #resumed: Promise<void> | null = null
  #publishing: Promise<unknown> = Promise.resolve()
  #isAlarmSet = false

  constructor(context: DurableObjectState, env: Env) {
    super(context, env)
    this.#storage = openLogStorage(context.storage)
    this.#append = sequence({
      storage: this.#storage,
      key: () => this.#key(),
      view: () => this.checkpoint(),
      resume: () => this.#resume(),
      advanced: () => this.#setAlarm(0),
    })
    this.#conclusions = openConclusions(context.storage, {
      append: (leaf) => this.append(leaf),
      checkpoint: () => this.checkpoint(),
    })
    // What an instance before this one had no time to publish, or a version before this one did not publish at all.
    if (this.#storage.publication().size < (this.#storage.checkpoint()?.size ?? 0)) this.#setAlarm(0)
  }

  /** Signs what the platform concludes, and logs it; see conclusions.ts. */
  conclude(content: string, statements: readonly Unsigned[], at: string): Promise<Concluded> {
    return this.#conclusions.conclude(content, statements, at)
  }

  conclusion(id: string): Promise<ConclusionView | null> {
    return this.#conclusions.find(id)
  }

  /** Everything that the server signed for the organisation but merges, by id: those behind `after`, at most `limit`. */
  conclusionsAfter(after: string, limit: number): Promise<readonly ConclusionView[]> {
    return this.#conclusions.list(after, limit)
  }

  /** The key by which the server signs; made on first use, and never changed. */
  signingKey(): Promise<SigningKey> {
    return this.#conclusions.key()
  }

  /** Appends that arrive while a batch is being written form the next one (group commit). Throws key-revoked. */
  append(leaf: LogLeaf): Promise<LogEntry> {
    return this.#append(leaf)
  }

  /**
   * From the turn of this call on the log takes nothing new by these keys; that they ended is signed and logged, once for
   * each however often it is told. `now`: RFC 3339.
   */
  async endKeys(ends: readonly KeyRevocation[], now: string): Promise<void> {
    const fresh = ends.filter(({ keyId }) => !this.#storage.isEnded(keyId))
    for (const { keyId } of fresh) this.#storage.keepEnded(keyId, 'told')
    const open = ends.filter(({ keyId }) => this.#storage.isEnded(keyId) !== 'logged')
    for (const { keyId, revokedAt } of open) {
      const { keyId: signer, id } = await this.attest(writeKeyRevocation({ keyId, revokedAt }), now)
      await this.append({ evidenceId: id, predicateType: KEY_REVOCATION_PREDICATE, keyId: signer, receivedAt: now })
      this.#storage.keepEnded(keyId, 'logged')
    }
  }

  /** One alarm covers whatever is committed until it rings. Never throws: the platform gives an alarm up after six failures. */
  override async alarm(): Promise<void> {
    this.#isAlarmSet = false
    try {
      const { waitMs } = await this.publish(Date.now())
      const isCosigned = await askWitnesses(this.#storage, await this.#key(), this.env.LOG_POLICY ?? '')
      if (waitMs !== null || isCosigned) this.#setAlarm(waitMs ?? 0)
    } catch (error) {
      console.warn(JSON.stringify({ log: 'not published', problem: String(error) }))
      this.#setAlarm(RETRY_MS)
    }
  }

  /** Puts tiles and checkpoint into the bucket as far as they are not there yet, one call after the other. */
  publish(now: number): Promise<{ readonly waitMs: number | null }> {
    const turn = this.#publishing.then(() => publishLog({ storage: this.#storage, objects: this.#objects() }, now))
    this.#publishing = turn.catch(() => undefined)
    return turn
  }

  /** Bytes of a tile that the bucket does not hold, or not any more; null for a tile that this tree does not have. */
  async tile(tile: Tile): Promise<Uint8Array<ArrayBuffer> | null> {
    return isTileOf(tile, this.#storage.checkpoint()?.size ?? 0) ? tileBytes(this.#storage, tile) : null
  }

  async receipt(index: number): Promise<LogEntry> {
    const { size, note } = await this.checkpoint()
    return entryAt(this.#storage, index, { size, note, read: this.#storage.readNode })
  }

  async checkpoint(): Promise<SignedTree> {
    const signer = await this.#key()
    const stored = this.#storage.checkpoint() ?? (await signTree(signer, 0, this.#storage.readNode))
    return { ...stored, note: stored.note + this.#storage.cosignaturesOf(stored.size).join('') }
  }

  /** Consistency proof from a tree of `older` leaves to the present checkpoint, or to `newer` leaves: base64 hashes. */
  async consistency(
    older: number,
    newer?: number,
  ): Promise<{ readonly size: number; readonly proof: readonly string[]; readonly checkpoint: string }> {
    const { size, note } = await this.checkpoint()
    const end = newer ?? size
    if (older < 1 || older > end || end > size) throw unknownIndex(`pair of trees of ${older} and ${end} leaves`, size)
    const proof = await consistencyProof(older, end, this.#storage.readNode)
    return { size: end, proof: proof.map(toBase64), checkpoint: note }
  }

  /** Verifier key (C2SP vkey) by which receipts of this log are checked. */
  async verifierKey(): Promise<string> {
    await this.#key()
    const stored = this.#storage.key()
    if (stored === null) throw new TypeError('the key was stored above')
    return writeVerifierKey(stored.origin, stored.publicKey)
  }

  /** Signs by itself as the organisation's server; see attest.ts. The caller logs it. `now`: RFC 3339. */
  async attest(payload: Bytes, now = new Date().toISOString()): Promise<Attested> {
    const attested = await attest(payload, this.ctx.storage.kv)
    // A merge is evidence and lies where evidence lies.
    if (attested.kind === 'decision') this.#conclusions.keep(attested, now)
    return attested
  }

  /**
   * Before an instance sequences anything: what was staged before it is uploaded, and the bucket must hold no checkpoint
   * that this log does not contain (after a storage that was set back, say).
   */
  #resume(): Promise<void> {
    this.#resumed ??= (async () => {
      await requireNoFork({ storage: this.#storage, objects: this.#objects() })
      await this.publish(Date.now())
    })().catch((error: unknown) => {
      this.#resumed = null
      throw error
    })
    return this.#resumed
  }

  #objects(): LogObjects {
    return logObjectsOf(this.#organisation(), this.env.BLOBS)
  }

  #setAlarm(waitMs: number): void {
    if (this.#isAlarmSet) return
    this.#isAlarmSet = true
    this.#storage.wakeAt(Date.now() + waitMs)
  }

  /** The origin is where the log is read, without the scheme (tlog-tiles, "Parameters"). */
  #key(): Promise<NoteSigner> {
    const origin = () => `${new URL(this.env.PUBLIC_URL).host}/log/${this.#organisation()}`
    this.#signer ??= openLogKey(this.#storage, origin).catch((error: unknown) => {
      this.#signer = null
      throw error
    })
    return this.#signer
  }

  #organisation(): string {
    const organisation = this.ctx.id.name
    if (organisation === undefined) throw new TypeError('the log is opened by the name of its organisation')
    return organisation
  }
}
