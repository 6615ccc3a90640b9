/** What the contract says of evidence that was just sent, for a strict push, which waits for it; and what was said before. */
import { createRoute, z } from '@hono/zod-openapi'
import { EvidenceVerdicts, MAX_VERDICT_WAIT, VerdictHistory } from '#core/api/verdicts.ts'
import { Fault } from '#core/fault.ts'
import { createRouter } from '../context.ts'
import { authenticate } from '../middleware/authenticate.ts'
import { openDatabase } from '../store/database.ts'
import { readEvidenceVerdicts } from '../store/evidence-verdicts.ts'
import { verdictHistory } from '../store/verdict-history.ts'
import { bearer, credentialProblems, json, problems } from './responses.ts'

/** Indexing takes some hundred milliseconds; asking more often would only make it slower. */
const POLL_MILLISECONDS = 200

const read = createRoute({
  method: 'get',
  path: '/v1/evidence/{id}/verdicts',
  summary: 'What the contract in force says of evidence, waiting for it for some seconds',
  security: bearer,
  middleware: [authenticate] as const,
  request: {
    params: z.object({ id: z.string() }),
    query: z.object({ wait: z.coerce.number().min(0).max(MAX_VERDICT_WAIT).default(0) }),
  },
  responses: {
    200: json('What is known by then; `state` tells whether it has been judged.', EvidenceVerdicts),
    ...problems('request-malformed', ...credentialProblems, 'not-found'),
  },
})

const history = createRoute({
  method: 'get',
  path: '/v1/sessions/{id}/verdict-history',
  summary: 'Every verdict that was reached on a session, with the versions of rule and contract that reached it',
  security: bearer,
  middleware: [authenticate] as const,
  request: {
    params: z.object({ id: z.string() }),
    query: z.object({ policy: z.string().max(100).optional() }),
  },
  responses: {
    200: json('By policy, the newest first.', VerdictHistory),
    ...problems('request-malformed', ...credentialProblems, 'not-found'),
  },
})

export const verdicts = createRouter()
  .openapi(history, async (context) => {
    const session = context.req.valid('param').id
    const policy = context.req.valid('query').policy ?? null
    const { organisation } = context.get('principal')
    const found = await verdictHistory(organisation.id, openDatabase(context.env.DB), { session, policy })
    if (found !== null) return context.json(found, 200)
    throw new Fault('not-found', {
      message: 'Your organisation has no such session.',
      hint: 'List them with `GET /v1/sessions`.',
    })
  })
  .openapi(read, async (context) => {
    const { id } = context.req.valid('param')
    const { organisation } = context.get('principal')
    const end = Date.now() + context.req.valid('query').wait * 1_000
    const database = openDatabase(context.env.DB)
    const publicUrl = context.env.PUBLIC_URL
    for (;;) {
      const now = new Date().toISOString()
      const found = await readEvidenceVerdicts(organisation.id, database, { id, now, publicUrl })
      if (found === null) {
        throw new Fault('not-found', {
          message: 'Your organisation has no such evidence.',
          hint: 'Take the id from the receipt of `stemma push`.',
        })
      }
      if (found.state !== 'queued' || Date.now() >= end) return context.json(found, 200)
      await new Promise((resolve) => setTimeout(resolve, Math.min(POLL_MILLISECONDS, end - Date.now())))
    }
  })
