/** Enrolment: a device key is made, and the server learns its public half against a token that works once. */
import { KeyEnrolled } from '#core/api/evidence.ts'
import type { Context } from '../context.ts'
import { type KeyChoice, keepEnrolled, keyToEnrol, proofOf } from '../identity/enrolment.ts'
import { callApi } from '../io/http.ts'
import { type DeviceKey, readDeviceKey, storeDeviceKey } from '../io/keys.ts'

interface EnrolmentRequest extends Omit<KeyChoice, 'sshKey'> {
  readonly token: string
  readonly sshKey?: string
}

/**
 * Resolves to the enrolled key, stored. Where there was none before, it is stored before it is enrolled, so that a lost
 * answer loses nothing.
 */
export async function enrol(context: Context, { server, token, newKey, sshKey }: EnrolmentRequest): Promise<DeviceKey> {
  const key = await keyToEnrol({ server, newKey, sshKey }, context)
  const present = await readDeviceKey(context.configurationFolder, server)
  if (present === null) await storeDeviceKey(context.configurationFolder, key)
  const enrolled = await callApi(server, {
    method: 'POST',
    path: '/v1/keys',
    token,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ publicKey: key.publicKey, proof: await proofOf(key, token), name: key.name }),
    answer: KeyEnrolled,
  })
  return keepEnrolled(key, enrolled, { server, context })
}
