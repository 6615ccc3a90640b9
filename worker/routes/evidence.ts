/** Evidence: send it, read it. */
import { createRoute, z } from '@hono/zod-openapi'
import { EvidenceAccepted, EvidenceView } from '#core/api/evidence.ts'
import { MAX_ENVELOPE_BYTES } from '#core/evidence/envelope.ts'
import { Fault } from '#core/fault.ts'
import { SESSION_MEDIA_TYPE } from '#core/session/session.ts'
import { acceptEvidence, acceptedView } from '../accept-evidence.ts'
import { createRouter } from '../context.ts'
import { handOutTranscript } from '../hand-out-transcript.ts'
import { authenticate } from '../middleware/authenticate.ts'
import { readBody } from '../read-body.ts'
import { envelopesOf } from '../store/blobs.ts'
import { type Database, openDatabase } from '../store/database.ts'
import { type EvidenceRow, erasureOf, findEvidence } from '../store/evidence.ts'
import { bearer, credentialProblems, json, problems } from './responses.ts'

const sendEvidence = createRoute({
  method: 'post',
  path: '/v1/evidence',
  summary: 'Send signed evidence (a DSSE envelope over an in-toto statement) and get its receipt',
  description: 'Send the transcript that it names before. The same evidence again gives the same answer.',
  security: bearer,
  middleware: [authenticate] as const,
  responses: {
    202: json('Verified, stored and logged; the rest follows on its own.', EvidenceAccepted),
    ...problems(
      'json-malformed',
      'json-duplicate-key',
      'json-too-deep',
      'envelope-malformed',
      'statement-malformed',
      'signature-invalid',
      'key-unknown',
      'key-revoked',
      'repository-mismatch',
      'forge-unavailable',
      'rate-limited',
      ...credentialProblems,
      'transcript-missing',
      'body-too-large',
      'unavailable',
    ),
  },
})

const readEvidence = createRoute({
  method: 'get',
  path: '/v1/evidence/{id}',
  summary: 'The envelope as it was received, with its receipt',
  security: bearer,
  middleware: [authenticate] as const,
  request: { params: z.object({ id: z.string() }) },
  responses: { 200: json('The evidence.', EvidenceView), ...problems(...credentialProblems, 'not-found') },
})

/** Names the route in the record of reads. */
const TRANSCRIPT_ROUTE = 'GET /v1/evidence/{id}/transcript'

const readTranscript = createRoute({
  method: 'get',
  path: '/v1/evidence/{id}/transcript',
  summary: 'The redacted transcript that the evidence names by its digest, byte for byte; the read is put on record',
  security: bearer,
  middleware: [authenticate] as const,
  request: { params: z.object({ id: z.string() }) },
  responses: {
    200: {
      description: `${SESSION_MEDIA_TYPE}: JSON lines.`,
      content: { 'text/plain': { schema: z.string() } },
    },
    ...problems(...credentialProblems, 'not-found', 'transcript-erased'),
  },
})

const limit = {
  bytes: MAX_ENVELOPE_BYTES,
  what: 'envelope',
  hint: 'An envelope holds digests and metadata only: push fewer commits at once with `stemma push`.',
}

export const evidence = createRouter()
  .openapi(sendEvidence, async (context) => {
    const principal = context.get('principal')
    const acceptance = await acceptEvidence(context.env, principal, await readBody(context.req.raw, limit))
    const { row, created } = acceptance
    if (created) {
      // Not awaited: the row says `queued`, and the clock sends again what the queue never got (queues/forgotten.ts).
      context.executionCtx.waitUntil(
        context.env.JOBS.send({ type: 'index', organisation: row.organisation, evidenceId: row.id }),
      )
    }
    return context.json(acceptedView(acceptance, context.env.PUBLIC_URL), 202)
  })
  .openapi(readEvidence, async (context) => {
    const { organisation } = context.get('principal')
    const { id } = context.req.valid('param')
    const row = await requireEvidence(organisation.id, openDatabase(context.env.DB), id)
    const envelope = await envelopesOf(organisation.id, context.env.BLOBS).get(id)
    const { sessionId, keyId, receivedAt, logIndex: index, receipt, transcript, state, reason } = row
    const erasure = erasureOf(row)
    return context.json(
      { id, sessionId, keyId, receivedAt, index, receipt, envelope, transcript, erasure, state, reason },
      200,
    )
  })
  .openapi(readTranscript, async (context) => {
    const principal = context.get('principal')
    const { id } = context.req.valid('param')
    const row = await requireEvidence(principal.organisation.id, openDatabase(context.env.DB), id)
    const text = await handOutTranscript(context.env, principal, {
      sessionId: row.sessionId,
      transcript: row.transcript,
      erasure: erasureOf(row),
      route: TRANSCRIPT_ROUTE,
      missing: {
        message: 'This evidence was sent without a transcript.',
        hint: 'Read it on the machine where it ran: `stemma sessions`.',
      },
    })
    return context.text(text, 200, { 'content-type': SESSION_MEDIA_TYPE, 'cache-control': 'no-store' })
  })

async function requireEvidence(organisation: string, database: Database, id: string): Promise<EvidenceRow> {
  const row = await findEvidence(organisation, database, id)
  if (row !== null) return row
  throw new Fault('not-found', {
    message: 'Your organisation has no such evidence.',
    hint: 'Take the id from `GET /v1/sessions` or from the receipt of `stemma push`.',
  })
}
