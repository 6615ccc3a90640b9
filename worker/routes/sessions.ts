/** Sessions: list, one with its attribution and verdicts, its events. */
import { createRoute, z } from '@hono/zod-openapi'
import { EventPage, SessionPage, SessionView } from '#core/api/sessions.ts'
import type { CommitAttribution } from '#core/attribution/attribution.ts'
import { readEnvelope } from '#core/evidence/envelope.ts'
import { attributionOf, readStatement, type Statement, sessionOf } from '#core/evidence/statement.ts'
import { Fault } from '#core/fault.ts'
import { applyWaivers } from '#core/policy/waiver.ts'
import { delegationChain } from '#core/session/delegation.ts'
import { readEvents, readHeader } from '#core/session/session-text.ts'
import { createRouter } from '../context.ts'
import { handOutTranscript } from '../hand-out-transcript.ts'
import { authenticate } from '../middleware/authenticate.ts'
import { envelopesOf } from '../store/blobs.ts'
import { type Database, openDatabase } from '../store/database.ts'
import { findLogin } from '../store/identity.ts'
import { findSession, listSessions, sourcesOfSession } from '../store/sessions.ts'
import { countReaders } from '../store/transcript-reads.ts'
import { verdictsOf } from '../store/verdicts.ts'
import { waiversInForce } from '../store/waivers.ts'
import { day, pageQuery } from './query.ts'
import { bearer, credentialProblems, json, problems } from './responses.ts'

/** As it stands in the record of who read what. */
const EVENTS_ROUTE = 'GET /v1/sessions/{id}/events'

const list = createRoute({
  method: 'get',
  path: '/v1/sessions',
  summary: 'Sessions, newest first',
  security: bearer,
  middleware: [authenticate] as const,
  request: {
    query: z.object({
      ...pageQuery,
      repository: z.string().optional(),
      agent: z.string().optional(),
      person: z.string().optional().openapi({ description: 'Id of a person.' }),
      model: z.string().optional(),
      from: day.optional(),
      to: day.optional(),
    }),
  },
  responses: { 200: json('A page.', SessionPage), ...problems('request-malformed', ...credentialProblems) },
})

const one = createRoute({
  method: 'get',
  path: '/v1/sessions/{id}',
  summary: 'One session with attribution of its commits and verdicts',
  security: bearer,
  middleware: [authenticate] as const,
  request: { params: z.object({ id: z.string() }) },
  responses: { 200: json('The session.', SessionView), ...problems(...credentialProblems, 'not-found') },
})

const events = createRoute({
  method: 'get',
  path: '/v1/sessions/{id}/events',
  summary: 'What happened in a session, in order',
  security: bearer,
  middleware: [authenticate] as const,
  request: {
    params: z.object({ id: z.string() }),
    query: z.object({
      cursor: z
        .string()
        .regex(/^\d{1,9}$/)
        .optional(),
      limit: z.coerce.number().int().min(1).max(1_000).default(200),
    }),
  },
  responses: {
    200: json('A page of events.', EventPage),
    ...problems('request-malformed', ...credentialProblems, 'not-found', 'transcript-erased', 'transcript-malformed'),
  },
})

export const sessions = createRouter()
  .openapi(list, async (context) => {
    const { cursor, limit, ...filter } = context.req.valid('query')
    const { organisation } = context.get('principal')
    const { items, next } = await listSessions(organisation.id, openDatabase(context.env.DB), {
      filter,
      page: { cursor: cursor ?? null, limit },
    })
    return context.json({ items: [...items], next }, 200)
  })
  .openapi(one, async (context) => {
    const { id } = context.req.valid('param')
    const { organisation: owning, person, role } = context.get('principal')
    const organisation = owning.id
    const database = openDatabase(context.env.DB)
    const [session, sources, readers] = await Promise.all([
      findSession(organisation, database, id),
      sourcesOfSession(organisation, database, id),
      countReaders(organisation, database, id),
    ])
    if (session === null || sources === null) throw unknownSession()

    const envelopes = envelopesOf(organisation, context.env.BLOBS)
    const read = async (evidenceId: string): Promise<Statement> =>
      readStatement(readEnvelope(await envelopes.get(evidenceId)).payload)
    const evidenceIds = [...new Set([sources.evidenceId, ...sources.attributing.map(({ evidenceId }) => evidenceId)])]
    const now = new Date().toISOString()
    const [found, reached, waivers] = await Promise.all([
      Promise.all(evidenceIds.map(async (evidenceId) => [evidenceId, await read(evidenceId)] as const)),
      verdictsOf(organisation, database, sources.evidenceId),
      waiversInForce(organisation, database, now),
    ])
    // Waivers of pull requests show on theirs; here only what holds for the session wherever it contributed.
    const subject = { session: id, repository: session.repository, pullRequest: null, now }
    const verdicts = applyWaivers(reached, waivers, subject)
    const statements = new Map(found)
    const newest = statements.get(sources.evidenceId)
    const header = newest === undefined ? null : sessionOf(newest)
    if (header === null) throw new TypeError("a session's newest evidence is about the session")
    const attribution = sources.attributing.flatMap(({ commit, evidenceId }): CommitAttribution[] => {
      const statement = statements.get(evidenceId)
      const attributed = statement && attributionOf(statement).find((candidate) => candidate.commit === commit)
      return attributed === undefined ? [] : [attributed]
    })
    const chain =
      header.delegation === undefined
        ? null
        : await delegationChain(
            { id, delegation: header.delegation, signer: await signerOf(organisation, database, sources.person) },
            async (asked) => {
              const parent = await sourcesOfSession(organisation, database, asked)
              const told = parent === null ? null : sessionOf(await read(parent.evidenceId))
              if (parent === null || told === null) return null
              const signer = await signerOf(organisation, database, parent.person)
              return { id: asked, delegation: told.delegation ?? null, signer }
            },
          )
    const delegation = chain === null ? {} : { delegation: { ...chain, links: [...chain.links] } }
    const { erasure } = sources
    const transcript = sources.transcript !== null && erasure === null
    const mayErase = transcript && (role === 'administrator' || person.id === sources.person)
    return context.json(
      { session, header, attribution, verdicts: [...verdicts], ...delegation, transcript, erasure, mayErase, readers },
      200,
    )
  })
  .openapi(events, async (context) => {
    const { id } = context.req.valid('param')
    const { cursor, limit } = context.req.valid('query')
    const principal = context.get('principal')
    const sources = await sourcesOfSession(principal.organisation.id, openDatabase(context.env.DB), id)
    if (sources === null) throw unknownSession()
    const text = await handOutTranscript(context.env, principal, {
      sessionId: id,
      transcript: sources.transcript,
      erasure: sources.erasure,
      route: EVENTS_ROUTE,
      missing: {
        message: 'This session was sent without its transcript, so its events are not recorded here.',
        hint: 'Read them on the machine where it ran: `stemma sessions`.',
      },
    })
    const offset = Number(cursor ?? 0)
    const end = offset + limit
    const next = readHeader(text).eventCount > end ? String(end) : null
    return context.json({ items: readEvents(text, { offset, limit }), next }, 200)
  })

/** How people call each other where agents are started: by the forge's login. */
async function signerOf(organisation: string, database: Database, person: string): Promise<readonly string[]> {
  const login = await findLogin(organisation, database, person)
  return login === null ? [] : [login]
}

function unknownSession(): Fault {
  return new Fault('not-found', {
    message: 'Your organisation has no such session, or its evidence is not indexed yet.',
    hint: 'List them with `GET /v1/sessions`; after a push it takes a few seconds.',
  })
}
