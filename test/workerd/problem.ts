/** Every refusal has the published form; gives its code. */
import { expect } from 'vitest'
import { PROBLEM_MEDIA_TYPE, ProblemDetails } from '#core/api/problem.ts'
import { type FaultCode, faultCodes } from '#core/fault.ts'

export async function expectProblem(response: Response, code: FaultCode): Promise<ProblemDetails> {
  expect(response.headers.get('content-type')).toBe(PROBLEM_MEDIA_TYPE)
  const problem = ProblemDetails.parse(await response.json())
  expect(problem.code).toBe(code)
  expect(response.status).toBe(faultCodes[code].status)
  expect(problem.status).toBe(response.status)
  expect(problem.hint).not.toBe('')
  expect(problem.requestId).toBe(response.headers.get('x-request-id'))
  return problem
}
