/** Whether the parts of the platform answer. */
import { createRoute } from '@hono/zod-openapi'
import { Health } from '#core/api/health.ts'
import { createRouter } from '../context.ts'
import { json } from './responses.ts'

const readHealth = createRoute({
  method: 'get',
  path: '/healthz',
  summary: 'Whether database, bucket and log answer',
  responses: { 200: json('All parts answer.', Health), 503: json('A part does not answer.', Health) },
})

export const health = createRouter().openapi(readHealth, async (context) => {
  const { DB, BLOBS, EVIDENCE_LOG } = context.env
  const [database, bucket, log] = await Promise.all([
    stateOf(() => DB.prepare('select 1').first()),
    stateOf(() => BLOBS.head('healthz')),
    stateOf(() => EVIDENCE_LOG.getByName('healthz').checkpoint()),
  ])
  const isWell = [database, bucket, log].every((state) => state === 'ok')
  return context.json({ status: isWell ? 'ok' : 'unreachable', database, bucket, log }, isWell ? 200 : 503)
})

async function stateOf(ask: () => Promise<unknown>): Promise<'ok' | 'unreachable'> {
  try {
    await ask()
    return 'ok'
  } catch {
    return 'unreachable'
  }
}
