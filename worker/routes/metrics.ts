/** `GET /v1/metrics/overview`: the figures of the dashboard, from rollups. */
import { createRoute, z } from '@hono/zod-openapi'
import { Fault } from '#core/fault.ts'
import { Overview } from '#core/metrics/overview.ts'
import { dayOf, lengthOf, type Period, periodEnding } from '#core/metrics/period.ts'
import { overviewOf } from '#core/metrics/rollup.ts'
import { createRouter } from '../context.ts'
import { authenticate } from '../middleware/authenticate.ts'
import { openDatabase } from '../store/database.ts'
import { readRollups } from '../store/overview.ts'
import { day } from './query.ts'
import { bearer, credentialProblems, json, problems } from './responses.ts'

const DEFAULT_DAYS = 28
/** A leap year: one row of the answer for each day. */
const MAX_DAYS = 366

const readOverview = createRoute({
  method: 'get',
  path: '/v1/metrics/overview',
  summary: 'Figures of a period, each against the period of equal length before it',
  security: bearer,
  middleware: [authenticate] as const,
  request: { query: z.object({ from: day.optional(), to: day.optional(), repository: z.string().optional() }) },
  responses: {
    200: json(`The figures; without a period, of the last ${DEFAULT_DAYS} days.`, Overview),
    ...problems('request-malformed', ...credentialProblems),
  },
})

export const metrics = createRouter().openapi(readOverview, async (context) => {
  const { from, to, repository } = context.req.valid('query')
  const now = new Date().toISOString()
  const period = periodOf(from, to ?? dayOf(now))
  const rolled = await readRollups(context.get('principal').organisation.id, openDatabase(context.env.DB), {
    period,
    repository: repository ?? null,
    now,
  })
  return context.json(overviewOf(period, rolled), 200)
})

function periodOf(from: string | undefined, to: string): Period {
  if (from === undefined) return periodEnding(to, DEFAULT_DAYS)
  const period = { from, to }
  const days = lengthOf(period)
  if (days >= 1 && days <= MAX_DAYS) return period
  throw new Fault('request-malformed', {
    message: `The period ${from} to ${to} has ${days} days; 1 to ${MAX_DAYS} are possible.`,
    hint: 'Pass `from` and `to` as days, for example `?from=2026-11-01&to=2026-11-30`.',
  })
}
