/** What the overview shows, each figure against the previous period of equal length. Days are UTC. */
import { z } from 'zod'

const day = z.iso.date()
const count = z.int().nonnegative()

/** `null` = not recorded; never zero. */
const compared = <Value extends z.ZodType>(value: Value) =>
  z.object({ current: value.nullable(), previous: value.nullable() })

export const Overview = z.object({
  /** Both days inclusive. */
  period: z.object({ from: day, to: day }),
  previousPeriod: z.object({ from: day, to: day }),
  sessions: compared(count),
  activeUsers: compared(count),
  /** Pull requests with at least one session / all that were seen. */
  aiPullRequests: compared(count),
  pullRequests: compared(count),
  /** ai / (ai + human + mixed + unknown) of added lines in attributed commits, 0 to 1. */
  aiLineShare: compared(z.number().min(0).max(1)),
  costMicroUsd: compared(count),
  tokens: compared(count),
  /** Share of added lines whose origin was observed, 0 to 1. */
  observedLineShare: compared(z.number().min(0).max(1)),
  days: z.array(
    z.object({
      day,
      sessions: count,
      ai: count,
      human: count,
      mixed: count,
      unknown: count,
      costMicroUsd: count.nullable(),
    }),
  ),
  topUsers: z.array(
    z.object({
      person: z.object({ id: z.string(), name: z.string() }),
      sessions: count,
      aiLines: count,
      costMicroUsd: count.nullable(),
      /** In the previous period; null = nothing was recorded then. */
      previousSessions: count.nullable(),
      previousAiLines: count.nullable(),
    }),
  ),
  models: z.array(
    z.object({
      model: z.string(),
      sessions: count,
      tokens: count,
      /** null = unpriced. */
      costMicroUsd: count.nullable(),
      previousCostMicroUsd: count.nullable(),
    }),
  ),
  agents: z.array(z.object({ agent: z.string(), sessions: count })),
  /** `waived`: violations and errors that a waiver in force covers; they are not among `fail` and `error`. */
  policies: z.array(z.object({ policy: z.string(), pass: count, fail: count, error: count, waived: count })),
})
export type Overview = Readonly<z.infer<typeof Overview>>
