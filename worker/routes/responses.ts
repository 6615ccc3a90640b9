/** How answers are described in OpenAPI. */
import type { z } from 'zod'
import { PROBLEM_MEDIA_TYPE, ProblemDetails } from '#core/api/problem.ts'
import { type FaultCode, faultCodes } from '#core/fault.ts'

export function json<Schema extends z.ZodType>(description: string, schema: Schema) {
  return { description, content: { 'application/json': { schema } } }
}

export function jsonRequest<Schema extends z.ZodType>(schema: Schema) {
  return { required: true, content: { 'application/json': { schema } } }
}

/** Problems by status, with the codes that a program may branch on. */
export function problems(...codes: readonly FaultCode[]) {
  const byStatus = Object.groupBy([...codes, 'internal' as const], (code) => faultCodes[code].status)
  return Object.fromEntries(
    Object.entries(byStatus).map(([status, group = []]) => [
      status,
      {
        description: group.map((code) => `\`${code}\`: ${faultCodes[code].title}`).join(' '),
        content: { [PROBLEM_MEDIA_TYPE]: { schema: ProblemDetails } },
      },
    ]),
  )
}

/** What every route behind `authenticate` may answer. */
export const credentialProblems = ['credential-missing', 'credential-invalid', 'credential-insufficient'] as const

export const bearer = [{ bearer: [] }]
