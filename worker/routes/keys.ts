/** Keys of devices: enrol, list, revoke. */
import { createRoute, z } from '@hono/zod-openapi'
import { EnrolledKey, KeyList } from '#core/api/account.ts'
import { KeyEnrolled, KeyEnrolment } from '#core/api/evidence.ts'
import { KeyRotation } from '#core/api/identity.ts'
import { rotationChallenge } from '#core/evidence/key.ts'
import { readKeyText } from '#core/evidence/ssh-key.ts'
import { Fault } from '#core/fault.ts'
import { createRouter } from '../context.ts'
import { keyText, proveKey, requireFreeKey, requireProof } from '../identity/enrol.ts'
import { authenticate, authenticateEnrolment, bearerOf, forgetCredentials } from '../middleware/authenticate.ts'
import { jsonBody } from '../middleware/json-body.ts'
import { limitAttempts } from '../middleware/limit-attempts.ts'
import { digestOf, newSecret } from '../secrets.ts'
import { enrolKey } from '../store/credentials.ts'
import { openDatabase } from '../store/database.ts'
import { endKeys } from '../store/end-keys.ts'
import { candidateKeys, listKeys, replaceKey, revokeKey } from '../store/keys.ts'
import { forgetKeys } from '../trust.ts'
import { bearer, credentialProblems, json, jsonRequest, problems } from './responses.ts'

const enrol = createRoute({
  method: 'post',
  path: '/v1/keys',
  summary: 'Enrol the key of a machine (credential: an enrolment token, which is used up)',
  security: bearer,
  middleware: [limitAttempts, authenticateEnrolment, jsonBody] as const,
  request: { body: jsonRequest(KeyEnrolment) },
  responses: {
    201: json('The key is enrolled; the token of the device is shown once.', KeyEnrolled),
    ...problems('request-malformed', 'key-weak', 'proof-invalid', ...credentialProblems, 'conflict', 'rate-limited'),
  },
})

const list = createRoute({
  method: 'get',
  path: '/v1/keys',
  summary: 'All keys of the organisation, revoked ones included',
  security: bearer,
  middleware: [authenticate] as const,
  responses: { 200: json('The keys, oldest first.', KeyList), ...problems(...credentialProblems) },
})

const rotate = createRoute({
  method: 'post',
  path: '/v1/keys/rotation',
  summary:
    "Put a new key in the place of a machine's own (credential: the token of the device, which ends with its key)",
  description: 'Both keys sign. Evidence by the old key that was logged before stays valid; later one is refused.',
  security: bearer,
  middleware: [limitAttempts, authenticate, jsonBody] as const,
  request: { body: jsonRequest(KeyRotation) },
  responses: {
    201: json('The new key is enrolled and the old one revoked.', KeyEnrolled),
    ...problems('request-malformed', 'key-weak', 'proof-invalid', ...credentialProblems, 'conflict', 'rate-limited'),
  },
})

const revoke = createRoute({
  method: 'delete',
  path: '/v1/keys/{id}',
  summary: 'Revoke a key: one of your own, or any as administrator',
  description:
    'Evidence that was logged before stays valid. The log takes nothing more by the key, and holds a signed word of its end; its tokens end everywhere within 5 seconds.',
  security: bearer,
  middleware: [authenticate] as const,
  request: { params: z.object({ id: z.string() }) },
  responses: { 200: json('The revoked key.', EnrolledKey), ...problems(...credentialProblems, 'not-found') },
})

export const keys = createRouter()
  .openapi(enrol, async (context) => {
    const { publicKey, proof, name } = context.req.valid('json')
    const { organisation, person } = context.get('principal')
    const token = bearerOf(context) ?? ''
    const digest = await digestOf(token)
    const key = await proveKey(token, { publicKey, proof })
    const device = await newSecret('device')
    const outcome = await enrolKey(organisation.id, openDatabase(context.env.DB), {
      person: person.id,
      digest,
      key: { id: key.id, spki: key.text, name },
      deviceDigest: device.digest,
      now: new Date().toISOString(),
    })
    if (outcome === 'taken') {
      throw new Fault('conflict', {
        message: "The key is known here as another person's, or as revoked.",
        hint: 'Make and enrol a new key with `stemma init --new-key --token TOKEN`.',
      })
    }
    if (outcome === 'used') {
      throw new Fault('credential-invalid', {
        message: 'The enrolment token was used in the meantime.',
        hint: 'Ask an administrator for a new enrolment token, then run `stemma init --token TOKEN`.',
      })
    }
    const logKey = await context.env.EVIDENCE_LOG.getByName(organisation.id).verifierKey()
    return context.json({ keyId: key.id, organisation, person, token: device.secret, logKey }, 201)
  })
  .openapi(list, async (context) => {
    const { organisation } = context.get('principal')
    return context.json({ items: [...(await listKeys(organisation.id, openDatabase(context.env.DB)))] }, 200)
  })
  .openapi(rotate, async (context) => {
    const { publicKey, proof, endorsement, name } = context.req.valid('json')
    const { organisation, person, kind, keyId } = context.get('principal')
    const database = openDatabase(context.env.DB)
    const candidates =
      keyId === null ? [] : await candidateKeys(organisation.id, database, { ids: [keyId], person: person.id })
    const old = candidates.find(({ id }) => id === keyId)
    if (kind !== 'device' || old === undefined || old.pipeline !== null) {
      throw new Fault('credential-insufficient', {
        message: 'Only a machine with a key of its own puts a new one in its place.',
        hint: 'Enrol a key on this machine with `stemma login`.',
      })
    }
    const key = await readKeyText(publicKey)
    if (key.id === old.id) throw sameKey()
    const challenge = rotationChallenge(old.id, key.id)
    await requireProof(key, proof, challenge)
    await requireProof(await readKeyText(old.spki), endorsement, challenge)
    await requireFreeKey(organisation.id, database, { id: key.id, person: person.id })
    const device = await newSecret('device')
    const outcome = await replaceKey(organisation.id, database, {
      old: old.id,
      key: { id: key.id, spki: keyText(publicKey, key), name, person: person.id, now: new Date().toISOString() },
      deviceDigest: device.digest,
    })
    if (outcome === 'gone') {
      throw new Fault('conflict', {
        message: 'The key that was to be replaced was revoked meanwhile.',
        hint: 'Enrol a new key with `stemma login --new-key`.',
      })
    }
    forgetCredentials()
    forgetKeys()
    await endKeys(organisation.id, context.env, { database, now: new Date().toISOString() })
    const logKey = await context.env.EVIDENCE_LOG.getByName(organisation.id).verifierKey()
    return context.json({ keyId: key.id, organisation, person, token: device.secret, logKey }, 201)
  })
  .openapi(revoke, async (context) => {
    const { organisation, person, role } = context.get('principal')
    const key = await revokeKey(organisation.id, openDatabase(context.env.DB), {
      id: context.req.valid('param').id,
      person: role === 'administrator' ? null : person.id,
      now: new Date().toISOString(),
    })
    if (key === null) {
      throw new Fault('not-found', {
        message: 'You have no such key.',
        hint: 'List the keys with `GET /v1/keys`; only an administrator revokes those of others.',
      })
    }
    forgetCredentials()
    forgetKeys()
    await endKeys(organisation.id, context.env, {
      database: openDatabase(context.env.DB),
      now: new Date().toISOString(),
    })
    return context.json(key, 200)
  })

function sameKey(): Fault {
  return new Fault('conflict', {
    message: 'The new key is the old one.',
    hint: 'Make a new one with `stemma keys rotate`.',
  })
}
