/** Device keys: one Ed25519 pair for each server, readable by its owner alone, never written anywhere else. */
import { generateKeyPairSync } from 'node:crypto'
import { chmod, readdir, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { type Bytes, fromBase64, toBase64 } from '#core/evidence/bytes.ts'
import { type PublicKey, readPublicKey, readSigner, type Signer } from '#core/evidence/key.ts'
import { readKeyText } from '#core/evidence/ssh-key.ts'
import { Fault } from '#core/fault.ts'
import { signWithSsh } from '../identity/ssh.ts'
import { isMissing, readText, writeDurably } from './files.ts'

const named = z.object({ id: z.string(), name: z.string() })

const Enrolment = z.object({
  organisation: named,
  person: named,
  /** Bearer token of this device. */
  token: z.string(),
  /** Verifier key of the organisation's log, pinned at enrolment. */
  logKey: z.string(),
  enrolledAt: z.string(),
  /** Of a pipeline's key; absent: until it is revoked. */
  expiresAt: z.string().optional(),
})

const DeviceKey = z.object({
  /** null: made before any server was known; what it signs is signed again with the server's key before it is sent. */
  server: z.string().nullable(),
  name: z.string(),
  keyId: z.string(),
  /** base64 SPKI, or the line of an SSH key */
  publicKey: z.string(),
  /** base64 PKCS#8; null for an SSH key, whose private half is no business of ours. */
  privateKey: z.string().nullable(),
  /** File with the public half of the SSH key, which `ssh-keygen` signs with, by the agent or the file beside it. */
  sshKey: z.string().optional(),
  /** Keys that this one took the place of: what they signed and was logged before stays good. */
  retired: z.array(z.object({ publicKey: z.string(), retiredAt: z.string().nullable() })).optional(),
  createdAt: z.string(),
  /** null: not yet enrolled. */
  enrolment: Enrolment.nullable(),
})
export type DeviceKey = Readonly<z.infer<typeof DeviceKey>>
export type RetiredKey = NonNullable<DeviceKey['retired']>[number]
export type Enrolment = Readonly<z.infer<typeof Enrolment>>

const OWNER_ONLY = 0o600

/** One file a server, named so that a person recognises it and no two servers share one. */
export function keyPath(configurationFolder: string, server: string | null): string {
  const name = server === null ? 'local' : encodeURIComponent(server.replace(/^https:\/\//, ''))
  return join(configurationFolder, 'keys', `${name}.json`)
}

/** null where there is none for this server. Throws configuration-malformed for a file that is not a key. */
export async function readDeviceKey(configurationFolder: string, server: string | null): Promise<DeviceKey | null> {
  const path = keyPath(configurationFolder, server)
  const text = await readText(path)
  if (text === null) return null
  const key = parseKey(text)
  if (key === null) {
    throw new Fault('configuration-malformed', {
      message: `${path} is not a device key.`,
      hint: 'Make a new one: `stemma init --server URL --token TOKEN --new-key`.',
    })
  }
  // A file that was copied or renamed: a token must never reach another server than the one that gave it.
  return key.server === server ? key : null
}

/** Every key of this machine: whom `stemma verify` trusts by itself. */
export async function readAllDeviceKeys(configurationFolder: string): Promise<readonly DeviceKey[]> {
  const folder = join(configurationFolder, 'keys')
  let names: readonly string[]
  try {
    names = await readdir(folder)
  } catch (problem) {
    if (isMissing(problem)) return []
    throw problem
  }
  const texts = await Promise.all(
    names.filter((name) => name.endsWith('.json')).map((name) => readText(join(folder, name))),
  )
  return texts.map((text) => (text === null ? null : parseKey(text))).filter((key) => key !== null)
}

function parseKey(text: string): DeviceKey | null {
  try {
    return DeviceKey.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}

export async function makeDeviceKey(configurationFolder: string, server: string | null, now: Date): Promise<DeviceKey> {
  const key = await newDeviceKey(server, now)
  await storeDeviceKey(configurationFolder, key)
  return key
}

/** Not stored yet. */
export async function newDeviceKey(server: string | null, now: Date): Promise<DeviceKey> {
  const pair = generateKeyPairSync('ed25519')
  const spki = new Uint8Array(pair.publicKey.export({ type: 'spki', format: 'der' }))
  const pkcs8 = new Uint8Array(pair.privateKey.export({ type: 'pkcs8', format: 'der' }))
  const { id } = await readPublicKey(spki)
  return {
    server,
    name: keyName(id),
    keyId: id,
    publicKey: toBase64(spki),
    privateKey: toBase64(pkcs8),
    createdAt: now.toISOString(),
    enrolment: null,
  }
}

/** A machine's name and four digits, by which a person tells the keys of one machine apart. */
export function keyName(id: string): string {
  return `${hostname().split('.')[0] || 'device'}-${id.slice(0, 4)}`.slice(-100)
}

export async function storeDeviceKey(configurationFolder: string, key: DeviceKey): Promise<void> {
  const path = keyPath(configurationFolder, key.server)
  await writeDurably(path, `${JSON.stringify(key, null, 2)}\n`, OWNER_ONLY)
  await chmod(join(configurationFolder, 'keys'), 0o700)
}

export async function signerOf(key: DeviceKey): Promise<Signer> {
  const { sshKey } = key
  if (sshKey !== undefined) return { keyid: key.keyId, sign: (bytes) => signWithSsh(sshKey, bytes) }
  return readSigner(bytesOf(key.privateKey ?? ''), bytesOf(key.publicKey))
}

export async function publicKeyOf(key: DeviceKey): Promise<PublicKey> {
  return readKeyText(key.publicKey)
}

/** Whether nobody but its owner can read the file; Windows has no such bits and relies on the profile folder. */
export async function isKeyPrivate(path: string): Promise<boolean> {
  return process.platform === 'win32' || ((await stat(path)).mode & 0o077) === 0
}

export async function makeKeyPrivate(path: string): Promise<void> {
  await chmod(path, OWNER_ONLY)
}

function bytesOf(text: string): Bytes {
  const bytes = fromBase64(text)
  if (bytes !== null && bytes.length > 0) return bytes
  throw new Fault('configuration-malformed', {
    message: 'The device key is damaged.',
    hint: 'Make a new one: `stemma init --server URL --token TOKEN --new-key`.',
  })
}
