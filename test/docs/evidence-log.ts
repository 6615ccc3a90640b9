/** A log in memory with real keys and real evidence, out of which bundles are made, good ones and bad ones. */
import { BUNDLE_FORMAT, type Bundle } from '#core/evidence/bundle.ts'
import { type Bytes, toBase64 } from '#core/evidence/bytes.ts'
import { writeCheckpoint } from '#core/evidence/checkpoint.ts'
import { sha256Hex } from '#core/evidence/digest.ts'
import {
  type Envelope,
  preAuthenticationEncoding,
  STATEMENT_PAYLOAD_TYPE,
  writeEnvelope,
} from '#core/evidence/envelope.ts'
import { readSigner, type Signer } from '#core/evidence/key.ts'
import { writeLogLeaf } from '#core/evidence/log-leaf.ts'
import { growTree, inclusionProof, leafHash, readThrough, treeRoot } from '#core/evidence/merkle.ts'
import { type NoteSigner, noteKeyId, signNote, writeVerifierKey } from '#core/evidence/note.ts'
import { OBSERVED_COMMITS_PREDICATE, observedCommitsStatement, writeStatement } from '#core/evidence/statement.ts'
import { TILE_WIDTH, writeEntryBundle } from '#core/evidence/tile.ts'
import { writeTlogProof } from '#core/evidence/tlog-proof.ts'
import type { LogLeaf } from '#core/ports.ts'
import { keyPair } from '#test/core/evidence/key-pair.ts'

export const RECEIVED_AT = '2026-11-22T10:00:00.000Z'

export interface Device {
  readonly spki: Bytes
  readonly signer: Signer
}

export async function createDevice(): Promise<Device> {
  const { pkcs8, spki } = keyPair()
  return { spki, signer: await readSigner(pkcs8, spki) }
}

/** A payload that a device signs, whatever it is. */
export async function signPayload(
  device: Device,
  payload: Bytes,
  payloadType = STATEMENT_PAYLOAD_TYPE,
): Promise<Envelope> {
  const bytes = await device.signer.sign(preAuthenticationEncoding(payloadType, payload))
  return { payloadType, payload, signatures: [{ keyid: device.signer.keyid, bytes }] }
}

/** A statement about one commit, told from others by `seed`. */
export function statementBytes(seed: number): Bytes {
  const none = { ai: 0, human: 0, mixed: 0, unknown: 0 }
  return writeStatement(
    observedCommitsStatement({
      repository: 'octo/widgets',
      attribution: [
        {
          commit: seed.toString(16).padStart(40, '0'),
          parents: [],
          authoredAt: '2026-11-20T10:00:00Z',
          subject: `Größe ändern ${seed}`,
          patchId: null,
          files: [],
          added: none,
          removed: none,
          sessions: [],
        },
      ],
      redaction: { rules: 'stemma-redaction/1', redacted: {}, withheld: 0 },
      producer: { name: 'stemma', version: '0.1.0' },
      createdAt: '2026-11-20T10:00:00Z',
    }),
  )
}

export interface MemoryLog {
  readonly vkey: string
  readonly origin: string
  readonly checkpoint: (size?: number) => Promise<string>
  readonly receipt: (index: number, size?: number) => Promise<string>
  /** Envelope of each leaf. */
  readonly envelopes: readonly string[]
  readonly bundle: (indexes: readonly number[], parts?: { readonly entries?: boolean }) => Promise<Bundle>
  readonly entries: readonly Bytes[]
  readonly sign: (origin: string, size: number, root: Bytes) => Promise<string>
}

/**
 * `envelopes`: what is logged, in order; each leaf names the device and says that it is about commits, unless `leafOf` says
 * otherwise.
 */
export async function createMemoryLog(
  origin: string,
  device: Device,
  envelopes: readonly Envelope[],
  logKey: Device | null = null,
  leafOf: (at: number) => Partial<LogLeaf> = () => ({}),
): Promise<MemoryLog> {
  const { spki, signer } = logKey ?? (await createDevice())
  const raw = spki.slice(12)
  const noteSigner = async (name: string): Promise<NoteSigner> => ({
    name,
    keyId: await noteKeyId(name, raw),
    sign: signer.sign,
  })
  const entries = await Promise.all(
    envelopes.map(async ({ payload }, at) => {
      const evidenceId = await sha256Hex(payload)
      const leaf = { evidenceId, predicateType: OBSERVED_COMMITS_PREDICATE, keyId: device.signer.keyid }
      return writeLogLeaf({ ...leaf, receivedAt: RECEIVED_AT, ...leafOf(at) })
    }),
  )
  const missing = () => {
    throw new RangeError('no such node')
  }
  const read = readThrough(await growTree(0, await Promise.all(entries.map(leafHash)), missing), missing)
  const sign = async (name: string, size: number, root: Bytes) =>
    signNote(writeCheckpoint({ origin: name, size, root }), await noteSigner(name))
  const checkpoint = async (size = entries.length) => sign(origin, size, await treeRoot(size, read))
  const receipt = async (index: number, size = entries.length) =>
    writeTlogProof({ index, proof: await inclusionProof(index, size, read), checkpoint: await checkpoint(size) })
  const texts = envelopes.map(writeEnvelope)
  const vkey = await writeVerifierKey(origin, raw)
  return {
    vkey,
    origin,
    entries,
    envelopes: texts,
    checkpoint,
    receipt,
    sign,
    bundle: async (indexes, { entries: isWhole = true } = {}) => ({
      format: BUNDLE_FORMAT,
      exportedAt: RECEIVED_AT,
      log: {
        key: vkey,
        checkpoint: await checkpoint(),
        entries: isWhole
          ? Array.from({ length: Math.ceil(entries.length / TILE_WIDTH) }, (_, at) =>
              toBase64(writeEntryBundle(entries.slice(at * TILE_WIDTH, (at + 1) * TILE_WIDTH))),
            )
          : null,
        checkpoints: [await checkpoint(Math.ceil(entries.length / 2))],
      },
      keys: [{ publicKey: toBase64(device.spki) }],
      evidence: await Promise.all(
        indexes.map(async (index) => ({
          envelope: texts[index] ?? '',
          index,
          receivedAt: RECEIVED_AT,
          receipt: await receipt(index, Math.max(index + 1, entries.length - 1)),
          transcript: null,
        })),
      ),
    }),
  }
}

export async function memoryLog(origin: string, device: Device, count: number, from = 0): Promise<MemoryLog> {
  const payloads = Array.from({ length: count }, (_, at) => statementBytes(from + at))
  return createMemoryLog(origin, device, await Promise.all(payloads.map((payload) => signPayload(device, payload))))
}
