/** `stemma config`: what agents are told and allowed here, what of it is risky, and what changed; sends nothing. */
import { z } from 'zod'
import type { ConfigurationFile } from '#core/configuration/configuration.ts'
import { type Drift, driftBetween, driftInWords } from '#core/configuration/drift.ts'
import { isUsed, risksIn, summaries } from '#core/configuration/summary.ts'
import {
  lastConfiguration,
  type PresentConfiguration,
  presentConfiguration,
  privacyHere,
} from '../configuration/evidence.ts'
import type { Context } from '../context.ts'
import { plain } from '../io/terminal.ts'
import { count, shortId } from '../io/words.ts'
import { knownEvidence } from '../push/prepare.ts'
import { openWorkspace, repositoryName } from '../workspace.ts'
import { defineCommand } from './command.ts'

export const config = defineCommand({
  name: 'config',
  summary: 'show what agents are told and allowed here, what of it is risky and what changed',
  arguments: [],
  options: [
    { flags: '--files', description: 'name every file with its digest' },
    { flags: '--all', description: 'show low risks too, such as every hook that runs a program' },
  ],
  examples: [
    { command: 'stemma config', effect: 'instructions, servers, hooks, permissions and risks of each agent' },
    { command: 'stemma config --json', effect: 'the same, exactly as a push would send it' },
  ],
  parameters: z.object({ files: z.boolean().default(false), all: z.boolean().default(false) }),
  run: async ({ files, all }, context) => {
    const workspace = await openWorkspace(context)
    const { repository } = workspace
    const present = await presentConfiguration(workspace, context, await privacyHere(workspace, context))
    const last = await lastConfiguration(repository.stateDirectory, await knownEvidence(repository.stateDirectory))
    const drift = last === null ? null : driftBetween(last.agents, present.agents)
    const risks = risksIn(present.agents)
    if (context.json) {
      const { hash, tier, agents, redaction } = present
      const name = await repositoryName(repository)
      const previous = last?.hash ?? null
      context.terminal.print(
        JSON.stringify({ repository: name, hash, previous, tier, drift, risks, agents, redaction }, null, 2),
      )
      return 0
    }
    show(present, { files, all, drift }, context)
    return 0
  },
})

interface Wanted {
  readonly files: boolean
  readonly all: boolean
  /** null: nothing was sent yet. */
  readonly drift: readonly Drift[] | null
}

function show({ agents, hash }: PresentConfiguration, { files, all, drift }: Wanted, { terminal }: Context): void {
  const { colours } = terminal
  const used = agents.filter(isUsed)
  if (used.length === 0) terminal.print('no agent has any configuration here')
  for (const { agent, ...summary } of summaries(used)) {
    const parts = [
      count(summary.files, 'file'),
      ...(summary.servers ? [count(summary.servers, 'MCP server')] : []),
      ...(summary.hooks ? [count(summary.hooks, 'hook')] : []),
      ...(summary.permissionMode === null ? [] : [`begins in ${summary.permissionMode}`]),
    ]
    terminal.print(`${colours.bold(agent.padEnd(12))} ${plain(parts.join(', '))}`)
    const own = used.find((one) => one.agent === agent)
    for (const { path, digest } of files ? byPath(own?.files ?? []) : [])
      terminal.print(`  ${digest.slice(0, 12)} ${plain(path)}`)
    for (const { path, reason } of own?.unread ?? [])
      terminal.print(`  ${terminal.mark('warning')} not read (${reason}): ${plain(path)}`)
  }
  const found = risksIn(used)
  const risks = all ? found : found.filter(({ severity }) => severity !== 'low')
  if (risks.length > 0) terminal.print(`\n${colours.bold('risky settings')}`)
  for (const { agents: of, severity, message, why, fix, file, line } of risks) {
    const place = file === null ? of.join(', ') : `${file}${line === null ? '' : `:${line}`}`
    terminal.print(
      `${terminal.mark(severity === 'low' ? 'skipped' : 'warning')} ${severity.padEnd(8)} ${plain(place)}  ${plain(message)}`,
    )
    terminal.print(`  ${plain(why)} ${plain(fix)}`)
  }
  if (found.length > risks.length)
    terminal.say(`${count(found.length - risks.length, 'low risk')} more: stemma config --all`)
  terminal.print('')
  terminal.print(`${colours.bold('hash'.padEnd(12))} ${shortId(hash)}`)
  terminal.print(`${colours.bold('drift'.padEnd(12))} ${driftSummary(drift)}`)
  for (const one of drift ?? [])
    terminal.print(`  ${terminal.mark('warning')} ${one.agent}: ${plain(driftInWords(one))}`)
}

function byPath(files: readonly ConfigurationFile[]): readonly ConfigurationFile[] {
  return files.toSorted((left, right) => (left.path < right.path ? -1 : 1))
}

function driftSummary(drift: readonly Drift[] | null): string {
  if (drift === null) return 'not recorded: no evidence of the configuration was made here yet'
  return drift.length === 0
    ? 'none since the last evidence'
    : `${count(drift.length, 'difference')} since the last evidence`
}
