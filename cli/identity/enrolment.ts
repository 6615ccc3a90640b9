/** What all ways of enrolling a key have in common: which key, its proof, and what is kept of the answer. */
import type { KeyEnrolled } from '#core/api/evidence.ts'
import { toBase64, utf8 } from '#core/evidence/bytes.ts'
import { sha256Hex } from '#core/evidence/digest.ts'
import { enrolmentChallenge } from '#core/evidence/key.ts'
import { readVerifierKey } from '#core/evidence/note.ts'
import { Fault } from '#core/fault.ts'
import type { Context } from '../context.ts'
import {
  type DeviceKey,
  keyName,
  newDeviceKey,
  type RetiredKey,
  readDeviceKey,
  signerOf,
  storeDeviceKey,
} from '../io/keys.ts'
import { readSshPublicKey } from './ssh.ts'

export interface KeyChoice {
  readonly server: string
  /** Give up the present key for this server. */
  readonly newKey: boolean
  /** File of an SSH key that is to sign; undefined: a key of the machine's own. */
  readonly sshKey: string | undefined
}

/** The key that is to be enrolled; a new one is not stored before the server has taken it, so that a refusal loses none. */
export async function keyToEnrol({ server, newKey, sshKey }: KeyChoice, context: Context): Promise<DeviceKey> {
  const present = await readDeviceKey(context.configurationFolder, server)
  if (sshKey !== undefined) {
    const { file, id, line } = await readSshPublicKey(sshKey, context.workingDirectory)
    const createdAt = context.now().toISOString()
    const name = keyName(id)
    return { server, name, keyId: id, publicKey: line, privateKey: null, sshKey: file, createdAt, enrolment: null }
  }
  const isReusable = present !== null && present.privateKey !== null && !newKey
  return isReusable ? present : newDeviceKey(server, context.now())
}

/** Proof of possession; `secret`: what the server knows this enrolment by. */
export async function proofOf(key: DeviceKey, secret: string): Promise<string> {
  const signer = await signerOf(key)
  const challenge = enrolmentChallenge(await sha256Hex(utf8(secret)), key.keyId)
  return toBase64(await signer.sign(utf8(challenge)))
}

interface Answer extends KeyEnrolled {
  readonly expiresAt?: string
}

/** Keeps the enrolled key in the place of the present one, which stays known for what it signed. */
export async function keepEnrolled(
  key: DeviceKey,
  enrolled: Answer,
  {
    server,
    context,
    retiredAt = null,
  }: { readonly server: string; readonly context: Context; readonly retiredAt?: string | null },
): Promise<DeviceKey> {
  if (enrolled.keyId !== key.keyId) {
    throw new Fault('proof-invalid', {
      message: `${server} enrolled another key than the one it was given.`,
      hint: 'Do not trust this address; ask who runs it, then `stemma login --server URL`.',
    })
  }
  // Throws here rather than at the first receipt.
  await readVerifierKey(enrolled.logKey)
  const { organisation, person, logKey, token, expiresAt } = enrolled
  const present = await readDeviceKey(context.configurationFolder, server)
  const stored: DeviceKey = {
    ...key,
    retired: retiredKeys(present, key, retiredAt),
    enrolment: {
      organisation,
      person,
      token,
      logKey,
      enrolledAt: context.now().toISOString(),
      ...(expiresAt === undefined ? {} : { expiresAt }),
    },
  }
  await storeDeviceKey(context.configurationFolder, stored)
  return stored
}

function retiredKeys(present: DeviceKey | null, key: DeviceKey, retiredAt: string | null): RetiredKey[] {
  if (present === null) return []
  const before = present.retired ?? []
  return present.keyId === key.keyId
    ? [...(key.retired ?? before)]
    : [...before, { publicKey: present.publicKey, retiredAt }]
}
