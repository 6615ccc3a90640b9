/** Enrolment: a device key is made, and the server learns its public half against a token that works once. */
import { KeyEnrolled } from '#core/api/evidence.ts'
import { toBase64, utf8 } from '#core/evidence/bytes.ts'
import { sha256Hex } from '#core/evidence/digest.ts'
import { enrolmentChallenge } from '#core/evidence/key.ts'
import { readVerifierKey } from '#core/evidence/note.ts'
import { Fault } from '#core/fault.ts'
import type { Context } from '../context.ts'
import { callApi } from '../io/http.ts'
import { type DeviceKey, makeDeviceKey, readDeviceKey, signerOf, storeDeviceKey } from '../io/keys.ts'

interface EnrolmentRequest {
  readonly server: string
  readonly token: string
  /** Give up the present key for this server. Evidence that it signed stays valid; what waits is signed again. */
  readonly newKey: boolean
}

/** Resolves to the enrolled key, stored. The key is stored before it is enrolled, so that a lost answer loses nothing. */
export async function enrol(context: Context, { server, token, newKey }: EnrolmentRequest): Promise<DeviceKey> {
  const present = newKey ? null : await readDeviceKey(context.configurationFolder, server)
  const key = present ?? (await makeDeviceKey(context.configurationFolder, server, context.now()))
  const signer = await signerOf(key)
  const challenge = enrolmentChallenge(await sha256Hex(utf8(token)), key.keyId)
  const enrolled = await callApi(server, {
    method: 'POST',
    path: '/v1/keys',
    token,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      publicKey: key.publicKey,
      proof: toBase64(await signer.sign(utf8(challenge))),
      name: key.name,
    }),
    answer: KeyEnrolled,
  })
  if (enrolled.keyId !== key.keyId) {
    throw new Fault('proof-invalid', {
      message: `${server} enrolled another key than the one it was given.`,
      hint: 'Do not trust this address; ask who runs it, then `stemma init --server URL --token TOKEN`.',
    })
  }
  // Throws here rather than at the first receipt.
  await readVerifierKey(enrolled.logKey)
  const { organisation, person, logKey } = enrolled
  const stored: DeviceKey = {
    ...key,
    enrolment: { organisation, person, token: enrolled.token, logKey, enrolledAt: context.now().toISOString() },
  }
  await storeDeviceKey(context.configurationFolder, stored)
  return stored
}
