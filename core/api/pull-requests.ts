/** Wire shapes of pull requests. */
import { z } from 'zod'
import { conclusions, Report } from '../report/report.ts'

export const PullRequestRow = z.object({
  repository: z.string(),
  number: z.int().positive(),
  title: z.string(),
  state: z.enum(['open', 'closed', 'merged']),
  head: z.string(),
  sessions: z.int().nonnegative(),
  conclusion: z.enum(conclusions).nullable(),
  updatedAt: z.iso.datetime(),
})
export type PullRequestRow = Readonly<z.infer<typeof PullRequestRow>>

/** `GET /v1/pull-requests?cursor&limit&repository` */
export const PullRequestPage = z.object({ items: z.array(PullRequestRow), next: z.string().nullable() })

/** `GET /v1/pull-requests/{owner}/{repository}/{number}` */
export const PullRequestView = z.object({ pullRequest: PullRequestRow, report: Report.nullable() })
export type PullRequestView = Readonly<z.infer<typeof PullRequestView>>
