/** `stemma policy history`: what was ever said of a session, by which versions of rule and contract. */
import { type PastVerdict, VerdictHistory } from '#core/api/verdicts.ts'
import { type ExitCode, Fault } from '#core/fault.ts'
import type { Context } from '../context.ts'
import { callApi } from '../io/http.ts'
import { printTable } from '../io/table.ts'
import { count } from '../io/words.ts'
import { destinationOf } from '../push/run.ts'
import { captured, openWorkspace } from '../workspace.ts'

interface Asked {
  /** The id with its agent, or the beginning of one that is on this machine. */
  readonly session: string
  /** null: of every policy. */
  readonly policy: string | null
}

export async function showHistory({ session: named, policy }: Asked, context: Context): Promise<ExitCode> {
  const { configuration, repository, roots } = await openWorkspace(context)
  const destination = await destinationOf(context, configuration?.server ?? null)
  if (destination === null) {
    throw new Fault('not-enrolled', {
      message: 'Verdicts are kept on the server, and this machine has no key enrolled with one.',
      hint: 'Enrol it: `stemma init --server URL --token TOKEN`.',
    })
  }
  const { summaries } = await captured(context, { roots, stateDirectory: repository.stateDirectory })
  const ids = summaries.map(({ header: { id } }) => id)
  const session = ids.find((id) => id.startsWith(named) || id.slice(id.indexOf(':') + 1).startsWith(named)) ?? named
  const query = policy === null ? '' : `?policy=${encodeURIComponent(policy)}`
  const history = await callApi(destination.server, {
    method: 'GET',
    path: `/v1/sessions/${encodeURIComponent(session)}/verdict-history${query}`,
    token: destination.enrolment.token,
    answer: VerdictHistory,
  })
  show(history, context)
  return 0
}

function show(history: VerdictHistory, { terminal, json }: Context): void {
  const { items, isCut } = history
  if (json) {
    terminal.print(JSON.stringify(history, null, 2))
    return
  }
  if (items.length > 0) {
    printTable<PastVerdict>(
      items,
      [
        { title: 'Policy', value: ({ policy, version }) => `${policy} (version ${version})` },
        { title: 'Contract', value: ({ contractVersion }) => `version ${contractVersion}` },
        { title: 'Since', value: ({ contractAt }) => contractAt?.slice(0, 10) ?? 'the beginning', importance: 1 },
        { title: 'Verdict', value: ({ result }) => result },
        { title: 'Findings', value: ({ findings }) => String(findings), align: 'right', importance: 2 },
        { title: '', value: ({ isPresent }) => (isPresent ? 'counts now' : '') },
      ],
      terminal,
    )
  }
  const kept = items.filter(({ isPresent }) => !isPresent).length
  terminal.say(
    items.length === 0
      ? 'nothing was judged: the server has no verdict on this session, or none by this policy'
      : `${count(items.length, 'verdict')}, ${kept} of them by earlier rules, contracts or evidence`,
  )
  if (isCut) terminal.say('there are more: ask for one policy, `stemma policy history SESSION/POLICY`')
}
