/** An append-only log with a real tree and real signatures, a witness of it, and what its server signs by itself. */
import type { ConclusionView } from '#core/api/conclusions.ts'
import { type Bytes, toBase64 } from '#core/evidence/bytes.ts'
import { writeCheckpoint } from '#core/evidence/checkpoint.ts'
import { cosign } from '#core/evidence/cosignature.ts'
import { sha256Hex } from '#core/evidence/digest.ts'
import { preAuthenticationEncoding, STATEMENT_PAYLOAD_TYPE, writeEnvelope } from '#core/evidence/envelope.ts'
import { readSigner } from '#core/evidence/key.ts'
import { writeLogLeaf } from '#core/evidence/log-leaf.ts'
import { growTree, inclusionProof, leafHash, type MerkleNode, readThrough, treeRoot } from '#core/evidence/merkle.ts'
import { cosignerKeyId, noteKeyId, signNote, writeCosignerKey, writeVerifierKey } from '#core/evidence/note.ts'
import { readPlatformStatement } from '#core/evidence/platform-statement.ts'
import { readTilePath, writeEntryBundle } from '#core/evidence/tile.ts'
import { writeTlogProof } from '#core/evidence/tlog-proof.ts'
import { keyPair } from '#test/core/evidence/key-pair.ts'

const LOG_NAME = 'log.example.com/acme'
const WITNESS_NAME = 'witness.example.com'
/** The only time at which this log takes anything in. */
export const LOGGED_AT = '2026-11-22T12:00:00.000Z'

export type TestLog = Awaited<ReturnType<typeof createLog>>

export async function newSigner() {
  const { pkcs8, spki } = keyPair()
  return { spki, raw: spki.slice(-32), ...(await readSigner(pkcs8, spki)) }
}

export async function createLog() {
  const [own, witness, server] = [await newSigner(), await newSigner(), await newSigner()]
  const signer = { name: LOG_NAME, keyId: await noteKeyId(LOG_NAME, own.raw), sign: own.sign }
  const cosigner = {
    name: WITNESS_NAME,
    keyId: await cosignerKeyId(WITNESS_NAME, witness.raw),
    sign: witness.sign,
  }
  const indexes = new Map<string, number>()
  const leaves: Bytes[] = []
  const nodes: MerkleNode[] = []
  const signed: { readonly id: string; readonly envelope: string; readonly predicateType: string }[] = []
  /** Sizes of the trees that the witness cosigned. */
  const cosigned = new Set<number>()
  const read = (level: number, index: number): Bytes =>
    readThrough(nodes, () => {
      throw new RangeError(`no node ${level}/${index}`)
    })(level, index)
  const checkpoint = async (): Promise<string> => {
    const size = leaves.length
    const text = writeCheckpoint({ origin: LOG_NAME, size, root: await treeRoot(size, read) })
    const note = await signNote(text, signer)
    return cosigned.has(size) ? note + (await cosign(text, cosigner, Date.parse(LOGGED_AT) / 1_000)) : note
  }
  const append = async (evidenceId: string, keyId: string, predicateType: string) => {
    const known = indexes.get(evidenceId)
    const index = known ?? indexes.size
    if (known === undefined) {
      const leaf = writeLogLeaf({ evidenceId, keyId, predicateType, receivedAt: LOGGED_AT })
      nodes.push(...(await growTree(index, [await leafHash(leaf)], read)))
      leaves.push(leaf)
      indexes.set(evidenceId, index)
    }
    const proof = await inclusionProof(index, leaves.length, read)
    return { index, receipt: writeTlogProof({ index, proof, checkpoint: await checkpoint() }) }
  }
  return {
    verifierKey: await writeVerifierKey(LOG_NAME, own.raw),
    witnessKey: await writeCosignerKey(WITNESS_NAME, witness.raw),
    /** The witness signs the present tree. */
    cosign: () => cosigned.add(leaves.length),
    /** The server signs and logs something of its own. */
    conclude: async (payload: Bytes) => {
      const predicateType = readPlatformStatement(payload)?.predicateType ?? ''
      const bytes = await server.sign(preAuthenticationEncoding(STATEMENT_PAYLOAD_TYPE, payload))
      const signatures = [{ keyid: server.keyid, bytes }]
      const envelope = writeEnvelope({ payloadType: STATEMENT_PAYLOAD_TYPE, payload, signatures })
      const id = await sha256Hex(payload)
      signed.push({ id, envelope, predicateType })
      await append(id, server.keyid, predicateType)
    },
    conclusions: (): Promise<ConclusionView[]> =>
      Promise.all(
        signed.map(async ({ id, envelope, predicateType }) => {
          const entry = await append(id, server.keyid, predicateType)
          const key = { keyId: server.keyid, publicKey: toBase64(server.spki) }
          return { id, envelope, predicateType, ...key, ...entry, receivedAt: LOGGED_AT }
        }),
      ),
    /** C2SP tlog-tiles, as far as a log with one tile needs it. */
    serve: async (path: string) => {
      if (path === 'checkpoint') return checkpoint()
      const tile = readTilePath(path)
      if (tile === null || tile.index > 0 || tile.width > leaves.length) return null
      if (tile.level === 'entries') return writeEntryBundle(leaves.slice(0, tile.width))
      return Buffer.concat(await Promise.all(leaves.slice(0, tile.width).map(leafHash)))
    },
    append,
  }
}
