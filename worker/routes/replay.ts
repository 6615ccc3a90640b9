/** Replay: what a policy would have said over stored evidence, before it is switched on. Writes nothing. */
import { createRoute, z } from '@hono/zod-openapi'
import { MAX_REPLAYED, ReplayPage, ReplayRequest } from '#core/api/replay.ts'
import type { SessionRow } from '#core/api/sessions.ts'
import { Fault, isFault } from '#core/fault.ts'
import type { CustomPolicy } from '#core/policy/custom-policy.ts'
import { type Document, problemLine } from '#core/policy/document.ts'
import { policiesInForce } from '#core/policy/policies-in-force.ts'
import type { Policy, Verdict } from '#core/policy/policy.ts'
import { customPolicyOf } from '#core/policy/policy-document.ts'
import { readDocuments } from '#core/policy/read-documents.ts'
import { replay as replayed, unreadable } from '#core/policy/replay.ts'
import { loadConfiguration } from '#queues/load-configuration.ts'
import { loadEvidence } from '#queues/load-evidence.ts'
import { createRouter } from '../context.ts'
import type { Env } from '../env.ts'
import { authenticate } from '../middleware/authenticate.ts'
import { documentBody } from '../middleware/json-body.ts'
import { contractsInForce } from '../store/contracts.ts'
import { openDatabase } from '../store/database.ts'
import { pageOf } from '../store/page.ts'
import { listSessions } from '../store/sessions.ts'
import { stateOfEvidence } from '../store/state-of-evidence.ts'
import { pageQuery } from './query.ts'
import { bearer, credentialProblems, json, jsonRequest, problems } from './responses.ts'

const MAX_DAYS = 366
/** About what four sessions of the largest size hold; a page ends early after so many, and the next one goes on. */
const MAX_EVENTS = 40_000

const read = createRoute({
  method: 'get',
  path: '/v1/replay',
  summary: 'What a policy would have said of the sessions of the last days, newest first; stores nothing',
  description:
    'Each session is judged by its newest evidence, in the version of the rule that is deployed. Rules about pull requests are skipped here, and say so. Waivers are left out: this is about what happened.',
  security: bearer,
  middleware: [authenticate] as const,
  request: {
    query: z.object({
      policy: z.string().max(100),
      with: z.string().max(4_000).optional().openapi({ description: 'Parameters as JSON.' }),
      days: z.coerce.number().int().min(1).max(MAX_DAYS).default(30),
      repository: z.string().max(300).optional(),
      cursor: pageQuery.cursor,
      limit: z.coerce.number().int().min(1).max(MAX_REPLAYED).default(MAX_REPLAYED),
    }),
  },
  responses: {
    200: json('A page, which may hold fewer than asked for while `next` leads on.', ReplayPage),
    ...problems('request-malformed', ...credentialProblems),
  },
})

const tryOut = createRoute({
  method: 'post',
  path: '/v1/replay',
  summary: 'What a policy that is not in force yet would have said; stores nothing',
  description: 'The documents are read as `PUT /v1/contract` reads them, and refused with line and hint as there.',
  security: bearer,
  middleware: [authenticate, documentBody] as const,
  request: { body: jsonRequest(ReplayRequest) },
  responses: {
    200: json('A page, which may hold fewer than asked for while `next` leads on.', ReplayPage),
    ...problems('request-malformed', ...credentialProblems, 'media-type-unsupported', 'body-too-large'),
  },
})

export const replay = createRouter()
  .openapi(read, async (context) => {
    const { policy, with: given, ...rest } = context.req.valid('query')
    const organisation = context.get('principal').organisation.id
    const { documents } = await contractsInForce(organisation, openDatabase(context.env.DB))
    const wanted = { ...rest, policy, documents, given: given === undefined ? {} : parseJson(given) }
    return context.json(await replayPage(context.env, organisation, wanted), 200)
  })
  .openapi(tryOut, async (context) => {
    const { sources, with: given = {}, ...rest } = context.req.valid('json')
    const { documents, problems: found } = readDocuments(sources)
    if (found.length > 0) {
      throw new Fault('request-malformed', {
        message: `The documents cannot be tried:\n${found.map(problemLine).join('\n')}`.slice(0, 4_000),
        hint: 'Repair these lines, then try it again: `stemma policy replay POLICY -f FILE`.',
      })
    }
    const wanted = { ...rest, documents, given }
    return context.json(await replayPage(context.env, context.get('principal').organisation.id, wanted), 200)
  })

interface Replaying {
  readonly policy: string
  readonly documents: readonly Document[] | null
  /** As they came. */
  readonly given: unknown
  readonly days: number
  readonly repository?: string | undefined
  readonly cursor?: string | undefined
  readonly limit: number
}

async function replayPage(env: Env, organisation: string, wanted: Replaying): Promise<ReplayPage> {
  const { policy: id, documents, given, days, repository, cursor, limit } = wanted
  const policy = policyNamed(id, policiesInForce(documents))
  const parameters = parametersOf(given, policy)
  const custom = (documents ?? []).flatMap((one) =>
    one.kind === 'Policy' && one.metadata.name === id ? [customPolicyOf(one)] : [],
  )
  const from = new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10)
  const page = { cursor: cursor ?? null, limit }
  const found = await listSessions(organisation, openDatabase(env.DB), { filter: { repository, from }, page })

  const items: ReplayPage['items'] = []
  let events = 0
  // One after the other: two large sessions at once would not fit into memory together with what they are parsed from.
  for (const session of found.items) {
    if (events > MAX_EVENTS) break
    const judged = await judgeSession(env, organisation, { session, policy, parameters, custom })
    events += judged.events
    const { id: name, evidenceId, repository: place, receivedAt } = session
    items.push({ session: name, evidenceId, repository: place, receivedAt, verdict: judged.verdict })
  }
  const isWhole = items.length === found.items.length
  const next = isWhole ? found.next : pageOf(found.items, items.length, (row) => [row.receivedAt, row.id]).next
  return { policy: id, version: policy.version, from, items, next }
}

interface Judging {
  readonly session: SessionRow
  readonly policy: Policy
  readonly parameters: Record<string, unknown>
  readonly custom: readonly CustomPolicy[]
}

async function judgeSession(
  env: Env,
  organisation: string,
  { session: row, policy, parameters, custom }: Judging,
): Promise<{ readonly verdict: Verdict; readonly events: number }> {
  const refused = (reason: string) => ({ verdict: unreadable(policy.id, policy.version, reason), events: 0 })
  try {
    const { evidence, configurations } = await stateOfEvidence(organisation, openDatabase(env.DB), row.evidenceId)
    const loaded = evidence === null ? null : await loadEvidence(env, evidence)
    if (loaded?.about !== 'session') return refused('The evidence of this session is not there.')
    const { session, predicate } = loaded
    const { repository, attribution: commits } = predicate
    const agent = session.agent.id
    const configuration = await loadConfiguration(env, { organisation, repository, agent, configurations })
    const verdict = replayed({ policy: policy.id, with: parameters }, { session, commits, configuration }, custom)
    return { verdict, events: session.events.length }
  } catch (problem) {
    if (isFault(problem)) return refused(problem.message)
    throw problem
  }
}

function policyNamed(id: string, policies: readonly Policy[]): Policy {
  const policy = policies.find((one) => one.id === id)
  if (policy !== undefined) return policy
  throw new Fault('request-malformed', {
    message: `There is no policy ${JSON.stringify(id.slice(0, 60))}.`,
    hint: 'List them with `GET /v1/policies`.',
  })
}

function parametersOf(value: unknown, { id, parameters }: Policy): Record<string, unknown> {
  const record = z.record(z.string(), z.unknown()).safeParse(value)
  const parsed = parameters.safeParse(value)
  if (record.success && parsed.success) return record.data
  const why = parsed.error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join(', ')
  throw new Fault('request-malformed', {
    message: `These are no parameters of ${id}: ${why ?? 'they must be a JSON object'}.`.slice(0, 1_000),
    hint: `Read \`stemma policy explain ${id}\`.`,
  })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
