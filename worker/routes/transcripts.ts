/** Transcripts after they arrived: how long they stay, how one is erased, and who read them. */
import { createRoute, z } from '@hono/zod-openapi'
import { type Erasure, Retention, TranscriptErased, TranscriptReadPage } from '#core/api/retention.ts'
import { Fault } from '#core/fault.ts'
import { createRouter } from '../context.ts'
import { authenticate, requireAdministrator } from '../middleware/authenticate.ts'
import { jsonBody } from '../middleware/json-body.ts'
import { authenticateWithAuditors } from '../middleware/log-reader.ts'
import { blobsOf } from '../store/blobs.ts'
import { openDatabase } from '../store/database.ts'
import { markSession, settleErasures } from '../store/erasures.ts'
import { retentionOf, setRetention } from '../store/retention.ts'
import { sourcesOfSession } from '../store/sessions.ts'
import { listReads } from '../store/transcript-reads.ts'
import { pageQuery } from './query.ts'
import { bearer, credentialProblems, json, jsonRequest, problems } from './responses.ts'

/** A session has one transcript for each push of it; what is more is worked off by the clock. */
const MAX_SETTLED = 100

const erase = createRoute({
  method: 'delete',
  path: '/v1/sessions/{id}/transcript',
  summary: "Erase a session's transcript (administrator, or the person whose session it is)",
  description:
    'Evidence, figures and verdicts stay, and every signature still holds: they name the transcript by its digest. It does not come back: a later upload of the same bytes is refused with `transcript-erased`, and a longer transcript of the same session is erased as it arrives.',
  security: bearer,
  middleware: [authenticate] as const,
  request: { params: z.object({ id: z.string() }) },
  responses: {
    200: json('It is erased; the same answer where it was before.', TranscriptErased),
    ...problems(...credentialProblems, 'not-found'),
  },
})

const read = createRoute({
  method: 'get',
  path: '/v1/retention',
  summary: 'For how many days transcripts stay',
  description: 'A contract may say less for some repositories (`privacy.retention`); the shorter of both holds.',
  security: bearer,
  middleware: [authenticate] as const,
  responses: { 200: json('null: until somebody erases them.', Retention), ...problems(...credentialProblems) },
})

const change = createRoute({
  method: 'put',
  path: '/v1/retention',
  summary: 'Choose for how many days transcripts stay (administrator)',
  description: 'Transcripts that are older go within the next turns of the clock, and cannot be brought back.',
  security: bearer,
  middleware: [authenticate, requireAdministrator, jsonBody] as const,
  request: { body: jsonRequest(Retention) },
  responses: {
    200: json('As it is now.', Retention),
    ...problems('request-malformed', ...credentialProblems, 'media-type-unsupported', 'body-too-large'),
  },
})

const reads = createRoute({
  method: 'get',
  path: '/v1/transcript-reads',
  summary: 'Who read which transcript, newest first',
  description:
    'Administrators and holders of an auditor token see all, everybody else the readings of their own sessions. One row for a reader, a session and an hour; rows are never changed. What the platform evaluates by itself is no reading.',
  security: bearer,
  middleware: [authenticateWithAuditors] as const,
  request: { query: z.object({ ...pageQuery, session: z.string().max(300).optional() }) },
  responses: { 200: json('A page.', TranscriptReadPage), ...problems('request-malformed', ...credentialProblems) },
})

export const transcripts = createRouter()
  .openapi(erase, async (context) => {
    const { id } = context.req.valid('param')
    const { organisation, person, role } = context.get('principal')
    const database = openDatabase(context.env.DB)
    const sources = await sourcesOfSession(organisation.id, database, id)
    if (sources === null) throw unknownSession()
    const isOwn = sources.person === person.id
    if (role !== 'administrator' && !isOwn) {
      throw new Fault('credential-insufficient', {
        message: 'A transcript is erased by an administrator, or by the person whose session it is.',
        hint: 'Ask either of them to run `stemma sessions erase ID`.',
      })
    }
    if (sources.transcript === null) {
      throw new Fault('not-found', {
        message: 'This session was sent without its transcript, so there is none to erase.',
        hint: 'What is stored of it is at `GET /v1/sessions/{id}`.',
      })
    }
    const erasure: Erasure = { at: new Date().toISOString(), by: isOwn ? 'person' : 'administrator' }
    const request = { sessionId: id, person: person.id, isOwn: role !== 'administrator', erasure }
    const evidence = await markSession(organisation.id, database, request)
    const blobs = blobsOf(organisation.id, context.env.BLOBS)
    await settleErasures(organisation.id, database, { blobs, limit: MAX_SETTLED })
    return context.json({ sessionId: id, erasure: sources.erasure ?? erasure, evidence: [...evidence] }, 200)
  })
  .openapi(read, async (context) => {
    const { organisation } = context.get('principal')
    return context.json({ days: await retentionOf(organisation.id, openDatabase(context.env.DB)) }, 200)
  })
  .openapi(change, async (context) => {
    const { organisation } = context.get('principal')
    const { days } = context.req.valid('json')
    await setRetention(organisation.id, openDatabase(context.env.DB), days)
    return context.json({ days }, 200)
  })
  .openapi(reads, async (context) => {
    const { cursor, limit, session } = context.req.valid('query')
    const { organisation, person, role, kind } = context.get('principal')
    const { items, next } = await listReads(organisation.id, openDatabase(context.env.DB), {
      session: session ?? null,
      concerning: role === 'administrator' || kind === 'auditor' ? null : person.id,
      page: { cursor: cursor ?? null, limit },
    })
    return context.json({ items: [...items], next }, 200)
  })

function unknownSession(): Fault {
  return new Fault('not-found', {
    message: 'Your organisation has no such session, or its evidence is not indexed yet.',
    hint: 'List them with `GET /v1/sessions`; after a push it takes a few seconds.',
  })
}
