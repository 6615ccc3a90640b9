/** The one normal form of token usage and cost, whatever an agent's own file calls them. */
import { z } from 'zod'

export { totalTokens } from './total-tokens.ts'

const tokens = z.int().nonnegative()

/**
 * Tokens of one or many model calls. `output` includes `reasoning`; `uncachedInput` excludes everything cached,
 * so that the sum of the first five is what was billed.
 */
export const Usage = z.object({
  uncachedInput: tokens,
  cacheRead: tokens,
  cacheWrite5m: tokens,
  cacheWrite1h: tokens,
  output: tokens,
  reasoning: tokens,
})
export type Usage = Readonly<z.infer<typeof Usage>>

/** Money in millionths of a US dollar, so that sums stay exact. `null` = no part could be priced; never zero instead. */
export const Cost = z.object({
  microUsd: tokens.nullable(),
  /** Models for which the price table has no price; what they cost is not in `microUsd`. */
  unpricedModels: z.array(z.string()),
  /** The table used, as `<package>@<version>`. */
  priceTable: z.string(),
})
export type Cost = Readonly<z.infer<typeof Cost>>

export const noUsage: Usage = {
  uncachedInput: 0,
  cacheRead: 0,
  cacheWrite5m: 0,
  cacheWrite1h: 0,
  output: 0,
  reasoning: 0,
}

export function addUsage(left: Usage, right: Usage): Usage {
  return {
    uncachedInput: left.uncachedInput + right.uncachedInput,
    cacheRead: left.cacheRead + right.cacheRead,
    cacheWrite5m: left.cacheWrite5m + right.cacheWrite5m,
    cacheWrite1h: left.cacheWrite1h + right.cacheWrite1h,
    output: left.output + right.output,
    reasoning: left.reasoning + right.reasoning,
  }
}
