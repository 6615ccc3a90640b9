/** A key whose holder has proved who it is: what all ways of enrolling one have in common. */
import type { KeyEnrolled } from '#core/api/evidence.ts'
import type { Pipeline } from '#core/api/identity.ts'
import { fromBase64, toBase64, utf8 } from '#core/evidence/bytes.ts'
import { enrolmentChallenge, type PublicKey } from '#core/evidence/key.ts'
import { isSshKey, readKeyText, sshKeyLine } from '#core/evidence/ssh-key.ts'
import { Fault } from '#core/fault.ts'
import type { Env } from '../env.ts'
import { digestOf, newSecret } from '../secrets.ts'
import type { Database } from '../store/database.ts'
import { addKey, isKeyFree } from '../store/keys.ts'

/** A key of which it is proved that the caller holds it. */
export interface ProvedKey {
  readonly id: string
  /** As it is stored. */
  readonly text: string
}

interface Proof {
  readonly publicKey: string
  readonly proof: string
}

/** The proof is over a secret of this one enrolment, so that none can be used again. Throws key-weak or proof-invalid. */
export async function proveKey(secret: string, { publicKey, proof }: Proof): Promise<ProvedKey> {
  const key = await readKeyText(publicKey)
  await requireProof(key, proof, enrolmentChallenge(await digestOf(secret), key.id))
  return { id: key.id, text: keyText(publicKey, key) }
}

/** One text for one key, however it was sent. */
export function keyText(given: string, key: PublicKey): string {
  return isSshKey(given) ? sshKeyLine(given) : toBase64(key.spki)
}

export async function requireProof(key: PublicKey, proof: string, challenge: string): Promise<void> {
  if (await key.verifies(fromBase64(proof) ?? new Uint8Array(), utf8(challenge))) return
  throw new Fault('proof-invalid', {
    message: 'The proof is not a signature by this key over the challenge of this enrolment.',
    hint: 'Run `stemma login` again: it makes the proof.',
  })
}

export async function requireFreeKey(
  organisation: string,
  database: Database,
  asked: { readonly id: string; readonly person: string },
): Promise<void> {
  if (await isKeyFree(organisation, database, asked)) return
  throw new Fault('conflict', {
    message: "The key is known here as another person's, or as revoked.",
    hint: 'Make and enrol a new key with `stemma login --new-key`.',
  })
}

interface NewEnrolment {
  readonly organisation: { readonly id: string; readonly name: string }
  readonly person: { readonly id: string; readonly name: string }
  readonly key: ProvedKey
  readonly name: string
  readonly now: string
  readonly expiresAt?: string
  readonly pipeline?: Pipeline
}

/** The key is to be free (`requireFreeKey`). */
export async function enrolProved(env: Env, database: Database, enrolment: NewEnrolment): Promise<KeyEnrolled> {
  const { organisation, person, key, name, now, expiresAt = null, pipeline = null } = enrolment
  const device = await newSecret('device')
  await addKey(organisation.id, database, {
    key: { id: key.id, spki: key.text, name, person: person.id, now },
    deviceDigest: device.digest,
    expiresAt,
    pipeline,
  })
  const logKey = await env.EVIDENCE_LOG.getByName(organisation.id).verifierKey()
  return { keyId: key.id, organisation, person, token: device.secret, logKey }
}
