/** Apart from usage.ts, so that a browser gets the sum without the schema library. */
import type { Usage } from './usage.ts'

/** All tokens that were billed; reasoning is inside output already. */
export function totalTokens(usage: Usage): number {
  return usage.uncachedInput + usage.cacheRead + usage.cacheWrite5m + usage.cacheWrite1h + usage.output
}
