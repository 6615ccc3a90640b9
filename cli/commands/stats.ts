/** `stemma stats`: how much of a range of commits was written by whom, and how much of it was seen at all. */
import { z } from 'zod'
import { lineClasses, totalLines } from '#core/attribution/attribution.ts'
import { Fault } from '#core/fault.ts'
import { type Share, type Statistics, statisticsOf } from '../attribution/statistics.ts'
import { resolveCommit } from '../io/commits.ts'
import { git, runGit } from '../io/git.ts'
import type { Repository } from '../io/repository.ts'
import { plain, type Terminal } from '../io/terminal.ts'
import { count, percent } from '../io/words.ts'
import { openWorkspace } from '../workspace.ts'
import { inColour } from './blame.ts'
import { defineCommand } from './command.ts'

/** From here on it may take a while the first time, which is said. */
const MANY_COMMITS = 500
/** Gaps that are listed for people; `--json` has all. */
const MOST_SHOWN = 10

export const stats = defineCommand({
  name: 'stats',
  summary: 'count the lines of agents and people in a range, and say what was not seen',
  arguments: [
    {
      name: 'range',
      description: 'what `git log` takes: v1.0..HEAD, or a branch (default: all of HEAD)',
      required: false,
    },
  ],
  options: [],
  examples: [
    { command: 'stemma stats origin/main..HEAD', effect: 'this branch' },
    { command: 'stemma stats --json', effect: 'the whole history, for other programs' },
  ],
  parameters: z.object({ range: z.string().min(1).optional() }),
  run: async ({ range = 'HEAD' }, context) => {
    const { terminal, json } = context
    const workspace = await openWorkspace(context)
    const { repository } = workspace
    const commits = await commitsIn(repository, range)
    if (commits.length >= MANY_COMMITS) terminal.say(`looking at ${count(commits.length, 'commit')} …`)
    const found = await statisticsOf({ range, commits }, workspace, context)
    if (json) terminal.print(JSON.stringify(found, null, 2))
    else show(found, terminal)
    return 0
  },
})

/** As `git log RANGE` lists them, parents before children; of merges those alone that say something of their own. */
async function commitsIn(repository: Repository, range: string): Promise<readonly string[]> {
  if (range === 'HEAD' && (await resolveCommit(repository, 'HEAD')) === null) return []
  const listed = await runGit(repository.root, [
    'rev-list',
    '--topo-order',
    '--reverse',
    '--parents',
    '--end-of-options',
    range,
    '--',
  ])
  if (listed.code !== 0)
    throw new Fault('request-malformed', {
      message: `There is no range ${plain(range)} in this repository.`,
      hint: 'Name one that `git log` knows, such as `stemma stats HEAD~10..HEAD`.',
    })
  const commits = linesOf(listed.output).map((line) => line.split(' '))
  const merges = commits.filter((ids) => ids.length > 2).map(([commit = '']) => commit)
  const speaking = new Set(await mergesWithFiles(repository, merges))
  return commits.flatMap(([commit = '', ...parents]) => (parents.length < 2 || speaking.has(commit) ? [commit] : []))
}

/** Merges that hold a file as none of their parents has it. */
async function mergesWithFiles(repository: Repository, merges: readonly string[]): Promise<readonly string[]> {
  if (merges.length === 0) return []
  const output = await git(repository.root, ['diff-tree', '--stdin', '-r', '-c', '--name-only'], {
    input: merges.map((commit) => `${commit}\n`).join(''),
  })
  const known = new Set(merges)
  return linesOf(output).filter((line) => known.has(line))
}

function linesOf(output: Buffer): readonly string[] {
  return output
    .toString('latin1')
    .split('\n')
    .filter((line) => line !== '')
}

function show({ range, commits, lines, removed, agents, models, sessions }: Statistics, terminal: Terminal): void {
  const { colours } = terminal
  if (commits.total === 0) {
    terminal.say(
      `no commits in ${plain(range)}: make one, or name another range, such as \`stemma stats HEAD~10..HEAD\``,
    )
    return
  }
  const all = totalLines(lines)
  const known = all - lines.unknown
  terminal.print(
    `${plain(range)}: ${count(commits.total, 'commit')}, ${count(all, 'line')} added, ${count(totalLines(removed), 'line')} removed`,
  )
  for (const name of lineClasses) {
    const text = `  ${name.padEnd(8)} ${String(lines[name]).padStart(8)}  ${percent(lines[name], all).padStart(4)}`
    terminal.print(`${inColour(name, text, terminal)}  removed ${removed[name]}`)
  }
  terminal.print(
    `seen: ${percent(commits.observed, commits.total)} of commits (${commits.observed} of ${commits.total}), ${percent(known, all)} of lines`,
  )
  showShares('agents', agents, terminal)
  showShares('models', models, terminal)
  showShares('sessions', sessions, terminal)
  for (const { commit, reason } of commits.unobserved.slice(-MOST_SHOWN))
    terminal.print(colours.dim(`not seen: ${commit.slice(0, 10)}  ${plain(reason)}`))
  if (commits.unobserved.length > MOST_SHOWN)
    terminal.say(`${commits.unobserved.length - MOST_SHOWN} more commits were not seen: --json lists them all`)
}

function showShares(title: string, shares: Readonly<Record<string, Share>>, terminal: Terminal): void {
  const rows = Object.entries(shares).slice(0, MOST_SHOWN)
  for (const [name, { ai, mixed, commits }] of rows) {
    const mixedText = mixed > 0 ? `, ${mixed} with a person` : ''
    terminal.print(`  ${title}: ${plain(name)}  ${count(ai, 'line')}${mixedText} in ${count(commits, 'commit')}`)
  }
}
