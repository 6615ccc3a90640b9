/** The key under which the organisation's devices digest attributed lines: made when it is first asked for. */
import { createRoute } from '@hono/zod-openapi'
import { LineKey, lineKeyId } from '#core/attribution/line-digests.ts'
import { fromBase64, toBase64 } from '#core/evidence/bytes.ts'
import { Fault } from '#core/fault.ts'
import { createRouter } from '../context.ts'
import { authenticate } from '../middleware/authenticate.ts'
import { openDatabase } from '../store/database.ts'
import { lineKeyOf } from '../store/line-keys.ts'
import { bearer, credentialProblems, json, problems } from './responses.ts'

const readKey = createRoute({
  method: 'get',
  path: '/v1/line-key',
  summary: "The organisation's key for digests of lines (enrolled devices)",
  description:
    'With it a device makes the `lineDigests` of its statements, by which the lines of a squashed or rebased commit are found again. Who has it can try whether a line that they guess is in the evidence, and nothing more.',
  security: bearer,
  middleware: [authenticate] as const,
  responses: { 200: json('The key.', LineKey), ...problems(...credentialProblems) },
})

export const lineKey = createRouter().openapi(readKey, async (context) => {
  const { organisation, kind } = context.get('principal')
  if (kind !== 'device') {
    throw new Fault('credential-insufficient', {
      message: 'Only an enrolled device is given the key for digests of lines.',
      hint: 'Enrol this machine: `stemma init --server URL --token TOKEN`.',
    })
  }
  const fresh = toBase64(crypto.getRandomValues(new Uint8Array(32)))
  const key = await lineKeyOf(organisation.id, openDatabase(context.env.DB), { fresh, now: new Date().toISOString() })
  const bytes = fromBase64(key)
  if (bytes === null) throw new Error(`the line key of ${organisation.id} is not base64`)
  context.header('cache-control', 'no-store')
  return context.json({ id: await lineKeyId(bytes), key }, 200)
})
