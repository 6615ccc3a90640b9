/**
 * What other tools say about who wrote which lines, read into one form. It is a claim: it is kept beside what Stemma
 * observed and never among it. A line that Stemma did not observe stays `unknown`, whatever an import says of it.
 */
import { z } from 'zod'
import { lineClasses } from '../attribution/attribution.ts'

const importSources = ['agent-trace', 'git-ai', 'chainloop-ai-session', 'chainloop-ai-config'] as const

const ClaimedRange = z.object({
  /** 1-based, inclusive, in the file as the commit has it. */
  start: z.int().positive(),
  end: z.int().positive(),
  /** What the source says; nobody here has seen it. */
  claim: z.enum(lineClasses),
  /** `<agent>:<the agent's own id>` where the source names one. */
  session: z.string().nullable(),
  model: z.string().nullable(),
})
export type ClaimedRange = Readonly<z.infer<typeof ClaimedRange>>

const ImportedFile = z.object({
  path: z.string().min(1),
  ranges: z.array(ClaimedRange),
  /** Of a configuration file; null where the source gives none. */
  sha256: z.string().nullable(),
})
export type ImportedFile = Readonly<z.infer<typeof ImportedFile>>

export const ImportedRecord = z.object({
  schema: z.literal('stemma.import/v1'),
  source: z.enum(importSources),
  /** Version of the format, as the input names it. */
  version: z.string(),
  /** Who signed it, as far as that was verified here; null = unsigned, or nobody verified it. */
  signedBy: z.string().nullable(),
  tool: z.object({ name: z.string(), version: z.string().nullable() }).nullable(),
  /** The commit at which line numbers hold; null where the source names none, so that they hold nowhere certain. */
  commit: z.string().nullable(),
  /** Commits that the source names without saying which of them the lines are in. */
  relatedCommits: z.array(z.string()),
  /** RFC 3339, as the source says it. */
  at: z.string().nullable(),
  sessions: z.array(z.object({ id: z.string(), model: z.string().nullable() })),
  files: z.array(ImportedFile),
  /** What could be read but not understood, or contradicts itself. */
  warnings: z.array(z.string()),
})
export type ImportedRecord = Readonly<z.infer<typeof ImportedRecord>>

/** Lines that the ranges name by class, each line once. */
export function claimedLines(ranges: readonly ClaimedRange[]): Readonly<Record<ClaimedRange['claim'], number>> {
  const lines = { ai: 0, human: 0, mixed: 0, unknown: 0 }
  let last = 0
  for (const { start, end, claim } of ranges.toSorted((left, right) => left.start - right.start)) {
    lines[claim] += Math.max(0, end - Math.max(start, last + 1) + 1)
    last = Math.max(last, end)
  }
  return lines
}
