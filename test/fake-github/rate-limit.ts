/** The limits that GitHub puts on an installation: requests an hour, and bursts of mutations. */
import type { Context } from './context.ts'
import { Refusal } from './refusal.ts'

const HOUR = 3_600_000
const MINUTE = 60_000

/** "Rate limits for the REST API": content-creating requests a minute and an hour, points a minute (a mutation costs 5). */
const CONTENT_PER_MINUTE = 80
const CONTENT_PER_HOUR = 500
const POINTS_PER_MINUTE = 900
const POINTS_OF_MUTATION = 5

interface Window {
  used: number
  /** Milliseconds since 1970. */
  resetAt: number
}

export interface RateState {
  readonly limit: number
  readonly remaining: number
  readonly used: number
  /** Seconds since 1970. */
  readonly reset: number
}

export interface RateLimits {
  /** Counts one request of this caller; throws a Refusal when the caller is over a limit. */
  readonly count: (caller: string, method: string) => void
  /** Takes a request back: GitHub does not count 304 answers. */
  readonly uncount: (caller: string) => void
  readonly state: (caller: string) => RateState
}

export function rateHeaders(rate: RateState): Record<string, string> {
  return {
    'x-ratelimit-limit': String(rate.limit),
    'x-ratelimit-remaining': String(rate.remaining),
    'x-ratelimit-used': String(rate.used),
    'x-ratelimit-reset': String(rate.reset),
    'x-ratelimit-resource': 'core',
  }
}

export function createRateLimits(context: Pick<Context, 'now' | 'rateLimit' | 'secondaryLimits'>): RateLimits {
  const windows = new Map<string, Window>()
  const mutations = new Map<string, number[]>()
  const reads = new Map<string, number[]>()

  const window = (caller: string): Window => {
    const known = windows.get(caller)
    if (known !== undefined && known.resetAt > context.now()) return known
    const fresh: Window = { used: 0, resetAt: context.now() + HOUR }
    windows.set(caller, fresh)
    return fresh
  }
  const state = (caller: string): RateState => {
    const { used, resetAt } = window(caller)
    return {
      limit: context.rateLimit,
      remaining: Math.max(0, context.rateLimit - used),
      used,
      reset: Math.floor(resetAt / 1000),
    }
  }
  const since = (times: readonly number[], span: number): number =>
    times.filter((time) => time > context.now() - span).length

  const countSecondary = (caller: string, method: string): void => {
    const log = method === 'GET' ? reads : mutations
    const times = (log.get(caller) ?? []).filter((time) => time > context.now() - HOUR)
    times.push(context.now())
    log.set(caller, times)
    const written = mutations.get(caller) ?? []
    const points = since(written, MINUTE) * POINTS_OF_MUTATION + since(reads.get(caller) ?? [], MINUTE)
    const isOver =
      since(written, MINUTE) > CONTENT_PER_MINUTE || written.length > CONTENT_PER_HOUR || points > POINTS_PER_MINUTE
    if (isOver)
      throw new Refusal(
        403,
        'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
        {
          headers: { 'retry-after': '60' },
        },
      )
  }

  return {
    state,
    count: (caller, method) => {
      const { remaining } = state(caller)
      if (remaining === 0) throw new Refusal(403, `API rate limit exceeded for ${caller}.`)
      window(caller).used += 1
      if (context.secondaryLimits) countSecondary(caller, method)
    },
    uncount: (caller) => {
      window(caller).used -= 1
    },
  }
}
