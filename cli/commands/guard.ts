/** `stemma guard`: lets the contract's policies answer before a tool runs, on this machine and in this repository. */
import { z } from 'zod'
import { type ExitCode, Fault } from '#core/fault.ts'
import type { GuardRecord } from '#core/guard/guard.ts'
import { guardPolicies } from '#core/guard/policies.ts'
import { agentGuards } from '#core/guard/registry.ts'
import type { Contract } from '#core/policy/contract.ts'
import type { Context } from '../context.ts'
import { readDecisions } from '../guard/decisions.ts'
import { guardedAgents, setGuardedAgents } from '../guard/switch.ts'
import { folded, plain } from '../io/terminal.ts'
import { count, minute } from '../io/words.ts'
import { contractInForce } from '../push/contract.ts'
import { destinationOf } from '../push/run.ts'
import { unheard } from '../setup/hook-checks.ts'
import { openWorkspace, repositoryName, type Workspace } from '../workspace.ts'
import { defineCommand } from './command.ts'

const actions = ['on', 'off', 'status'] as const
const ids = agentGuards.map(({ agent }) => agent)
/** Columns of what stands before the text. */
const TITLE = 11
/** Latest decisions that `status` shows; the evidence has them all. */
const SHOWN = 10

export const guard = defineCommand({
  name: 'guard',
  summary: 'let the contract allow, question or deny tool calls before they run',
  arguments: [{ name: 'action', description: actions.join(', '), required: true, words: actions }],
  options: [{ flags: '--agent <id>', description: `on, off: for this agent alone (${ids.join(', ')})`, words: ids }],
  examples: [
    { command: 'stemma guard on', effect: 'a call that a required policy objects to is stopped, with the reason' },
    { command: 'stemma guard status', effect: 'for which agents it is on, by which policies, and what it decided' },
  ],
  parameters: z.object({
    action: z.enum(actions, { error: `must be one of ${actions.join(', ')}` }),
    agent: z.string().optional(),
  }),
  run: async ({ action, agent }, context) => {
    if (agent !== undefined && !ids.includes(agent)) throw unknownAgent(agent)
    const workspace = await openWorkspace(context)
    if (workspace.configuration === null) throw notSetUp()
    const contract = await contractOf(workspace, context)
    if (action !== 'status') await turn(action, { agent, contract, workspace })
    return show(contract, workspace, context)
  },
})

async function contractOf({ repository, configuration }: Workspace, context: Context): Promise<Contract> {
  const destination = await destinationOf(context, configuration?.server ?? null)
  return contractInForce(repository.stateDirectory, destination, await repositoryName(repository))
}

interface Turn {
  readonly agent: string | undefined
  readonly contract: Contract
  readonly workspace: Workspace
}

async function turn(action: 'on' | 'off', { agent, contract, workspace }: Turn): Promise<void> {
  const { stateDirectory } = workspace.repository
  const present = (await guardedAgents(stateDirectory)).map((one) => one.agent)
  const named = agent === undefined ? ids : [agent]
  const wanted = action === 'on' ? [...present, ...named] : present.filter((one) => !named.includes(one))
  const guards = agentGuards.filter((one) => wanted.includes(one.agent))
  await setGuardedAgents(stateDirectory, guards, contract.guard)
}

async function show(contract: Contract, { repository }: Workspace, context: Context): Promise<ExitCode> {
  const { terminal, json } = context
  const agents = (await guardedAgents(repository.stateDirectory)).map(({ agent }) => agent)
  const able = new Set(guardPolicies.map(({ id }) => id))
  const policies = contract.policies.filter(({ policy }) => able.has(policy))
  const named = new Set(policies.map(({ policy }) => policy))
  const notAsked = [...able].filter((id) => !named.has(id))
  const settings = { unsure: contract.guard?.unsure ?? 'allow', failure: contract.guard?.failure ?? 'allow' }
  const [decisions, deaf] = await Promise.all([readDecisions(repository.stateDirectory), unheard(repository, agents)])
  if (json) {
    const rules = policies.map(({ policy, gate }) => ({ policy, gate }))
    const state = { on: agents.length > 0, agents, withoutHooks: deaf, policies: rules, notAsked, settings, decisions }
    terminal.print(JSON.stringify(state, null, 2))
    return 0
  }
  const line = (title: string, text: string) => {
    const [first = '', ...more] = folded(plain(text), (terminal.foldAt ?? Number.POSITIVE_INFINITY) - TITLE)
    terminal.print(`${terminal.colours.bold(title.padEnd(TITLE))}${first}`)
    for (const next of more) terminal.print(`${' '.repeat(TITLE)}${next}`)
  }
  line('guard', agents.length === 0 ? 'off: switch it on with `stemma guard on`' : `on for ${agents.join(', ')}`)
  if (deaf.length > 0) {
    const way = deaf.length === 1 ? `\`stemma init --agent ${deaf[0]}\`` : '`stemma init`'
    line(
      'not heard',
      `${deaf.join(', ')}: no hooks here, or old ones, so calls may not be seen before they run (${way})`,
    )
  }
  const rules = policies.map(({ policy, gate }) => `${policy} (${gate ? 'denies' : 'asks'})`)
  line('policies', rules.join(', ') || 'none of this contract can judge one call')
  if (notAsked.length > 0)
    line(
      'not asked',
      `${notAsked.join(', ')}: contract ${contract.name} does not name them (\`stemma apply\` puts another in force)`,
    )
  line('otherwise', `cannot tell and cannot ask: ${settings.unsure}; the guard breaks: ${settings.failure}`)
  line(
    'decided',
    `${count(decisions.length, 'decision')} kept${decisions.length > SHOWN ? `, the last ${SHOWN}:` : ''}`,
  )
  for (const decided of decisions.slice(-SHOWN)) {
    const mark = terminal.mark(decided.failed || decided.decision === 'allow' ? 'warning' : 'failed')
    terminal.print(`  ${mark} ${minute(decided.at)}  ${said[decided.decision].padEnd(11)}  ${plain(words(decided))}`)
  }
  if (agents.includes('codex')) terminal.say('Codex runs hooks only once they are approved: type /hooks there')
  return 0
}

const said = { allow: 'let through', ask: 'asked', deny: 'denied' } as const

/** What was decided of which call; why, the reason tells in the evidence and in `--json`. */
function words({ policies, session, tool, command, paths, failed, reason }: GuardRecord): string {
  const what = command ?? [tool, ...paths].join(' ')
  const agent = session?.split(':')[0] ?? 'an agent'
  const why = failed ? `the guard broke: ${reason}` : policies.join(', ')
  return `${agent}: ${what} (${why})`
}

function unknownAgent(agent: string): Fault {
  return new Fault('request-malformed', {
    message: `No agent that can be stopped is called "${plain(agent)}"; there are ${ids.join(', ')}.`,
    hint: 'Name one of them: `stemma guard on --agent claude-code`.',
  })
}

function notSetUp(): Fault {
  return new Fault('not-initialised', {
    message: 'The guard answers from the hooks of agents, and this repository has none of ours yet.',
    hint: 'Set it up with `stemma init`.',
  })
}
