/** Faults that a test asks for: refused, slow, lost and repeated requests and deliveries. */

export type RequestFault =
  | { readonly kind: 'status'; readonly status: number; readonly message?: string }
  /** 429 with x-ratelimit-remaining 0 and the second at which the limit is lifted. */
  | { readonly kind: 'primary-rate-limit'; readonly resetInSeconds?: number }
  /** 403 with retry-after. */
  | { readonly kind: 'secondary-rate-limit'; readonly retryAfterSeconds?: number }
  | { readonly kind: 'slow'; readonly milliseconds: number }
  | { readonly kind: 'reset' }

type DeliveryFault =
  | { readonly kind: 'drop' }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'delay'; readonly milliseconds: number }

interface Aim {
  /** How many matches are hit; 1 unless told. */
  readonly times?: number
  /** How many matches pass unharmed before the first is hit. */
  readonly after?: number
}

// `POST /repos/*/*/check-runs`: the method may be left out; `*` is one segment, `**` is any rest.
export type RequestAim = Aim & {
  readonly on: string
  /** `after`: the request takes effect and only its answer is lost or replaced. */
  readonly when?: 'before' | 'after'
}

/** The event's name (`pull_request`), with its action (`pull_request.opened`), or `*`. */
type DeliveryAim = Aim & { readonly on: string }

/** Shares of all matches, from 0 to 1. */
export interface RandomFaults {
  /** Decides each time; true in `share` of all calls. */
  readonly chance: (share: number) => boolean
  /** Requests that are answered with 502, half of them only after they took effect. */
  readonly failed: number
  /** Requests that meet a secondary limit, to be lifted after a second. */
  readonly limited: number
  readonly dropped: number
  readonly duplicated: number
  /** Deliveries that come later than those after them. */
  readonly delayed: { readonly share: number; readonly milliseconds: () => number }
}

export interface Faults {
  /** From now on, until `clear`; faults that were injected one by one come first. */
  readonly injectAtRandom: (faults: RandomFaults) => void
  readonly inject: (fault: RequestFault & RequestAim) => void
  readonly injectDelivery: (fault: DeliveryFault & DeliveryAim) => void
  readonly clear: () => void
  readonly takeForRequest: (method: string, path: string, when: 'before' | 'after') => RequestFault | undefined
  readonly takeForDelivery: (event: string, action: string | null) => DeliveryFault | undefined
}

interface Armed<T> {
  readonly fault: T
  readonly matches: (...subject: readonly string[]) => boolean
  skip: number
  left: number
}

function pathPattern(on: string): (method: string, path: string) => boolean {
  const [first = '', second] = on.split(' ')
  const method = second === undefined ? undefined : first
  const source = (second ?? first)
    .split(/(\*\*|\*)/)
    .map((part) => (part === '**' ? '.*' : part === '*' ? '[^/]+' : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')))
    .join('')
  const path = new RegExp(`^${source}$`)
  return (askedMethod, askedPath) => (method === undefined || method === askedMethod) && path.test(askedPath)
}

function take<T>(armed: Armed<T>[], ...subject: readonly string[]): T | undefined {
  for (const [index, candidate] of armed.entries()) {
    if (!candidate.matches(...subject)) continue
    if (candidate.skip > 0) {
      candidate.skip -= 1
      continue
    }
    candidate.left -= 1
    if (candidate.left === 0) armed.splice(index, 1)
    return candidate.fault
  }
  return undefined
}

export function createFaults(): Faults {
  const requests: Armed<RequestFault>[] = []
  const deliveries: Armed<DeliveryFault>[] = []
  let random: RandomFaults | null = null
  return {
    injectAtRandom: (asked) => {
      random = asked
    },
    inject: (fault) => {
      const matchesPath = pathPattern(fault.on)
      requests.push({
        fault,
        matches: (method = '', path = '', when = '') => when === (fault.when ?? 'before') && matchesPath(method, path),
        skip: fault.after ?? 0,
        left: fault.times ?? 1,
      })
    },
    injectDelivery: (fault) => {
      deliveries.push({
        fault,
        matches: (event = '', action = '') => ['*', event, `${event}.${action}`].includes(fault.on),
        skip: fault.after ?? 0,
        left: fault.times ?? 1,
      })
    },
    clear: () => {
      requests.length = 0
      deliveries.length = 0
      random = null
    },
    takeForRequest: (method, path, when) => take(requests, method, path, when) ?? requestFault(random, when),
    takeForDelivery: (event, action) => take(deliveries, event, action ?? '') ?? deliveryFault(random),
  }
}

function requestFault(random: RandomFaults | null, when: 'before' | 'after'): RequestFault | undefined {
  if (random === null) return undefined
  if (random.chance(random.failed / 2)) return { kind: 'status', status: 502 }
  // What is over the limit is refused before it takes effect.
  if (when === 'before' && random.chance(random.limited)) return { kind: 'secondary-rate-limit', retryAfterSeconds: 1 }
  return undefined
}

function deliveryFault(random: RandomFaults | null): DeliveryFault | undefined {
  if (random === null) return undefined
  if (random.chance(random.dropped)) return { kind: 'drop' }
  if (random.chance(random.duplicated)) return { kind: 'duplicate' }
  const { share, milliseconds } = random.delayed
  return random.chance(share) ? { kind: 'delay', milliseconds: milliseconds() } : undefined
}
