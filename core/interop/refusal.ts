/** Why an import is refused: nothing of a refused input is kept or changed. */
import type { z } from 'zod'
import { Fault } from '../fault.ts'

const HINT = 'Nothing was imported. See what is read: `stemma help import`.'

export function malformed(what: string, problem: z.ZodError | string): Fault {
  const [issue] = typeof problem === 'string' ? [] : problem.issues
  const said =
    typeof problem === 'string'
      ? problem
      : `\`${issue?.path.join('.') || 'the document'}\`: ${issue?.message ?? 'is malformed'}`
  return new Fault('import-malformed', { message: `This is no ${what}: ${said}.`.replace(/\.\.$/, '.'), hint: HINT })
}

export function unsupported(what: string, version: string, known: string): Fault {
  return new Fault('import-unsupported', {
    message: `Version ${version.slice(0, 40)} of ${what} is not known here; ${known} can be read.`,
    hint: HINT,
  })
}
