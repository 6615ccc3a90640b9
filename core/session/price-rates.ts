/**
 * Prices of one model at one time, taken from the table once and then applied by ourselves: asking the table's library
 * costs more than reading the record that is priced. What is computed here equals its answer to the last bit.
 */
import type { ModelPrice } from '@pydantic/genai-prices'
import type { Usage } from './usage.ts'

type Price = NonNullable<ModelPrice[string]>
type Leaf = 'input' | 'cacheRead' | 'cacheWrite' | 'cacheWrite1h' | 'output'

const leaves: ReadonlyMap<string, Leaf> = new Map([
  ['input_mtok', 'input'],
  ['cache_read_mtok', 'cacheRead'],
  ['cache_write_mtok', 'cacheWrite'],
  ['cache_write_1h_mtok', 'cacheWrite1h'],
  ['output_mtok', 'output'],
])

/** Priced apart from what we count, so that our calls have none of it. */
const absent: ReadonlySet<string> = new Set([
  'input_audio_mtok',
  'input_image_mtok',
  'input_video_mtok',
  'output_audio_mtok',
  'output_image_mtok',
  'output_video_mtok',
  'cache_audio_read_mtok',
  'cache_image_read_mtok',
  'web_searches_kcount',
  'storage_searches_kcount',
])

export interface Rates {
  /** In the order of the table: sums of fractions depend on it. */
  readonly prices: readonly (readonly [Leaf, Price])[]
  readonly has: ReadonlySet<Leaf>
}

/** null where the table prices something by which we cannot tell calls apart: its library is asked then. */
export function ratesOf(table: ModelPrice): Rates | null {
  const prices: (readonly [Leaf, Price])[] = []
  for (const [key, price] of Object.entries(table)) {
    const leaf = leaves.get(key)
    if (price === undefined || absent.has(key)) continue
    if (leaf === undefined) return null
    prices.push([leaf, typeof price === 'number' ? price : { ...price, tiers: price.tiers.toSorted(byStart) }])
  }
  return { prices, has: new Set(prices.map(([leaf]) => leaf)) }
}

function byStart(left: { readonly start: number }, right: { readonly start: number }): number {
  return left.start - right.start
}

/** US dollars. */
export function dollarsOf(
  { uncachedInput, cacheRead, cacheWrite5m, cacheWrite1h, output }: Usage,
  rates: Rates,
): number {
  const whole = uncachedInput + cacheRead + cacheWrite5m + cacheWrite1h
  let input = 0
  let produced = 0
  for (const [leaf, price] of rates.prices) {
    if (leaf === 'output') produced += amount(price, output, whole)
    else if (leaf === 'cacheRead') input += amount(price, cacheRead, whole)
    else if (leaf === 'cacheWrite1h') input += amount(price, cacheWrite1h, whole)
    else if (leaf === 'cacheWrite') {
      input += amount(price, rates.has.has('cacheWrite1h') ? cacheWrite5m : cacheWrite5m + cacheWrite1h, whole)
    } else {
      // What has no price of its own costs as much as other input.
      const read = rates.has.has('cacheRead') ? cacheRead : 0
      const written = rates.has.has('cacheWrite') ? cacheWrite5m + cacheWrite1h : 0
      input += amount(price, whole - read - written, whole)
    }
  }
  return input + produced
}

/** `size`: tokens of the whole request, which decide the tier. */
function amount(price: Price, tokens: number, size: number): number {
  if (typeof price === 'number') return (price * tokens) / 1e6
  if (tokens <= 0) return 0
  let rate = price.base
  for (const tier of price.tiers) if (size > tier.start) rate = tier.price
  // The library multiplies and divides once more here; the last bit may depend on it.
  return (((rate * tokens) / 1e6) * 1e6) / 1e6
}
