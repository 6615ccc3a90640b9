/** Report: what a pull request shows. Comment, check run, terminal and Markdown are rendered from this one value. */
import { z } from 'zod'
import { LineCounts, LineRange } from '../attribution/attribution.ts'
import { Verdict } from '../policy/policy.ts'
import { captureKinds, SessionHeader } from '../session/session.ts'
import { Cost, Usage } from '../session/usage.ts'

const count = z.int().nonnegative()

const ReportFile = z.object({ path: z.string(), added: LineCounts, removed: count, ranges: z.array(LineRange) })

/** By the id of a commit, by the patch id of a commit with another id, or by keyed digests of its lines. */
export const waysToFind = ['commit', 'patch', 'lines'] as const
export type FoundBy = (typeof waysToFind)[number]

const ReportSession = z.object({
  id: z.string(),
  agent: z.string(),
  agentVersion: z.string().nullable(),
  models: z.array(z.string()),
  person: z.string(),
  startedAt: z.iso.datetime().nullable(),
  durationSeconds: z.number().nonnegative().nullable(),
  usage: Usage.nullable(),
  cost: Cost,
  /** Added lines of this pull request that this session wrote (`ai`, `mixed`); the others are the files' totals. */
  lines: LineCounts,
  files: z.array(ReportFile),
  capture: z.enum(captureKinds),
  guard: SessionHeader.shape.guard,
  /** How evidence of the session was tied to commits of the pull request; older reports lack it. */
  foundBy: z.array(z.enum(waysToFind)).optional(),
  /** Address on the dashboard. */
  url: z.string(),
  evidenceId: z.string(),
  logIndex: count,
  verdicts: z.array(Verdict),
})
export type ReportSession = Readonly<z.infer<typeof ReportSession>>

export const conclusions = ['success', 'neutral', 'failure'] as const
export type Conclusion = (typeof conclusions)[number]

export const Report = z.object({
  repository: z.string(),
  number: z.int().positive(),
  /** The head commit for which this report holds. */
  head: z.string(),
  conclusion: z.enum(conclusions),
  /** Lines of all commits of the pull request by class; lines of commits without evidence are `unknown`. */
  lines: LineCounts,
  sessions: z.array(ReportSession),
  /** On the pull request as a whole; older reports lack them. */
  verdicts: z.array(Verdict).optional(),
  /** By which policies were judged; older reports lack it. */
  contract: z.object({ name: z.string(), version: z.int().positive() }).optional(),
  /** Commits of the pull request with no evidence; not a judgement about who wrote them. */
  unobservedCommits: z.array(
    z.object({
      commit: z.string(),
      subject: z.string(),
      hint: z.string().nullable(),
      /** The session that its trailer names; null where it names none, absent in older reports. */
      session: z.string().nullable().optional(),
    }),
  ),
  signatures: z.object({ verified: count, total: count }),
  /** Checkpoint of the log at the time of the report: size, base64 root, and name of the log (older reports lack it). */
  checkpoint: z.object({ size: count, root: z.string(), origin: z.string().optional() }).nullable(),
  /** Ids of what the platform signed about this report: `GET /v1/conclusions/{id}`; absent where nothing could be signed. */
  conclusions: z.object({ testResult: z.string(), summary: z.string() }).optional(),
  /** What agents do not record, in words ("Cursor: tokens"). */
  notRecorded: z.array(z.string()),
  dashboardUrl: z.string(),
})
export type Report = Readonly<z.infer<typeof Report>>
