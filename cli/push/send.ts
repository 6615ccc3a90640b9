/** Outgoing spool -> server -> receipts. Evidence leaves the spool only after its receipt is checked and durable. */
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { BlobStored, EvidenceAccepted, MAX_COMPRESSION_RATIO } from '#core/api/evidence.ts'
import type { Bytes } from '#core/evidence/bytes.ts'
import { sha256Hex } from '#core/evidence/digest.ts'
import { preAuthenticationEncoding, readEnvelope, writeEnvelope } from '#core/evidence/envelope.ts'
import { writeLogLeaf } from '#core/evidence/log-leaf.ts'
import { readVerifierKey } from '#core/evidence/note.ts'
import { AI_CONFIG_PREDICATE } from '#core/evidence/statement.ts'
import { verifyTlogProof } from '#core/evidence/tlog-proof.ts'
import { Fault, isFault } from '#core/fault.ts'
import { SESSION_MEDIA_TYPE } from '#core/session/session.ts'
import { noteErasure } from '../io/erasures.ts'
import { writeDurably } from '../io/files.ts'
import { callApi } from '../io/http.ts'
import { type DeviceKey, type Enrolment, signerOf } from '../io/keys.ts'
import {
  type EvidenceNotes,
  listOutgoing,
  type OutgoingEvidence,
  outgoingFolder,
  readOutgoing,
  readOutgoingNotes,
  removeOutgoing,
  replaceEnvelope,
} from '../io/outgoing.ts'
import { readReceipt, type StoredReceipt, storeReceipt } from '../io/receipts.ts'

export interface Destination {
  readonly server: string
  readonly key: DeviceKey
  readonly enrolment: Enrolment
}

interface Failed {
  readonly id: string
  readonly session: string | null
  readonly fault: Fault
}

export interface Delivery {
  readonly sent: readonly StoredReceipt[]
  /** Refused by the server; they stay on the spool. */
  readonly failed: readonly Failed[]
  /** Why nothing more was tried; null where everything was. */
  readonly stopped: Fault | null
}

interface SendOptions {
  readonly now: () => Date
  /** Ends all requests together. */
  readonly signal: AbortSignal
}

/** Sends everything on the spool. A server that does not answer ends the attempt, a refusal only that piece of evidence. */
export async function sendOutgoing(
  stateDirectory: string,
  destination: Destination,
  options: SendOptions,
): Promise<Delivery> {
  const { signal } = options
  const sent: StoredReceipt[] = []
  const failed: Failed[] = []
  for (const id of await configurationsFirst(stateDirectory, await listOutgoing(stateDirectory))) {
    const evidence = await readOutgoing(stateDirectory, id)
    if (evidence === null) continue
    try {
      sent.push(await sendOne(stateDirectory, evidence, { destination, signal }))
    } catch (problem) {
      if (!isFault(problem)) throw problem
      await noteProblem(stateDirectory, evidence, problem, options.now())
      if (problem.exit === 3 || isAboutCredential(problem)) return { sent, failed, stopped: problem }
      failed.push({ id, session: evidence.notes.session, fault: problem })
    }
  }
  return { sent, failed, stopped: null }
}

/** Sessions are judged under the configuration that is there when they arrive. */
async function configurationsFirst(stateDirectory: string, ids: readonly string[]): Promise<readonly string[]> {
  const notes = await Promise.all(ids.map((id) => readOutgoingNotes(stateDirectory, id)))
  const rank = notes.map((one) => (one?.predicateType === AI_CONFIG_PREDICATE ? 0 : 1))
  const at = (id: string) => notes[ids.indexOf(id)]?.createdAt ?? ''
  const [first, rest] = [0, 1].map((wanted) => ids.filter((_, index) => rank[index] === wanted))
  // Several that waited for a server come in the order in which they were in force.
  return [...(first ?? []).toSorted((left, right) => (at(left) < at(right) ? -1 : 1)), ...(rest ?? [])]
}

function isAboutCredential({ code }: Fault): boolean {
  return code === 'credential-invalid' || code === 'credential-missing' || code === 'credential-insufficient'
}

async function sendOne(
  stateDirectory: string,
  evidence: OutgoingEvidence,
  { destination, signal }: { readonly destination: Destination; readonly signal: AbortSignal },
): Promise<StoredReceipt> {
  const { notes, transcript } = evidence
  const known = await readReceipt(stateDirectory, notes.id)
  if (known !== null && known.server === destination.server) {
    // A crash came between the receipt and the removal.
    await removeOutgoing(stateDirectory, notes.id)
    return known
  }
  const { server, key, enrolment } = destination
  const envelope = await signedBy(stateDirectory, evidence, key)
  if (transcript !== null && notes.transcript !== null) {
    await unlessErased(() =>
      callApi(server, {
        method: 'PUT',
        path: `/v1/blobs/${notes.transcript}`,
        token: enrolment.token,
        ...transferOf(transcript),
        answer: BlobStored,
        signal,
      }),
    )
  }
  const accepted = await callApi(server, {
    method: 'POST',
    path: '/v1/evidence',
    token: enrolment.token,
    headers: { 'content-type': 'application/json' },
    body: envelope,
    answer: EvidenceAccepted,
    signal,
  })
  await checkReceipt(accepted, { notes, keyId: key.keyId, logKey: enrolment.logKey })
  const { index, receivedAt, receipt, links } = accepted
  const stored: StoredReceipt = { notes, server, keyId: key.keyId, index, receivedAt, receipt, links }
  await storeReceipt(stateDirectory, stored, envelope)
  if (accepted.erasure != null) await noteErasure(stateDirectory, notes.id, accepted.erasure)
  await removeOutgoing(stateDirectory, notes.id)
  return stored
}

/** A transcript that was erased on the server is settled: it stays away, and the evidence that names it goes on. */
async function unlessErased(upload: () => Promise<unknown>): Promise<void> {
  try {
    await upload()
  } catch (problem) {
    if (!isFault(problem) || problem.code !== 'transcript-erased') throw problem
  }
}

/** Compressed, but for a transcript so repetitive that the server would take it for a bomb. */
function transferOf(compressed: Bytes): { readonly headers: Readonly<Record<string, string>>; readonly body: Bytes } {
  const type = { 'content-type': SESSION_MEDIA_TYPE }
  return lengthIn(compressed) > compressed.length * MAX_COMPRESSION_RATIO
    ? { headers: type, body: new Uint8Array(gunzipSync(compressed)) }
    : { headers: { ...type, 'content-encoding': 'gzip' }, body: compressed }
}

/** Bytes before compression, as the end of a gzip stream tells them (RFC 1952, ISIZE); transcripts are far below 4 GB. */
function lengthIn(compressed: Bytes): number {
  return new DataView(compressed.buffer, compressed.byteOffset, compressed.length).getUint32(
    compressed.length - 4,
    true,
  )
}

/** The envelope with a signature of this destination's key: evidence may have been signed before the key was enrolled. */
async function signedBy(stateDirectory: string, evidence: OutgoingEvidence, key: DeviceKey): Promise<string> {
  const envelope = readEnvelope(evidence.envelope)
  if ((await sha256Hex(envelope.payload)) !== evidence.notes.id) {
    throw new Fault('digest-mismatch', {
      message: `The evidence on the spool is not what was put there (${evidence.notes.id}).`,
      hint: `Look at it in ${join(outgoingFolder(stateDirectory), evidence.notes.id)}, then \`stemma doctor\`.`,
    })
  }
  if (envelope.signatures.some(({ keyid }) => keyid === key.keyId)) return evidence.envelope
  const text = writeEnvelope({ ...envelope, signatures: [await signatureOf(envelope, key)] })
  await replaceEnvelope(stateDirectory, evidence.notes.id, text)
  return text
}

async function signatureOf(envelope: { readonly payloadType: string; readonly payload: Bytes }, key: DeviceKey) {
  const signer = await signerOf(key)
  const bytes = await signer.sign(preAuthenticationEncoding(envelope.payloadType, envelope.payload))
  return { keyid: signer.keyid, bytes }
}

/** Throws proof-invalid: what no valid receipt acknowledges has not been acknowledged. */
async function checkReceipt(
  { id, index, receivedAt, receipt }: Pick<EvidenceAccepted, 'id' | 'index' | 'receivedAt' | 'receipt'>,
  { notes, keyId, logKey }: { readonly notes: EvidenceNotes; readonly keyId: string; readonly logKey: string },
): Promise<void> {
  const leaf = writeLogLeaf({ evidenceId: notes.id, predicateType: notes.predicateType, keyId, receivedAt })
  const verdict = await verifyTlogProof(receipt, leaf, await readVerifierKey(logKey))
  if (verdict.verified && verdict.index === index && id === notes.id) return
  throw new Fault('proof-invalid', {
    message: `The server's receipt does not verify: ${verdict.verified ? 'it is for other evidence' : verdict.message}.`,
    hint: 'The evidence is kept and tried again at the next push. Tell whoever runs the server, and show them `stemma doctor`.',
  })
}

/** Beside the evidence, for `stemma status`. */
async function noteProblem(stateDirectory: string, { notes }: OutgoingEvidence, fault: Fault, at: Date): Promise<void> {
  const problem = { at: at.toISOString(), code: fault.code, message: fault.message, hint: fault.hint }
  await writeDurably(join(outgoingFolder(stateDirectory), notes.id, 'problem.json'), JSON.stringify(problem))
}
