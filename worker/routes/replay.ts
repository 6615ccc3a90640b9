/** `GET /v1/replay`: what a policy would have said over stored evidence, before it is switched on. Writes nothing. */
import { createRoute, z } from '@hono/zod-openapi'
import { MAX_REPLAYED, ReplayPage } from '#core/api/replay.ts'
import type { SessionRow } from '#core/api/sessions.ts'
import { Fault, isFault } from '#core/fault.ts'
import type { Policy, Verdict } from '#core/policy/policy.ts'
import { policies } from '#core/policy/registry.ts'
import { replay as replayed, unreadable } from '#core/policy/replay.ts'
import { loadConfiguration } from '#queues/load-configuration.ts'
import { loadEvidence } from '#queues/load-evidence.ts'
import { createRouter } from '../context.ts'
import type { Env } from '../env.ts'
import { authenticate } from '../middleware/authenticate.ts'
import { openDatabase } from '../store/database.ts'
import { pageOf } from '../store/page.ts'
import { listSessions } from '../store/sessions.ts'
import { stateOfEvidence } from '../store/state-of-evidence.ts'
import { pageQuery } from './query.ts'
import { bearer, credentialProblems, json, problems } from './responses.ts'

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

export const replay = createRouter().openapi(read, async (context) => {
  const { policy: id, with: given, days, repository, cursor, limit } = context.req.valid('query')
  const organisation = context.get('principal').organisation.id
  const policy = policyNamed(id)
  const parameters = parametersOf(given, policy)
  const from = new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10)
  const page = { cursor: cursor ?? null, limit }
  const found = await listSessions(organisation, openDatabase(context.env.DB), { filter: { repository, from }, page })

  const items: ReplayPage['items'] = []
  let events = 0
  // One after the other: two large sessions at once would not fit into memory together with what they are parsed from.
  for (const session of found.items) {
    if (events > MAX_EVENTS) break
    const judged = await judgeSession(context.env, organisation, { session, policy, parameters })
    events += judged.events
    const { id: name, evidenceId, repository: place, receivedAt } = session
    items.push({ session: name, evidenceId, repository: place, receivedAt, verdict: judged.verdict })
  }
  const isWhole = items.length === found.items.length
  const next = isWhole ? found.next : pageOf(found.items, items.length, (row) => [row.receivedAt, row.id]).next
  return context.json({ policy: id, version: policy.version, from, items, next }, 200)
})

interface Judging {
  readonly session: SessionRow
  readonly policy: Policy
  readonly parameters: Record<string, unknown>
}

async function judgeSession(
  env: Env,
  organisation: string,
  { session: row, policy, parameters }: Judging,
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
    const verdict = replayed({ policy: policy.id, with: parameters }, { session, commits, configuration })
    return { verdict, events: session.events.length }
  } catch (problem) {
    if (isFault(problem)) return refused(problem.message)
    throw problem
  }
}

function policyNamed(id: string): Policy {
  const policy = policies.find((one) => one.id === id)
  if (policy !== undefined) return policy
  throw new Fault('request-malformed', {
    message: `There is no policy ${JSON.stringify(id.slice(0, 60))}.`,
    hint: 'List them with `GET /v1/policies`.',
  })
}

function parametersOf(given: string | undefined, { id, parameters }: Policy): Record<string, unknown> {
  const value = given === undefined ? {} : parseJson(given)
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
