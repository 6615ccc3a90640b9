/** What `stemma verify` looks at: an envelope with whatever lies beside it, from local state or from files. */
import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { ConclusionView } from '#core/api/conclusions.ts'
import { EvidenceView } from '#core/api/evidence.ts'
import type { Erasure } from '#core/api/retention.ts'
import type { Bytes } from '#core/evidence/bytes.ts'
import type { PublicKey } from '#core/evidence/key.ts'
import { isSshKey, readKeyText } from '#core/evidence/ssh-key.ts'
import { readTlogProof, TLOG_PROOF_HEADER } from '#core/evidence/tlog-proof.ts'
import type { TrustedKey } from '#core/evidence/verify.ts'
import { Fault } from '#core/fault.ts'
import type { Context } from '../context.ts'
import { resolveCommit } from '../io/commits.ts'
import { readErasure } from '../io/erasures.ts'
import { readBytes, readText } from '../io/files.ts'
import { publicKeyOf, type RetiredKey, readAllDeviceKeys } from '../io/keys.ts'
import { listOutgoing, readOutgoing } from '../io/outgoing.ts'
import { listReceipts, readAllReceipts, readReceipt, readSentEnvelope, StoredReceipt } from '../io/receipts.ts'
import { findRepository } from '../io/repository.ts'

export interface Material {
  /** How it was found, for people. */
  readonly source: string
  /** DSSE JSON. */
  readonly envelope: string
  /** Decompressed; null where it is not here. */
  readonly transcript: Bytes | null
  /** What is known of an erasure of the transcript on the server; null where nothing is. */
  readonly erasure: Erasure | null
  /** base64 SPKI beside a conclusion of the platform, believed only where the log's leaf names it. */
  readonly platformKey?: string
  readonly receipt: {
    readonly index: number
    readonly receivedAt: string
    readonly proof: string
  } | null
}

export interface TrustOptions {
  /** base64 SPKI or SSH line of the signer's key, where it is not this machine. */
  readonly key: string | undefined
  /** Verifier key of the log, where this machine is not enrolled with it. */
  readonly logKey: string | undefined
}

export interface LocalTrust {
  readonly keys: readonly TrustedKey[]
  readonly logKeys: readonly string[]
}

/** Keys of this machine, and those that were given. */
export async function trustOf({ key, logKey }: TrustOptions, context: Context): Promise<LocalTrust> {
  const own = await readAllDeviceKeys(context.configurationFolder)
  const given = key === undefined ? [] : [await givenKey(key)]
  return {
    keys: [
      ...given.map(current),
      ...(await Promise.all(own.map(async (one) => current(await publicKeyOf(one))))),
      ...(await Promise.all(own.flatMap(({ retired = [] }) => retired.map(retiredKey)))),
    ],
    logKeys:
      logKey === undefined
        ? own.map(({ enrolment }) => enrolment?.logKey).filter((text) => text !== undefined)
        : [logKey],
  }
}

/** Whether it was revoked is the server's to know; offline there is nothing to compare with. */
function current(publicKey: PublicKey): TrustedKey {
  return { publicKey, revokedAt: null }
}

async function retiredKey({ publicKey, retiredAt }: RetiredKey): Promise<TrustedKey> {
  return { publicKey: await readKeyText(publicKey), revokedAt: retiredAt }
}

async function givenKey(text: string): Promise<PublicKey> {
  if (isSshKey(text) || /^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) return readKeyText(text)
  throw new Fault('request-malformed', {
    message: 'The key is neither base64 nor the line of an SSH key.',
    hint: 'Give the public key as the server lists it: `--key BASE64`.',
  })
}

/** `name`: a file (envelope, answer of the server, receipt), an evidence id or its beginning, or a commit. Throws not-found. */
export async function findMaterial(name: string, context: Context): Promise<readonly Material[]> {
  const path = resolve(context.workingDirectory, name)
  const file = await readBytes(path).catch(() => null)
  if (file !== null) {
    const text = file.toString('utf8')
    const isReceipt = text.startsWith(TLOG_PROOF_HEADER)
    return isReceipt ? fromReceipt(text, context) : [await fromFile(path, text)]
  }
  const repository = await findRepository(context.workingDirectory)
  const { stateDirectory } = repository
  if (/^[0-9a-f]{8,64}$/.test(name)) {
    const ids = [...(await listReceipts(stateDirectory)), ...(await listOutgoing(stateDirectory))]
    const matching = [...new Set(ids)].filter((id) => id.startsWith(name))
    if (matching.length > 0) return fromState(stateDirectory, matching)
  }
  const commit = await resolveCommit(repository, name)
  const ids = commit === null ? [] : await evidenceOf(stateDirectory, commit)
  if (ids.length > 0) return fromState(stateDirectory, ids)
  throw new Fault('not-found', {
    message:
      commit === null
        ? `There is no file, evidence or commit ${name}.`
        : `No evidence of this machine names commit ${commit}.`,
    hint: 'Name a file, or an id from `stemma push --json`; see what there is with `stemma status`.',
  })
}

async function evidenceOf(stateDirectory: string, commit: string): Promise<readonly string[]> {
  const receipts = await readAllReceipts(stateDirectory)
  const ids = await listOutgoing(stateDirectory)
  const waiting = (await Promise.all(ids.map((id) => readOutgoing(stateDirectory, id)))).filter((one) => one !== null)
  const notes = [...receipts.map((receipt) => receipt.notes), ...waiting.map((evidence) => evidence.notes)]
  return [...new Set(notes.filter(({ commits }) => commits.includes(commit)).map(({ id }) => id))]
}

async function fromState(stateDirectory: string, ids: readonly string[]): Promise<readonly Material[]> {
  const found = await Promise.all(
    ids.map(async (id): Promise<Material | null> => {
      const waiting = await readOutgoing(stateDirectory, id)
      if (waiting !== null) {
        const transcript = waiting.transcript === null ? null : new Uint8Array(gunzipSync(waiting.transcript))
        return { source: `${id} (not yet sent)`, envelope: waiting.envelope, transcript, erasure: null, receipt: null }
      }
      const [receipt, envelope] = await Promise.all([
        readReceipt(stateDirectory, id),
        readSentEnvelope(stateDirectory, id),
      ])
      if (receipt === null || envelope === null) return null
      return { ...materialOf(receipt, envelope), erasure: await readErasure(stateDirectory, id) }
    }),
  )
  return found.filter((material) => material !== null)
}

/** A receipt by itself says neither what it is for nor when that was logged: the machine's own receipt of the same leaf does. */
async function fromReceipt(text: string, context: Context): Promise<readonly Material[]> {
  const { stateDirectory } = await findRepository(context.workingDirectory)
  const proof = readTlogProof(text)
  const origin = originOf(proof?.checkpoint)
  const stored = (await readAllReceipts(stateDirectory)).find(
    ({ index, receipt }) => index === proof?.index && originOf(readTlogProof(receipt)?.checkpoint) === origin,
  )
  const envelope = stored === undefined ? null : await readSentEnvelope(stateDirectory, stored.notes.id)
  if (proof === null || stored === undefined || envelope === null) {
    throw new Fault(proof === null ? 'proof-invalid' : 'not-found', {
      message:
        proof === null ? 'This is not a receipt.' : `No evidence of this machine is leaf ${proof.index} of ${origin}.`,
      hint: 'Check the evidence itself, `stemma verify ID`, or a bundle that holds both, `stemma verify bundle.json`.',
    })
  }
  return [
    { ...materialOf(stored, envelope), receipt: { index: proof.index, receivedAt: stored.receivedAt, proof: text } },
  ]
}

function originOf(checkpoint: string | undefined): string | undefined {
  return checkpoint?.split('\n', 1)[0]
}

function materialOf({ notes, index, receivedAt, receipt: proof }: StoredReceipt, envelope: string): Material {
  return { source: notes.id, envelope, transcript: null, erasure: null, receipt: { index, receivedAt, proof } }
}

/** An envelope by itself, or what `GET /v1/evidence/{id}` or `GET /v1/conclusions/{id}` answers. A transcript beside it is taken along. */
async function fromFile(path: string, text: string): Promise<Material> {
  const conclusion = ConclusionView.safeParse(parse(text)).data
  if (conclusion !== undefined) {
    const { envelope, index, receivedAt, receipt: proof, publicKey: platformKey } = conclusion
    const receipt = { index, receivedAt, proof }
    return { source: path, envelope, transcript: null, erasure: null, platformKey, receipt }
  }
  const view = EvidenceView.safeParse(parse(text))
  const beside = await transcriptBeside(path)
  const stored = StoredReceipt.safeParse(parse(text)).data
  const sent = stored === undefined ? null : await readText(path.replace(/\.json$/, '.envelope.json'))
  if (stored !== undefined && sent !== null) return { ...materialOf(stored, sent), source: path }
  if (!view.success) return { source: path, envelope: text, transcript: beside, erasure: null, receipt: null }
  const { envelope, index, receivedAt, receipt, erasure = null } = view.data
  return { source: path, envelope, transcript: beside, erasure, receipt: { index, receivedAt, proof: receipt } }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** `transcript.jsonl`, plain or compressed, in the folder of the file, as the outgoing spool lays it. */
async function transcriptBeside(path: string): Promise<Bytes | null> {
  const folder = join(path, '..')
  const names = await readdir(folder)
  const name = ['transcript.jsonl', 'transcript.jsonl.gz'].find((candidate) => names.includes(candidate))
  return name === undefined ? null : readTranscriptFile(join(folder, name))
}

export async function readTranscriptFile(path: string): Promise<Bytes | null> {
  const bytes = await readBytes(path)
  if (bytes === null) return null
  return new Uint8Array(path.endsWith('.gz') ? gunzipSync(bytes) : bytes)
}
