/** Messages that failed for good: look at them, send them again. */
import { createRoute, z } from '@hono/zod-openapi'
import { DeadLetter, DeadLetterPage } from '#core/api/account.ts'
import { Message } from '#core/api/messages.ts'
import { Fault } from '#core/fault.ts'
import { createRouter } from '../context.ts'
import { authenticate, requireAdministrator } from '../middleware/authenticate.ts'
import { openDatabase } from '../store/database.ts'
import { findDeadLetter, listDeadLetters, markReplayed } from '../store/dead-letters.ts'
import { queueEvidence } from '../store/evidence.ts'
import { pageQuery } from './query.ts'
import { bearer, credentialProblems, json, problems } from './responses.ts'

const list = createRoute({
  method: 'get',
  path: '/v1/dead-letters',
  summary: 'Messages that could not be processed, newest first (administrator)',
  security: bearer,
  middleware: [authenticate, requireAdministrator] as const,
  request: { query: z.object(pageQuery) },
  responses: { 200: json('A page.', DeadLetterPage), ...problems('request-malformed', ...credentialProblems) },
})

const replay = createRoute({
  method: 'post',
  path: '/v1/dead-letters/{id}/replay',
  summary: 'Put a message on the queue again (administrator)',
  security: bearer,
  middleware: [authenticate, requireAdministrator] as const,
  request: { params: z.object({ id: z.string() }) },
  responses: {
    202: json('On the queue again.', DeadLetter),
    ...problems(...credentialProblems, 'not-found', 'conflict'),
  },
})

export const deadLetters = createRouter()
  .openapi(list, async (context) => {
    const { cursor, limit } = context.req.valid('query')
    const { organisation } = context.get('principal')
    const { items, next } = await listDeadLetters(organisation.id, openDatabase(context.env.DB), {
      cursor: cursor ?? null,
      limit,
    })
    return context.json({ items: [...items], next }, 200)
  })
  .openapi(replay, async (context) => {
    const { id } = context.req.valid('param')
    const organisation = context.get('principal').organisation.id
    const database = openDatabase(context.env.DB)
    const letter = await findDeadLetter(organisation, database, id)
    if (letter === null) {
      throw new Fault('not-found', {
        message: 'Your organisation has no such dead letter.',
        hint: 'List them with `GET /v1/dead-letters`.',
      })
    }
    const message = Message.safeParse(letter.message)
    if (!message.success) {
      throw new Fault('conflict', {
        message: 'The message is not one that this version can process.',
        hint: 'Send the evidence again with `stemma push`; the same evidence gives the same answer.',
      })
    }
    const now = new Date().toISOString()
    if (message.data.type === 'index') {
      await queueEvidence(organisation, database, { id: message.data.evidenceId, now })
    }
    await context.env.JOBS.send(message.data)
    await markReplayed(organisation, database, { id, now })
    return context.json({ ...letter, replayedAt: now }, 202)
  })
