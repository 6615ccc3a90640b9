/** Attribution: for every added line of a commit, who wrote it, as far as it was observed. */
import { z } from 'zod'

/**
 * `ai`: an agent's edit put that content there. `human`: a person's, seen between two observed states.
 * `mixed`: a line of one later changed by the other. `unknown`: not observed; never counted as human.
 */
export const lineClasses = ['ai', 'human', 'mixed', 'unknown'] as const
export type LineClass = (typeof lineClasses)[number]

const count = z.int().nonnegative()

export const LineCounts = z.object({ ai: count, human: count, mixed: count, unknown: count })
export type LineCounts = Readonly<z.infer<typeof LineCounts>>

/** Lines `start` to `end` (1-based, inclusive) of the committed file. */
export const LineRange = z.object({
  start: z.int().positive(),
  end: z.int().positive(),
  class: z.enum(lineClasses),
  /** Session id for `ai` and `mixed`; null otherwise. */
  session: z.string().nullable(),
  model: z.string().nullable(),
  /** `both`: the snapshots and the transcript agree; `snapshot` or `transcript`: one witness; `none`: unknown. */
  confidence: z.enum(['both', 'snapshot', 'transcript', 'none']),
})
export type LineRange = Readonly<z.infer<typeof LineRange>>

export const FileAttribution = z.object({
  path: z.string().min(1),
  status: z.enum(['added', 'modified', 'deleted', 'renamed']),
  binary: z.boolean(),
  /** Ranges of added lines only, in order, not overlapping. */
  ranges: z.array(LineRange),
  added: LineCounts,
  removed: LineCounts,
})
export type FileAttribution = Readonly<z.infer<typeof FileAttribution>>

export const CommitAttribution = z.object({
  commit: z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/),
  parents: z.array(z.string()),
  authoredAt: z.iso.datetime(),
  subject: z.string(),
  /** `git patch-id --stable` of the commit; null for merges and empty commits. */
  patchId: z.string().nullable(),
  files: z.array(FileAttribution),
  added: LineCounts,
  removed: LineCounts,
  /** Sessions that contributed a line, or an observed removal, to this commit. */
  sessions: z.array(z.string()),
})
export type CommitAttribution = Readonly<z.infer<typeof CommitAttribution>>

export const noLines: LineCounts = { ai: 0, human: 0, mixed: 0, unknown: 0 }

export function addLineCounts(left: LineCounts, right: LineCounts): LineCounts {
  return {
    ai: left.ai + right.ai,
    human: left.human + right.human,
    mixed: left.mixed + right.mixed,
    unknown: left.unknown + right.unknown,
  }
}

export function totalLines(lines: LineCounts): number {
  return lines.ai + lines.human + lines.mixed + lines.unknown
}
