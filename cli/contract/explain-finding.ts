/** `stemma policy explain SESSION/POLICY`: what a rule found in a session, what proves it, and what to do about it. */
import { SessionView } from '#core/api/sessions.ts'
import { type ExitCode, Fault } from '#core/fault.ts'
import type { Contract } from '#core/policy/contract.ts'
import { policyOfCustom } from '#core/policy/custom-policies.ts'
import type { Document } from '#core/policy/document.ts'
import { judge } from '#core/policy/judge.ts'
import { mergeContracts } from '#core/policy/merge-contracts.ts'
import type { Policy, Verdict } from '#core/policy/policy.ts'
import { policies } from '#core/policy/registry.ts'
import type { Event } from '#core/session/event.ts'
import { configurationsHere } from '../configuration/evidence.ts'
import type { Context } from '../context.ts'
import { callApi } from '../io/http.ts'
import { loadSession } from '../io/summaries.ts'
import { plain } from '../io/terminal.ts'
import { contractInForce } from '../push/contract.ts'
import { destinationOf } from '../push/run.ts'
import { captured, openWorkspace, repositoryName } from '../workspace.ts'

export interface FindingName {
  /** The id with or without its agent, or the beginning of it. */
  readonly session: string
  readonly policy: string
  /** Instead of the contract in force. */
  readonly documents: readonly Document[] | null
}

interface Explained {
  readonly session: string
  readonly verdict: Verdict
  /** null = the transcript is not on this machine. */
  readonly events: readonly Event[] | null
}

/** From the transcript on this machine; otherwise what the server has said, whose events it does not send. */
export async function explainFinding(name: FindingName, context: Context): Promise<ExitCode> {
  const workspace = await openWorkspace(context)
  const { repository, roots, configuration } = workspace
  const destination = await destinationOf(context, configuration?.server ?? null)
  const place = await repositoryName(repository)
  const contract =
    name.documents === null
      ? await contractInForce(repository.stateDirectory, destination, place)
      : mergeContracts(name.documents, { repository: place, version: 1 })
  const policy = policyNamed(name.policy, contract)
  const entry = contract.policies.find((one) => one.policy === policy.id)
  const judged = { ...contract, policies: [entry ?? { policy: policy.id, with: {}, gate: false }] }

  const { summaries, request } = await captured(context, { roots, stateDirectory: repository.stateDirectory })
  const summary = summaries.find(
    ({ header: { id } }) => id.startsWith(name.session) || id.slice(id.indexOf(':') + 1).startsWith(name.session),
  )
  const session = summary === undefined ? null : await loadSession(summary, request)
  let explained: Explained
  if (session !== null) {
    const configurations = await configurationsHere(workspace, context)
    const own = configurations.find(({ agent }) => agent === session.agent.id) ?? null
    const [verdict] = judge(judged, { session, commits: [], configuration: own })
    if (verdict === undefined) throw new TypeError('a contract of one policy gives one verdict')
    explained = { session: session.id, verdict, events: session.events }
  } else {
    if (destination === null) throw unknown(name.session)
    const path = `/v1/sessions/${encodeURIComponent(name.session)}`
    const view = await callApi(destination.server, {
      ...{ method: 'GET', path, token: destination.enrolment.token, answer: SessionView },
    })
    const verdict = view.verdicts.find((one) => one.policy === policy.id)
    if (verdict === undefined) throw unknown(`${name.session}/${policy.id}`)
    explained = { session: name.session, verdict, events: null }
  }
  show(explained, { policy, contract, entry }, context)
  return explained.verdict.result === 'fail' || explained.verdict.result === 'error' ? 1 : 0
}

interface Rule {
  readonly policy: Policy
  readonly contract: Contract
  readonly entry: Contract['policies'][number] | undefined
}

function show({ session, verdict, events }: Explained, { policy, contract, entry }: Rule, context: Context): void {
  const { terminal, json } = context
  const waive = `stemma waivers request ${policy.id} --session ${session} --reason "why"`
  const cited = new Set(verdict.findings.flatMap(({ citations }) => citations.map(({ event }) => event)))
  const shown = (events ?? []).filter(({ id }) => cited.has(id))
  if (json) {
    const { id, title, why, fix } = policy
    const { name, version } = contract
    const rule = { id, title, why, fix }
    const from = { name, version, entry: entry ?? null }
    terminal.print(JSON.stringify({ session, policy: rule, verdict, events: shown, contract: from, waive }, null, 2))
    return
  }
  const { bold, dim } = terminal.colours
  terminal.print(`${bold(policy.id)} ${dim(`version ${verdict.version}`)}  ${verdict.result}  ${plain(session)}`)
  terminal.print(plain(policy.title))
  terminal.print(`\n${bold('Why')}         ${plain(policy.why)}`)
  for (const { message, fix, citations } of verdict.findings) {
    terminal.print(`\n${terminal.mark('failed')} ${plain(message)}`)
    terminal.print(`  ${bold('What to do')}  ${plain(fix)}`)
    for (const { event, file, start } of citations) {
      if (file !== null) terminal.print(`  ${plain(file)}${start === null ? '' : `:${start}`}`)
      const found = shown.find(({ id }) => id === event)
      if (found !== undefined) terminal.print(`  ${dim(plain(found.id))} ${plain(textOf(found)).slice(0, 400)}`)
    }
  }
  if (verdict.findings.length === 0 && verdict.reason !== null) terminal.print(plain(verdict.reason))
  const place = `contract ${plain(contract.name)} version ${contract.version}`
  if (entry === undefined) terminal.print(`\n${bold('Contract')}    ${place} does not name it`)
  else {
    const given = Object.keys(entry.with).length === 0 ? '' : `, with: ${plain(JSON.stringify(entry.with))}`
    terminal.print(`\n${bold('Contract')}    ${place}: {policy: ${entry.policy}, gate: ${entry.gate}${given}}`)
  }
  terminal.print(`${bold('Waive it')}    ${plain(waive)}; an administrator other than you approves it`)
  if (events === null) terminal.say('the transcript is not on this machine, so the cited events are not shown')
}

/** What stands in an event, in one line. */
function textOf(event: Event): string {
  const { kind } = event
  const words =
    kind === 'toolCall'
      ? (event.command ?? `${event.tool} ${event.paths.join(' ')}`)
      : kind === 'toolResult'
        ? event.output
        : 'text' in event
          ? event.text
          : ''
  return `${kind}: ${String(words ?? '').replaceAll(/\s+/g, ' ')}`
}

function policyNamed(id: string, { custom = [] }: Contract): Policy {
  const own = custom.find((one) => one.id === id)
  const found = own === undefined ? policies.find((one) => one.id === id) : policyOfCustom(own)
  if (found !== undefined) return found
  throw new Fault('not-found', {
    message: `There is no policy ${JSON.stringify(id.slice(0, 60))}.`,
    hint: 'List them: `stemma policy list`.',
  })
}

function unknown(name: string): Fault {
  return new Fault('not-found', {
    message: `There is no session or verdict ${name.slice(0, 100)}, neither here nor on the server.`,
    hint: 'See which there are with `stemma sessions --limit 0`.',
  })
}
