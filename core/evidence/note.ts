/** Signed note (C2SP signed-note): text, an empty line, one line a signature. Checkpoints of logs are written so. */
import { Fault } from '../fault.ts'
import { type Bytes, concatBytes, fromBase64, toBase64, toHex, utf8 } from './bytes.ts'
import { sha256 } from './digest.ts'
import { type PublicKey, readPublicKey, spkiOf, verifySignature } from './key.ts'

/** Signature types in a verifier key (signed-note, "Signature types"): a log's own, and a witness's with its time. */
const ED25519 = 0x01
const ED25519_COSIGNATURE = 0x04
type SignatureType = typeof ED25519 | typeof ED25519_COSIGNATURE
const KEY_ID_BYTES = 4
/** A log signs once and a handful of witnesses countersign; the bound keeps a hostile note cheap. */
const MAX_SIGNATURES = 100

/** What checks a note's signatures: the name and Ed25519 key in a verifier key ("vkey"). */
export interface NoteVerifier {
  readonly name: string
  /** First four bytes of SHA-256(name, LF, type, key). */
  readonly keyId: Bytes
  readonly publicKey: PublicKey
}

export interface NoteSigner {
  readonly name: string
  readonly keyId: Bytes
  /** Ed25519 over the given bytes, 64 bytes. */
  readonly sign: (bytes: Bytes) => Promise<Bytes>
}

export interface Note {
  /** Everything that is signed, its last line feed included. */
  readonly text: string
  readonly signatures: readonly NoteSignature[]
}

interface NoteSignature {
  readonly name: string
  readonly keyId: Bytes
  readonly signature: Bytes
}

/** `key`: the 32 bytes of an Ed25519 public key. */
export function noteKeyId(name: string, key: Bytes): Promise<Bytes> {
  return keyIdOf(name, key, ED25519)
}

/** As `noteKeyId`, of a key that cosigns as a witness. */
export function cosignerKeyId(name: string, key: Bytes): Promise<Bytes> {
  return keyIdOf(name, key, ED25519_COSIGNATURE)
}

async function keyIdOf(name: string, key: Bytes, type: SignatureType): Promise<Bytes> {
  const digest = await sha256(concatBytes(utf8(`${name}\n`), new Uint8Array([type]), key))
  return digest.slice(0, KEY_ID_BYTES)
}

/** `<name>+<key id>+<base64 of type and key>`. Throws TypeError for a name that cannot stand in a note. */
export function writeVerifierKey(name: string, key: Bytes): Promise<string> {
  return writeKey(name, key, ED25519)
}

/** As `writeVerifierKey`, of a key that cosigns as a witness. */
export function writeCosignerKey(name: string, key: Bytes): Promise<string> {
  return writeKey(name, key, ED25519_COSIGNATURE)
}

async function writeKey(name: string, key: Bytes, type: SignatureType): Promise<string> {
  if (!isKeyName(name)) throw new TypeError('a key name is not empty and has neither spaces nor plus signs')
  return `${name}+${toHex(await keyIdOf(name, key, type))}+${toBase64(concatBytes(new Uint8Array([type]), key))}`
}

/** Throws proof-invalid for anything but an Ed25519 verifier key whose key id fits, key-weak for a key of low order. */
export function readVerifierKey(text: string): Promise<NoteVerifier> {
  return readKey(text, ED25519)
}

/** As `readVerifierKey`, of a key that cosigns as a witness. */
export function readCosignerKey(text: string): Promise<NoteVerifier> {
  return readKey(text, ED25519_COSIGNATURE)
}

async function readKey(text: string, type: SignatureType): Promise<NoteVerifier> {
  const [, name, id, encoded] = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(text) ?? []
  const bytes = encoded === undefined ? null : fromBase64(encoded)
  if (
    name === undefined ||
    id === undefined ||
    bytes === null ||
    bytes.length !== 33 ||
    bytes[0] !== type ||
    !isKeyName(name)
  ) {
    throw badKey('it does not have the form name+id+key with an Ed25519 key of the right kind')
  }
  const key = bytes.slice(1)
  const keyId = await keyIdOf(name, key, type)
  if (toHex(keyId) !== id) throw badKey('the key id is not that of the name and the key')
  return { name, keyId, publicKey: await readPublicKey(spkiOf(key)) }
}

/** `text` ends in a line feed. */
export async function signNote(text: string, signer: NoteSigner): Promise<string> {
  if (!isNoteText(text))
    throw new TypeError('a note is well-formed text that ends in a line feed and has no other control characters')
  const signature = await signer.sign(utf8(text))
  return `${text}\n\u2014 ${signer.name} ${toBase64(concatBytes(signer.keyId, signature))}\n`
}

/** null for anything that is not a signed note. Says nothing about the signatures. */
export function readNote(note: string): Note | null {
  const split = note.lastIndexOf('\n\n')
  if (split < 0 || !note.endsWith('\n')) return null
  const text = note.slice(0, split + 1)
  const lines = note.slice(split + 2, -1).split('\n')
  if (!isNoteText(text) || lines.length > MAX_SIGNATURES) return null
  const signatures: NoteSignature[] = []
  for (const line of lines) {
    const signature = readSignatureLine(line)
    if (signature === null) return null
    signatures.push(signature)
  }
  return { text, signatures }
}

function readSignatureLine(line: string): NoteSignature | null {
  const [, name, encoded] = /^\u2014 (\S+) ([A-Za-z0-9+/]+={0,2})$/u.exec(line) ?? []
  const bytes = encoded === undefined ? null : fromBase64(encoded)
  if (name === undefined || !isKeyName(name) || bytes === null || bytes.length <= KEY_ID_BYTES) return null
  if (toBase64(bytes) !== encoded) return null
  return { name, keyId: bytes.slice(0, KEY_ID_BYTES), signature: bytes.slice(KEY_ID_BYTES) }
}

/**
 * Whether this verifier's key signed the note. Signatures by other keys are ignored; one that claims to be by this key
 * and is not makes the note invalid, however many good ones stand beside it (signed-note, "Verifying").
 */
export async function verifyNote(note: Note, verifier: NoteVerifier): Promise<boolean> {
  const own = note.signatures.filter(
    ({ name, keyId }) => name === verifier.name && toHex(keyId) === toHex(verifier.keyId),
  )
  const bytes = utf8(note.text)
  const judged = await Promise.all(own.map(({ signature }) => verifySignature(verifier.publicKey, signature, bytes)))
  return judged.length > 0 && judged.every(Boolean)
}

function isKeyName(name: string): boolean {
  return name.length > 0 && name.isWellFormed() && !/[\s+]/u.test(name)
}

function isNoteText(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here
  return text.endsWith('\n') && text.isWellFormed() && !/[\u0000-\u0009\u000b-\u001f]/.test(text)
}

function badKey(problem: string): Fault {
  return new Fault('proof-invalid', {
    message: `This is not a log's verifier key: ${problem}.`,
    hint: 'Copy the whole line `name+id+key` as the server shows it, or enrol again with `stemma init`.',
  })
}
