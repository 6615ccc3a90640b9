/** With which credential a command reads what the organisation knows. */
import { Fault } from '#core/fault.ts'
import type { Context } from '../context.ts'
import { destinationOf } from '../push/run.ts'

/** The token of the environment, an administrator's for example; else the machine's own. Throws credential-missing. */
export async function tokenFor(server: string, context: Context): Promise<string> {
  const token = context.environment['STEMMA_TOKEN'] || (await destinationOf(context, server))?.enrolment.token
  if (token !== undefined) return token
  throw new Fault('credential-missing', {
    message: 'This machine is not enrolled, and no token is given.',
    hint: 'Enrol it with `stemma init --token TOKEN`, or set STEMMA_TOKEN.',
  })
}
