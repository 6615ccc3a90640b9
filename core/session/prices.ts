/** What model calls cost, by a price table that is embedded, dated and named in every Cost. Never touches the network. */
import { calcPrice } from '@pydantic/genai-prices'
import { dollarsOf, type Rates, ratesOf } from './price-rates.ts'
import type { Cost, Usage } from './usage.ts'

/** Kept equal to package.json by a test: the table is the package. */
export const PRICE_TABLE = '@pydantic/genai-prices@0.1.8'

/** Prices change on dates; a call without a time is priced as on the day the table was published. */
const TABLE_DATE = '2026-09-23T00:00:00.000Z'

/** One model call, or several of the same model and day: `messages` priced apart keep tiers by request size exact. */
export interface PricedCall {
  readonly model: string
  readonly provider: string | null
  readonly usage: Usage
  /** RFC 3339 UTC; null where the agent records no time. */
  readonly at: string | null
}

/** US dollars; null where the table does not know the model. */
export function priceOf(call: PricedCall): number | null {
  const rates = knownRates(call)
  return rates === null ? null : rates === 'ask' ? askTable(call).dollars : dollarsOf(call.usage, rates)
}

/** `null`: the table does not know the model. `ask`: the table must be asked anew for each call. */
type Known = Rates | 'ask' | null

/** A session has a few models on a few days; a transcript that invents thousands of names must not fill the memory. */
const MAX_KNOWN = 1_000
const known = new Map<string, Known>()

/** Prices change on dates, so that a model and a day have one price; prices by the hour are asked for each time. */
function knownRates(call: PricedCall): Known {
  const at = call.at ?? TABLE_DATE
  if (!at.endsWith('Z')) return 'ask'
  if (latest?.model === call.model && latest.provider === call.provider && at.startsWith(latest.day))
    return latest.rates
  const day = at.slice(0, 10)
  const rates = ratesOn(day, call)
  latest = { day, model: call.model, provider: call.provider, rates }
  return rates
}

/** Most calls are of the model and the day of the one before. */
let latest: (Pick<PricedCall, 'model' | 'provider'> & { readonly day: string; readonly rates: Known }) | null = null

function ratesOn(day: string, call: PricedCall): Known {
  const key = `${day} ${call.provider ?? ''} ${call.model}`
  const found = known.get(key)
  if (found !== undefined) return found
  const { rates } = askTable(call)
  if (known.size >= MAX_KNOWN) known.clear()
  known.set(key, rates)
  return rates
}

function askTable(call: PricedCall): { readonly dollars: number | null; readonly rates: Known } {
  const { uncachedInput, cacheRead, cacheWrite5m, cacheWrite1h, output } = call.usage
  // The table's names: input includes everything cached, cache writes include those kept for an hour.
  const usage = {
    input_tokens: uncachedInput + cacheRead + cacheWrite5m + cacheWrite1h,
    cache_read_tokens: cacheRead,
    cache_write_tokens: cacheWrite5m + cacheWrite1h,
    cache_write_1h_tokens: cacheWrite1h,
    output_tokens: output,
  }
  const options = {
    timestamp: new Date(call.at ?? TABLE_DATE),
    ...(call.provider === null ? {} : { providerId: call.provider }),
  }
  try {
    const price = calcPrice(usage, call.model, options)
    if (price === null) return { dollars: null, rates: null }
    const { prices } = price.model
    const isByHour = Array.isArray(prices) && prices.some(({ constraint }) => constraint?.type === 'time_of_date')
    return { dollars: price.total_price, rates: isByHour ? 'ask' : (ratesOf(price.model_price) ?? 'ask') }
  } catch {
    // The table refuses what it has no price for, cached tokens of a model without caching for example.
    return { dollars: null, rates: 'ask' }
  }
}

/** Cost of all calls; no calls cost nothing, calls of unknown models are named and not counted. */
export function costOf(calls: readonly PricedCall[]): Cost {
  const unpriced = new Set<string>()
  let dollars = 0
  let priced = 0
  for (const call of calls) {
    const price = priceOf(call)
    if (price === null) unpriced.add(call.model)
    else {
      dollars += price
      priced++
    }
  }
  return {
    microUsd: calls.length > 0 && priced === 0 ? null : Math.round(dollars * 1_000_000),
    unpricedModels: [...unpriced].sort(),
    priceTable: PRICE_TABLE,
  }
}

/** Nothing is known about the cost: the agent records no usage. */
export const costUnknown: Cost = { microUsd: null, unpricedModels: [], priceTable: PRICE_TABLE }

const providers: readonly (readonly [RegExp, string])[] = [
  [/^claude/, 'anthropic'],
  [/^([a-z]+\.)?anthropic\./, 'aws'],
  [/^(gpt-|o[1-9]|chatgpt-|codex-)/, 'openai'],
  [/^gemini-/, 'google'],
]

/** The provider that a model's name gives away; null where it could be anybody's. */
export function providerOf(model: string): string | null {
  return providers.find(([pattern]) => pattern.test(model))?.[1] ?? null
}
