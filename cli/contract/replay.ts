/** `stemma policy replay`: page after page of what the server's evidence would have been told. */
import { ReplayPage } from '#core/api/replay.ts'
import { Fault } from '#core/fault.ts'
import type { DocumentSource } from '#core/policy/document.ts'
import { type Result, results } from '#core/policy/policy.ts'
import type { Context } from '../context.ts'
import { callApi } from '../io/http.ts'
import { plain } from '../io/terminal.ts'
import { count, minute } from '../io/words.ts'
import { destinationOf } from '../push/run.ts'
import { openWorkspace } from '../workspace.ts'

/** Sessions that one call looks at; a narrower period or a repository shows the rest. */
const MAX_SESSIONS = 1_000

export interface ReplayRequest {
  readonly policy: string
  readonly days: number
  /** JSON; undefined = the rule's own defaults. */
  readonly with: string | undefined
  /** `owner/name` */
  readonly repository: string | undefined
  /** Documents that are not in force yet; null = by what is in force. */
  readonly sources: readonly DocumentSource[] | null
}

export async function replayPolicy(request: ReplayRequest, context: Context): Promise<void> {
  const { configuration } = await openWorkspace(context)
  const destination = await destinationOf(context, configuration?.server ?? null)
  if (destination === null) {
    throw new Fault('not-enrolled', {
      message: 'Stored evidence is on the server, and this machine has no key enrolled with one.',
      hint: 'Enrol it: `stemma init --server URL --token TOKEN`.',
    })
  }
  const items: ReplayPage['items'] = []
  let next: string | null = null
  do {
    const page: ReplayPage = await callApi(destination.server, {
      ...askFor(request, next),
      token: destination.enrolment.token,
      answer: ReplayPage,
    })
    items.push(...page.items)
    next = page.next
  } while (next !== null && items.length < MAX_SESSIONS)
  show({ request, items, isComplete: next === null }, context)
}

function askFor(request: ReplayRequest, cursor: string | null) {
  const { sources, policy, days, with: parameters, repository } = request
  if (sources === null) return { method: 'GET', path: `/v1/replay?${queryOf(request, cursor)}` } as const
  const body = {
    ...{ sources, policy, days },
    ...(parameters === undefined ? {} : { with: parametersOf(parameters) }),
    ...(repository === undefined ? {} : { repository }),
    ...(cursor === null ? {} : { cursor }),
  }
  const headers = { 'content-type': 'application/json' }
  return { method: 'POST', path: '/v1/replay', headers, body: JSON.stringify(body) } as const
}

function parametersOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Fault('request-malformed', {
      message: 'The parameters are no JSON.',
      hint: 'Write them as an object: `--with \'{"allow":["claude-*"]}\'`.',
      cause,
    })
  }
}

function queryOf({ policy, days, with: parameters, repository }: ReplayRequest, cursor: string | null): string {
  const query = new URLSearchParams({ policy, days: String(days) })
  if (parameters !== undefined) query.set('with', parameters)
  if (repository !== undefined) query.set('repository', repository)
  if (cursor !== null) query.set('cursor', cursor)
  return query.toString()
}

interface Outcome {
  readonly request: ReplayRequest
  readonly items: ReplayPage['items']
  readonly isComplete: boolean
}

function show({ request, items, isComplete }: Outcome, { terminal, json }: Context): void {
  const number = (result: Result) => items.filter(({ verdict }) => verdict.result === result).length
  const counts = Object.fromEntries(results.map((result) => [result, number(result)]))
  if (json) {
    const { policy, days } = request
    terminal.print(JSON.stringify({ policy, days, sessions: items.length, isComplete, counts, items }, null, 2))
    return
  }
  for (const { session, repository, receivedAt, verdict } of items) {
    if (verdict.result !== 'fail' && verdict.result !== 'error') continue
    const said = verdict.findings[0]?.message ?? verdict.reason ?? verdict.result
    const mark = terminal.mark(verdict.result === 'fail' ? 'failed' : 'warning')
    const place = repository ?? 'no repository'
    terminal.print(`${mark} ${verdict.result} ${minute(receivedAt)} ${plain(place)} ${plain(session)}  ${plain(said)}`)
  }
  const parts = `${number('fail')} would fail, ${number('error')} cannot be told, ${number('skipped')} do not apply`
  terminal.say(`${count(items.length, 'session')} of the last ${count(request.days, 'day')}: ${parts}`)
  if (!isComplete) terminal.say(`there are more than ${MAX_SESSIONS}: look at fewer with --days or --repository`)
}
