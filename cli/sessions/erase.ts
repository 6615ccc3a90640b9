/** `stemma sessions erase`: the transcript of a session is erased on the server; its evidence stays. */
import { TranscriptErased } from '#core/api/retention.ts'
import { Fault } from '#core/fault.ts'
import { erasureWords } from '#core/report/erasure-words.ts'
import type { Context } from '../context.ts'
import { noteErasureOfSession } from '../io/erasures.ts'
import { callApi } from '../io/http.ts'
import { readAllReceipts } from '../io/receipts.ts'
import { plain } from '../io/terminal.ts'
import { count } from '../io/words.ts'
import { destinationOf } from '../push/run.ts'
import { openWorkspace } from '../workspace.ts'

export async function eraseSession(
  name: string | undefined,
  { yes }: { readonly yes: boolean },
  context: Context,
): Promise<0> {
  const { repository, configuration } = await openWorkspace(context)
  const { stateDirectory } = repository
  const server = configuration?.server ?? null
  const session = await named(name, stateDirectory)
  // An administrator erases what others sent; everybody else what this machine's person did.
  const token = context.environment['STEMMA_TOKEN'] || (await destinationOf(context, server))?.enrolment.token
  if (server === null || token === undefined) {
    throw new Fault('not-enrolled', {
      message: 'This machine is not enrolled with a server, so there is nothing to erase.',
      hint: 'Enrol it: `stemma init --server URL --token TOKEN`.',
    })
  }
  if (!yes) {
    if (!context.terminal.isInteractive || context.json) {
      throw new Fault('request-malformed', {
        message: 'Erasing cannot be undone, and there is nobody to ask.',
        hint: `Say so: \`stemma sessions erase ${session} --yes\`.`,
      })
    }
    context.terminal.say('The transcript cannot be brought back. Evidence, figures and verdicts stay.')
    if (!(await context.terminal.confirm(`Erase the transcript of ${plain(session)} on ${server}?`))) {
      context.terminal.say('nothing was erased')
      return 0
    }
  }
  const erased = await callApi(server, {
    method: 'DELETE',
    path: `/v1/sessions/${encodeURIComponent(session)}/transcript`,
    token,
    answer: TranscriptErased,
  })
  await noteErasureOfSession(stateDirectory, { server, session, erasure: erased.erasure })
  if (context.json) context.terminal.print(JSON.stringify(erased, null, 2))
  else {
    const { terminal } = context
    terminal.print(`${terminal.mark('ok')} transcript of ${plain(session)} ${erasureWords(erased.erasure)}`)
    terminal.say(`${count(erased.evidence.length, 'piece')} of evidence stay, and their signatures hold`)
  }
  return 0
}

/** The whole id, or its beginning where this machine sent evidence of the session. */
async function named(name: string | undefined, stateDirectory: string): Promise<string> {
  if (name === undefined) {
    throw new Fault('request-malformed', {
      message: 'No session is named.',
      hint: 'See which there are with `stemma sessions`, then `stemma sessions erase ID`.',
    })
  }
  const receipts = await readAllReceipts(stateDirectory)
  const sent = [...new Set(receipts.flatMap(({ notes }) => notes.session ?? []))]
  if (sent.includes(name)) return name
  const fitting = sent.filter((id) => id.startsWith(name) || id.slice(id.indexOf(':') + 1).startsWith(name))
  const [first, ...others] = fitting
  if (first !== undefined && others.length === 0) return first
  if (first === undefined && name.includes(':')) return name
  throw first === undefined
    ? new Fault('not-found', {
        message: `This machine has sent no session ${name}.`,
        hint: 'Name one of another machine by its whole id, such as `claude-code:0719df64-…`.',
      })
    : new Fault('request-malformed', {
        message: `${count(fitting.length, 'session')} begin with ${name}.`,
        hint: `Give more of the id, such as \`stemma sessions erase ${first}\`.`,
      })
}
