/** A new key takes the place of the old one, which says so itself. */
import { KeyList } from '#core/api/account.ts'
import { KeyEnrolled } from '#core/api/evidence.ts'
import { toBase64, utf8 } from '#core/evidence/bytes.ts'
import { rotationChallenge } from '#core/evidence/key.ts'
import type { Context } from '../context.ts'
import { callApi } from '../io/http.ts'
import { type DeviceKey, newDeviceKey, signerOf } from '../io/keys.ts'
import type { Destination } from '../push/send.ts'
import { keepEnrolled } from './enrolment.ts'

/** Resolves to the new key, stored; the old one's public half stays beside it, with the time at which it ended. */
export async function rotate({ server, key: old, enrolment }: Destination, context: Context): Promise<DeviceKey> {
  const key = await newDeviceKey(server, context.now())
  const challenge = utf8(rotationChallenge(old.keyId, key.keyId))
  const [proof, endorsement] = await Promise.all(
    [key, old].map(async (one) => toBase64(await (await signerOf(one)).sign(challenge))),
  )
  const enrolled = await callApi(server, {
    method: 'POST',
    path: '/v1/keys/rotation',
    token: enrolment.token,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ publicKey: key.publicKey, proof, endorsement, name: key.name }),
    answer: KeyEnrolled,
  })
  // Kept at once: the old key is worth nothing any more. When exactly it ended follows.
  const kept = await keepEnrolled(key, enrolled, { server, context })
  const { items } = await callApi(server, { method: 'GET', path: '/v1/keys', token: enrolled.token, answer: KeyList })
  const retiredAt = items.find(({ id }) => id === old.keyId)?.revokedAt ?? null
  const retired = (kept.retired ?? []).map((one) => (one.publicKey === old.publicKey ? { ...one, retiredAt } : one))
  return keepEnrolled({ ...kept, retired }, enrolled, { server, context })
}
