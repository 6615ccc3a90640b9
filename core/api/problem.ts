/** Errors of the API: RFC 9457 problem details with Stemma's stable code. */
import { z } from 'zod'

export const PROBLEM_MEDIA_TYPE = 'application/problem+json'

export const ProblemDetails = z.object({
  /** Address of the documentation of the code. */
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  /** One of core/fault.ts. */
  code: z.string(),
  /** Ends in something to type or click. */
  hint: z.string(),
  requestId: z.string(),
})
export type ProblemDetails = Readonly<z.infer<typeof ProblemDetails>>
