/** Frameworks: the list, the posture of a scope in a period, and the same as a file. */
import { createRoute, z } from '@hono/zod-openapi'
import { type AttestationView, FrameworkList, PostureView, ScopeName } from '#core/api/frameworks.ts'
import { Fault } from '#core/fault.ts'
import { postureCsv, postureJson, postureMarkdown } from '#core/framework/export.ts'
import { postureOscal } from '#core/framework/export-oscal.ts'
import { frameworksInForce } from '#core/framework/frameworks-in-force.ts'
import type { Posture } from '#core/framework/posture.ts'
import { frameworks as ours } from '#core/framework/registry.ts'
import { scopesIn } from '#core/framework/scope.ts'
import { dayOf, lengthOf, type Period, periodEnding } from '#core/metrics/period.ts'
import { createRouter } from '../context.ts'
import { authenticate } from '../middleware/authenticate.ts'
import { evidenceName, readPosture } from '../read-posture.ts'
import { contractsInForce } from '../store/contracts.ts'
import { openDatabase } from '../store/database.ts'
import type { EvidenceOfVerdict } from '../store/posture.ts'
import { day } from './query.ts'
import { bearer, credentialProblems, json, problems } from './responses.ts'

const DEFAULT_DAYS = 30
const MAX_DAYS = 366

const list = createRoute({
  method: 'get',
  path: '/v1/frameworks',
  summary: 'Frameworks, ours and your own, and the scopes for which a posture can be asked',
  security: bearer,
  middleware: [authenticate] as const,
  responses: { 200: json('The list.', FrameworkList), ...problems(...credentialProblems) },
})

const params = z.object({ id: z.string().max(100) })
const within = {
  scope: ScopeName.default('organisation'),
  from: day.optional(),
  to: day.optional(),
}

const read = createRoute({
  method: 'get',
  path: '/v1/frameworks/{id}/posture',
  summary: 'How far a scope meets a framework: each control with why, the evidence behind it and the period before',
  security: bearer,
  middleware: [authenticate] as const,
  request: { params, query: z.object(within) },
  responses: {
    200: json(`The posture; without a period, of the last ${DEFAULT_DAYS} days.`, PostureView),
    ...problems('request-malformed', ...credentialProblems, 'not-found'),
  },
})

const formats = {
  json: { type: 'application/json', write: postureJson },
  csv: { type: 'text/csv; charset=utf-8', write: postureCsv },
  md: { type: 'text/markdown; charset=utf-8', write: postureMarkdown },
  oscal: { type: 'application/oscal+json', write: postureOscal },
} as const satisfies Record<
  string,
  { readonly type: string; readonly write: (posture: Posture) => string | Promise<string> }
>

const write = createRoute({
  method: 'get',
  path: '/v1/frameworks/{id}/posture/export',
  summary: 'The posture as a file: JSON, CSV, Markdown, or OSCAL assessment results',
  security: bearer,
  middleware: [authenticate] as const,
  request: { params, query: z.object({ ...within, format: z.enum(['json', 'csv', 'md', 'oscal']).default('json') }) },
  responses: {
    200: {
      description: 'The file, with its name.',
      content: Object.fromEntries(Object.values(formats).map(({ type }) => [type, { schema: z.string() }])),
    },
    ...problems('request-malformed', ...credentialProblems, 'not-found'),
  },
})

export const frameworks = createRouter()
  .openapi(list, async (context) => {
    const { documents } = await contractsInForce(context.get('principal').organisation.id, openDatabase(context.env.DB))
    const items = frameworksInForce(documents).map(({ controls, ...framework }) => ({
      ...framework,
      isOwn: !ours.some(({ id }) => id === framework.id),
      controls: controls.length,
    }))
    return context.json({ items, scopes: ['organisation', ...scopesIn(documents)] }, 200)
  })
  .openapi(read, async (context) => {
    const { id } = context.req.valid('param')
    const { scope, from, to } = context.req.valid('query')
    const found = await readPosture(context.get('principal').organisation, openDatabase(context.env.DB), {
      ...{ framework: id, scope, period: periodOf(from, to), now: new Date().toISOString() },
    })
    return context.json(viewOf(found, scope), 200)
  })
  .openapi(write, async (context) => {
    const { id } = context.req.valid('param')
    const { scope, from, to, format } = context.req.valid('query')
    const period = periodOf(from, to)
    const { posture } = await readPosture(context.get('principal').organisation, openDatabase(context.env.DB), {
      ...{ framework: id, scope, period, now: new Date().toISOString() },
    })
    const { type, write: render } = formats[format]
    const extension = format === 'oscal' ? 'oscal.json' : format
    const name = `${id}-${scope.replaceAll(/[^\w.-]+/g, '-')}-${period.to}.${extension}`
    const body = await render(posture)
    return context.body(body, 200, { 'content-type': type, 'content-disposition': `attachment; filename="${name}"` })
  })

type ReadPosture = Awaited<ReturnType<typeof readPosture>>

function viewOf({ posture, before, period, earlier, evidence, attestations }: ReadPosture, scope: string): PostureView {
  const { id, title, version, publisher, url, source, about } = posture.framework
  const states = new Map(before.controls.map(({ control, state }) => [control.id, state]))
  return {
    framework: { id, title, version, publisher, url, ...(source === undefined ? {} : { source }), about },
    scope,
    ...period,
    counts: posture.counts,
    controls: posture.controls.map(({ control, state, why, missing, coverage, attestation, evidence: behind }) => ({
      id: control.id,
      group: control.group,
      title: control.title,
      about: control.about,
      policies: [...control.policies],
      attestable: control.attestation,
      missing: [...missing],
      state,
      why,
      before: states.get(control.id) ?? null,
      coverage,
      attestation: attestation === null ? null : attestedBy(attestation, attestations),
      evidence: [...new Set(behind)].flatMap((one) => evidenceOf(one, evidence)),
    })),
    previous: { ...earlier, counts: before.counts },
  }
}

function attestedBy(
  { control, madeAt, expiresAt, statement, by }: NonNullable<Posture['controls'][number]['attestation']>,
  all: readonly AttestationView[],
) {
  const found = all.find((one) => one.control === control && one.createdAt === madeAt)
  return { id: found?.id ?? '', by, reason: statement, madeAt, expiresAt, logIndex: found?.logIndex ?? null }
}

function evidenceOf(id: string, all: readonly EvidenceOfVerdict[]): PostureView['controls'][number]['evidence'] {
  const found = all.find((one) => evidenceName(one) === id)
  if (found === undefined) return []
  const { evidenceId, session, repository, pullRequests } = found
  return [{ evidenceId, session, repository, pullRequests: [...pullRequests] }]
}

function periodOf(from: string | undefined, to = dayOf(new Date().toISOString())): Period {
  if (from === undefined) return periodEnding(to, DEFAULT_DAYS)
  const days = lengthOf({ from, to })
  if (days >= 1 && days <= MAX_DAYS) return { from, to }
  throw new Fault('request-malformed', {
    message: `The period ${from} to ${to} has ${days} days; 1 to ${MAX_DAYS} are possible.`,
    hint: 'Pass `from` and `to` as days, for example `?from=2026-11-01&to=2026-11-30`.',
  })
}
