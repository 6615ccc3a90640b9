/** What `stemma blame --json` and `stemma stats --json` print, and nothing beside it. */
import { z } from 'zod'

const Id = z.string().regex(/^[0-9a-f]{40}$/)
const Lines = z.strictObject({
  ai: z.int().nonnegative(),
  human: z.int().nonnegative(),
  mixed: z.int().nonnegative(),
  unknown: z.int().nonnegative(),
})
const Shares = z.record(z.string(), z.strictObject({ ai: z.int(), mixed: z.int(), commits: z.int() }))
export const Blame = z.strictObject({
  file: z.string(),
  revision: Id,
  lines: z.array(
    z.strictObject({
      line: z.int().positive(),
      class: z.enum(['ai', 'human', 'mixed', 'unknown']),
      session: z.string().nullable(),
      agent: z.string().nullable(),
      model: z.string().nullable(),
      confidence: z.enum(['both', 'snapshot', 'transcript', 'none']),
      commit: Id,
    }),
  ),
})
export const Stats = z.strictObject({
  range: z.string(),
  commits: z.strictObject({
    total: z.int(),
    observed: z.int(),
    unobserved: z.array(z.strictObject({ commit: Id, reason: z.string().min(1) })),
  }),
  lines: Lines,
  removed: Lines,
  agents: Shares,
  models: Shares,
  sessions: Shares,
})
