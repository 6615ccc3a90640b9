/** `stemma check`: the contract, run here over the sessions of commits that are not pushed yet; sends nothing. */
import { z } from 'zod'
import { platformPolicies } from '#core/policy/judge-pull-request.ts'
import { mergeContracts } from '#core/policy/merge-contracts.ts'
import { renderTerminal } from '#core/report/terminal.ts'
import { configurationsHere } from '../configuration/evidence.ts'
import { localReport } from '../contract/local-report.ts'
import { readOrSay, readSources } from '../contract/sources.ts'
import { plain } from '../io/terminal.ts'
import { count } from '../io/words.ts'
import { commitsByHand } from '../push/commits.ts'
import { contractInForce } from '../push/contract.ts'
import { contributionsTo } from '../push/contributions.ts'
import { destinationOf } from '../push/run.ts'
import { openWorkspace, repositoryName } from '../workspace.ts'
import { defineCommand } from './command.ts'

export const check = defineCommand({
  name: 'check',
  summary: 'run the contract over commits that are not pushed yet',
  arguments: [
    { name: 'range', description: 'commits, such as origin/main..HEAD (default: those on no remote)', required: false },
  ],
  options: [{ flags: '-f, --file <path>', description: 'these documents instead of the contract in force' }],
  examples: [
    { command: 'stemma check', effect: 'what the pull request would say; exit 1 where a required policy fails' },
    { command: 'stemma check -f contracts/', effect: 'the same by contracts that are not in force yet' },
  ],
  parameters: z.object({ range: z.string().optional(), file: z.string().min(1).optional() }),
  run: async ({ range, file }, context) => {
    const { terminal, json } = context
    const workspace = await openWorkspace(context)
    const { repository, configuration } = workspace
    const name = await repositoryName(repository)
    const documents = file === undefined ? null : readOrSay(await readSources(file, context), context)
    if (file !== undefined && documents === null) return 2
    const contract =
      documents === null
        ? await contractInForce(
            repository.stateDirectory,
            await destinationOf(context, configuration?.server ?? null),
            name,
          )
        : mergeContracts(documents, { repository: name, version: 1 })
    const commits = await commitsByHand(repository, range)
    if (commits.length === 0) {
      if (json) terminal.print(JSON.stringify({ contract, commits: 0, report: null }, null, 2))
      terminal.say('nothing to check: every commit is on a remote')
      return 0
    }
    const found = await contributionsTo(commits, workspace, context)
    const configurations = found.contributions.length === 0 ? [] : await configurationsHere(workspace, context)
    const report = await localReport({ repository, name, commits, found, contract, configurations })
    if (json) terminal.print(JSON.stringify({ contract, commits: commits.length, report }, null, 2))
    else terminal.print(renderTerminal(report, terminal.columns, terminal.colours).trimEnd())
    terminal.say(
      `${count(commits.length, 'commit')}, contract ${plain(contract.name)} version ${contract.version}; waivers are known to the server only`,
    )
    const remote = platformPolicies(contract)
    if (remote.length > 0)
      terminal.say(`decided on the pull request, by what only the platform knows: ${remote.join(', ')}`)
    return report.conclusion === 'failure' ? 1 : 0
  },
})
