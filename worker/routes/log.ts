/** `GET /v1/log`: the latest signed checkpoint, so that anyone of the organisation can hold the log to it. */
import { createRoute } from '@hono/zod-openapi'
import { LogView } from '#core/api/evidence.ts'
import { createRouter } from '../context.ts'
import { authenticate } from '../middleware/authenticate.ts'
import { bearer, credentialProblems, json, problems } from './responses.ts'

const readLog = createRoute({
  method: 'get',
  path: '/v1/log',
  summary: "The latest checkpoint of the organisation's log, and the key that verifies it",
  security: bearer,
  middleware: [authenticate] as const,
  responses: { 200: json('The checkpoint.', LogView), ...problems(...credentialProblems) },
})

export const log = createRouter().openapi(readLog, async (context) => {
  const object = context.env.EVIDENCE_LOG.getByName(context.get('principal').organisation.id)
  const [{ size, root, note }, logKey] = await Promise.all([object.checkpoint(), object.verifierKey()])
  return context.json({ size, root, checkpoint: note, logKey }, 200)
})
