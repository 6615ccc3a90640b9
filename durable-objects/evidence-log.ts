/** The organisation's append-only log: one object, one tree, one signing key. */
import { DurableObject } from 'cloudflare:workers'
import type { ConclusionView, SigningKey } from '#core/api/conclusions.ts'
import { type Bytes, toBase64 } from '#core/evidence/bytes.ts'
import { writeCheckpoint } from '#core/evidence/checkpoint.ts'
import { readSigner, spkiOf } from '#core/evidence/key.ts'
import { readLogLeaf, writeLogLeaf } from '#core/evidence/log-leaf.ts'
import {
  consistencyProof,
  growTree,
  inclusionProof,
  leafHash,
  type ReadNode,
  readThrough,
  treeRoot,
} from '#core/evidence/merkle.ts'
import { type NoteSigner, noteKeyId, signNote, writeVerifierKey } from '#core/evidence/note.ts'
import { isTileOf, type Tile } from '#core/evidence/tile.ts'
import { writeTlogProof } from '#core/evidence/tlog-proof.ts'
import { Fault } from '#core/fault.ts'
import type { LogEntry, LogLeaf, EvidenceLog as Port } from '#core/ports.ts'
import type { Env } from '#worker/env.ts'
import { type LogObjects, logObjectsOf } from '#worker/store/log-objects.ts'
import { type Attested, attest } from './attest.ts'
import { type Concluded, type Conclusions, openConclusions, type Unsigned } from './conclusions.ts'
import { publishLog, requireNoFork, tileBytes } from './log-publication.ts'
import { type LogStorage, type NewLeaf, openLogStorage } from './log-storage.ts'
import { askWitnesses } from './log-witnesses.ts'

interface Waiting {
  readonly leaf: LogLeaf
  readonly resolve: (entry: LogEntry) => void
  readonly reject: (error: unknown) => void
}

/** One signature covers a batch. 256 leaves are about 2 ms of hashing, so nobody waits long behind a full one. */
const MAX_BATCH = 256

/** A stale batch means that another instance of this object wrote; it ends, or this one is evicted, within a few tries. */
const MAX_ATTEMPTS = 5

/** After a bucket or a witness did not answer. */
const RETRY_MS = 10_000

export class EvidenceLog extends DurableObject<Env> implements Port {
  readonly #storage: LogStorage
  readonly #conclusions: Conclusions
  #waiting: Waiting[] = []
  #isCommitting = false
  #signer: Promise<NoteSigner> | null = null
  #resumed: Promise<void> | null = null
  #publishing: Promise<unknown> = Promise.resolve()
  #isAlarmSet = false

  constructor(context: DurableObjectState, env: Env) {
    super(context, env)
    this.#storage = openLogStorage(context.storage)
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

  /** The key by which the server signs; made on first use, and never changed. */
  signingKey(): Promise<SigningKey> {
    return this.#conclusions.key()
  }

  /** Appends that arrive while a batch is being signed form the next batch (group commit). */
  append(leaf: LogLeaf): Promise<LogEntry> {
    writeLogLeaf(leaf)
    return new Promise((resolve, reject) => {
      this.#waiting.push({ leaf, resolve, reject })
      if (!this.#isCommitting) void this.#commitWaiting()
    })
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
    return this.#entry(index, { size, note, read: this.#storage.readNode })
  }

  async checkpoint(): Promise<{ readonly size: number; readonly root: string; readonly note: string }> {
    const signer = await this.#key()
    const stored = this.#storage.checkpoint() ?? (await this.#sign(signer, 0, this.#storage.readNode))
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

  /** Signs a merge or a decision about a waiver as the organisation's server; see attest.ts. The caller logs it. */
  attest(payload: Bytes): Promise<Attested> {
    return attest(payload, this.ctx.storage.kv)
  }

  async #commitWaiting(): Promise<void> {
    this.#isCommitting = true
    try {
      while (this.#waiting.length > 0) {
        // One turn of the event loop lets in what has already arrived; nothing else here would, since hashing and signing
        // finish within the turn.
        await scheduler.wait(0)
        const batch = this.#waiting.slice(0, MAX_BATCH)
        this.#waiting = this.#waiting.slice(MAX_BATCH)
        try {
          await this.#resume()
          await this.#commit(batch)
        } catch (error) {
          for (const { reject } of batch) reject(error)
        }
      }
    } finally {
      this.#isCommitting = false
    }
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

  async #commit(batch: readonly Waiting[]): Promise<void> {
    const signer = await this.#key()
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const view = await this.#advance(batch, signer)
      if (view === null) continue
      const entries = batch.map(({ leaf }) => this.#entry(view.indexOf(leaf.evidenceId), view))
      for (const [at, entry] of (await Promise.all(entries)).entries()) batch[at]?.resolve(entry)
      return
    }
    throw new Fault('unavailable', {
      message: 'The log was written by another instance at the same time.',
      hint: 'Send the evidence again with `stemma push`.',
    })
  }

  /** null where the log moved on in between. */
  async #advance(batch: readonly Waiting[], signer: NoteSigner): Promise<(View & { indexOf: IndexOf }) | null> {
    const storage = this.#storage
    const size = storage.checkpoint()?.size ?? 0
    const fresh = new Map<string, NewLeaf>()
    for (const { leaf } of batch) {
      const { evidenceId } = leaf
      if (fresh.has(evidenceId) || storage.leafOf(evidenceId) !== null) continue
      fresh.set(evidenceId, { evidenceId, index: size + fresh.size, bytes: writeLogLeaf(leaf) })
    }
    const indexOf: IndexOf = (evidenceId) => storage.leafOf(evidenceId)?.index ?? -1
    if (fresh.size === 0) return { ...(await this.checkpoint()), read: storage.readNode, indexOf }

    const leaves = [...fresh.values()]
    const hashes = await Promise.all(leaves.map(({ bytes }) => leafHash(bytes)))
    const nodes = await growTree(size, hashes, storage.readNode)
    const read = readThrough(nodes, storage.readNode)
    const checkpoint = await this.#sign(signer, size + leaves.length, read)

    if (storage.advance(size, { leaves, nodes, checkpoint }) === 'stale') return null
    this.#setAlarm(0)
    return { ...checkpoint, read, indexOf }
  }

  async #sign(signer: NoteSigner, size: number, read: ReadNode): Promise<Signed> {
    const root = await treeRoot(size, read)
    const note = await signNote(writeCheckpoint({ origin: signer.name, size, root }), signer)
    return { size, root: toBase64(root), note }
  }

  async #entry(index: number, { size, note, read }: View): Promise<LogEntry> {
    const leaf = this.#storage.leafAt(index)
    const content = leaf === null ? null : readLogLeaf(leaf.bytes)
    if (content === null || index >= size) throw unknownIndex(`leaf ${index}`, size)
    const proof = await inclusionProof(index, size, read)
    return { index, receipt: writeTlogProof({ index, proof, checkpoint: note }), receivedAt: content.receivedAt }
  }

  #key(): Promise<NoteSigner> {
    this.#signer ??= this.#openKey().catch((error: unknown) => {
      this.#signer = null
      throw error
    })
    return this.#signer
  }

  /** The key is made inside of the object on first use and never leaves it. The origin stays as it was then. */
  async #openKey(): Promise<NoteSigner> {
    const { origin, pkcs8, publicKey } = this.#storage.key() ?? this.#storage.keepKey(await this.#makeKey())
    const { sign } = await readSigner(pkcs8, spkiOf(publicKey))
    return { name: origin, keyId: await noteKeyId(origin, publicKey), sign }
  }

  async #makeKey() {
    const pair = await crypto.subtle.generateKey({ name: 'Ed25519' }, true, ['sign', 'verify'])
    if (!('privateKey' in pair)) throw new TypeError('Ed25519 gives a pair')
    const pkcs8 = await crypto.subtle.exportKey('pkcs8', pair.privateKey)
    const raw = await crypto.subtle.exportKey('raw', pair.publicKey)
    if (!(pkcs8 instanceof ArrayBuffer) || !(raw instanceof ArrayBuffer))
      throw new TypeError('the key is exported as bytes')
    // Where the log is read, without the scheme (tlog-tiles, "Parameters").
    const origin = `${new URL(this.env.PUBLIC_URL).host}/log/${this.#organisation()}`
    return { origin, pkcs8: new Uint8Array(pkcs8), publicKey: new Uint8Array(raw) }
  }

  #organisation(): string {
    const organisation = this.ctx.id.name
    if (organisation === undefined) throw new TypeError('the log is opened by the name of its organisation')
    return organisation
  }
}

interface Signed {
  readonly size: number
  readonly root: string
  readonly note: string
}

/** A signed size, and the nodes that prove leaves of it. */
interface View {
  readonly size: number
  readonly note: string
  readonly read: ReadNode
}

type IndexOf = (evidenceId: string) => number

function unknownIndex(what: string, size: number): Fault {
  return new Fault('not-found', {
    message: `The log holds ${size} leaves; there is no ${what}.`,
    hint: 'Ask for the present size with `GET /v1/log/checkpoint`.',
  })
}
