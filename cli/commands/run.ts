/** `stemma run`: a one-shot or pipeline run of an agent, observed from outside; the command never notices. */
import { basename, resolve } from 'node:path'
import { z } from 'zod'
import { agents } from '#core/agents/registry.ts'
import { Fault } from '#core/fault.ts'
import type { Context } from '../context.ts'
import { noteFailure } from '../io/failures.ts'
import { writeDurably } from '../io/files.ts'
import type { SessionSummary } from '../io/summaries.ts'
import { plain } from '../io/terminal.ts'
import { count } from '../io/words.ts'
import { faultsOf, type Pushed, runPush } from '../push/run.ts'
import { conclude, forget, type Observation, type Observed, observe, tellGenerically } from '../run/observation.ts'
import { type Ended, wrap } from '../run/wrap.ts'
import { captured, openWorkspace, type Workspace } from '../workspace.ts'
import { defineCommand } from './command.ts'

/** A pipeline waits for this; what is not sent by then stays on the spool. */
const SEND_MILLISECONDS = 60_000
const PATIENCE_MILLISECONDS = 10_000

const Parameters = z.object({
  command: z.array(z.string()).min(1),
  agent: z
    .string()
    .regex(/^[a-z0-9-]{1,60}$/, 'must be one word of a-z, 0-9 and -')
    .optional(),
  name: z.string().min(1).max(200).optional(),
  report: z.string().min(1).optional(),
})

export const run = defineCommand({
  name: 'run',
  summary: 'run a command, such as an agent in a pipeline, and make evidence of what it did',
  arguments: [
    { name: 'command', description: 'program and its arguments, after `--`', required: true, variadic: true },
  ],
  options: [
    {
      flags: '--agent <id>',
      description: 'which agent the command is (default: told by its name)',
      words: agents.map(({ id }) => id),
    },
    { flags: '--name <text>', description: 'what this run is called' },
    { flags: '--report <file>', description: 'write the report as JSON; with --json it goes to stderr' },
  ],
  examples: [
    { command: 'stemma run -- claude -p "Fix the lint errors"', effect: 'evidence of a one-shot run' },
    {
      command: 'stemma run --agent my-agent --name nightly --report run.json -- ./agent.sh',
      effect: 'of an agent that Stemma does not know: command, exit code, time, changed files',
    },
  ],
  parameters: Parameters,
  run: async ({ command, agent, name, report }, context) => {
    const begun = await begin({ words: command, agent: agent ?? null, name: name ?? null }, context)
    const ended = await wrap(command, { cwd: context.workingDirectory })
    if (ended.problem !== null) context.terminal.say(`stemma: ${plain(command[0] ?? '')}: ${plain(ended.problem)}`)
    const result = begun === null ? null : await finish(begun, ended, context)
    await tell({ command, ended, result, report: report ?? null }, context)
    // Who waits for us must see the signal that ended the command.
    if (ended.signal !== null) process.kill(process.pid, ended.signal)
    return { exit: ended.code }
  },
})

interface Begun {
  readonly observation: Observation
  /** Known agent whose own transcript is looked for; null = none. */
  readonly agent: string | null
  /** Sessions that were there before -> how many events they had. */
  readonly before: ReadonlyMap<string, number>
}

/** null where nothing can be observed, which is said and is no reason not to run the command. */
async function begin(
  {
    words,
    agent,
    name,
  }: { readonly words: readonly string[]; readonly agent: string | null; readonly name: string | null },
  context: Context,
): Promise<Begun | null> {
  try {
    const workspace = await openWorkspace(context)
    if (workspace.configuration === null) {
      throw new Fault('not-initialised', {
        message: 'This repository has no .stemma.yml.',
        hint: 'Set it up with `stemma init`.',
      })
    }
    const known = knownAgent(agent, words[0] ?? '')
    const before = known === null ? [] : await sessionsOf(known, workspace, context)
    const called = known === null ? agent : null
    return {
      observation: await observe(workspace, { words, name, agent: called === 'generic' ? null : called }, context),
      agent: known,
      before: new Map(before.map(({ header }) => [header.id, header.eventCount])),
    }
  } catch (problem) {
    const said = problem instanceof Error ? problem.message : String(problem)
    context.terminal.say(`stemma: no evidence of this run: ${plain(said)}`)
    return null
  }
}

/** `claude`, `cursor-agent`, `gemini`: programs are called by an agent's id, the first word of it, or with `-agent`. */
function knownAgent(named: string | null, program: string): string | null {
  const name = basename(program).replace(/\.(exe|cmd)$/i, '')
  const fits = ({ id }: { readonly id: string }) =>
    named === null ? [id, id.split('-')[0], `${id}-agent`].includes(name) : id === named
  return agents.find((agent) => agent.id !== 'generic' && fits(agent))?.id ?? null
}

async function sessionsOf(
  agent: string,
  { repository, roots }: Workspace,
  context: Context,
): Promise<readonly SessionSummary[]> {
  const { summaries } = await captured(context, { roots, stateDirectory: repository.stateDirectory })
  return summaries.filter(({ found }) => found.agent.id === agent)
}

interface Result extends Observed {
  readonly sessions: readonly string[]
  readonly startedAt: Date
  readonly pushed: Pushed | null
  /** What went wrong on our side. */
  readonly problems: readonly string[]
}

async function finish({ observation, agent, before }: Begun, ended: Ended, context: Context): Promise<Result> {
  const { workspace, startedAt } = observation
  const nothing: Observed = { endedAt: context.now(), commits: [], files: [] }
  try {
    const observed = await conclude(observation, context)
    const own = agent === null ? [] : await toldBy(agent, before, workspace, context)
    if (own.length > 0) await forget(observation)
    const sessions = own.length > 0 ? own : [await tellGenerically(observation, observed, ended, context)]
    const pushed = await runPush(
      {
        commits: observed.commits,
        remote: null,
        sessions,
        timeLimit: SEND_MILLISECONDS,
        patience: PATIENCE_MILLISECONDS,
      },
      workspace,
      context,
    )
    const problems = faultsOf(pushed).map(({ message, hint }) => `${message} ${hint}`)
    const isSigned = pushed.signedBy !== null || pushed.kept === 'busy'
    const tier = workspace.configuration?.tier
    if (!isSigned && observed.commits.length === 0 && tier === 'metadata') {
      problems.push('Tier metadata sends no transcript, and without a commit there is nothing to sign.')
    }
    return { ...observed, startedAt, sessions, pushed, problems }
  } catch (problem) {
    const said = problem instanceof Error ? problem.message : String(problem)
    await noteFailure(workspace.repository.stateDirectory, context.now(), `run: ${said}`)
    return { ...nothing, startedAt, sessions: [], pushed: null, problems: [said] }
  }
}

/** Sessions that began with the run; where none did, the one that went on, if it is one alone. */
async function toldBy(
  agent: string,
  before: ReadonlyMap<string, number>,
  workspace: Workspace,
  context: Context,
): Promise<readonly string[]> {
  const now = (await sessionsOf(agent, workspace, context)).map(({ header }) => header)
  const fresh = now.filter(({ id }) => !before.has(id))
  const grown = now.filter(({ id, eventCount }) => eventCount > (before.get(id) ?? Number.POSITIVE_INFINITY))
  return (fresh.length > 0 ? fresh : grown.length === 1 ? grown : []).map(({ id }) => id)
}

interface Told {
  readonly command: readonly string[]
  readonly ended: Ended
  readonly result: Result | null
  readonly report: string | null
}

/** stdout is the command's: all of this goes to stderr, or into the file that was asked for. */
async function tell({ command, ended, result, report }: Told, context: Context): Promise<void> {
  const json = `${JSON.stringify(
    {
      program: command[0],
      exitCode: ended.code,
      signal: ended.signal,
      startedAt: result?.startedAt.toISOString() ?? null,
      endedAt: result?.endedAt.toISOString() ?? null,
      milliseconds: result === null ? null : result.endedAt.getTime() - result.startedAt.getTime(),
      sessions: result?.sessions ?? [],
      commits: result?.commits ?? [],
      files: result?.files.map(({ path, change }) => ({ path, change })) ?? [],
      evidence: {
        sent: result?.pushed?.delivery.sent.map(({ notes, index }) => ({ id: notes.id, index })) ?? [],
        waiting: result?.pushed?.waiting ?? null,
        kept: result?.pushed?.kept ?? null,
      },
      problems: result?.problems ?? ['nothing was observed'],
    },
    null,
    2,
  )}\n`
  const { terminal } = context
  if (report !== null) {
    try {
      await writeDurably(resolve(context.workingDirectory, report), json)
    } catch (problem) {
      terminal.say(`stemma: the report could not be written: ${plain(String(problem))}`)
    }
  }
  if (context.json) return void process.stderr.write(json)
  if (result === null) return
  const sent = result.pushed?.delivery.sent.length ?? 0
  const waiting = result.pushed?.waiting ?? 0
  const evidence = [
    ...(sent > 0 ? [`${count(sent, 'piece')} of evidence sent`] : []),
    ...(waiting > 0 ? [`${count(waiting, 'piece')} kept for later`] : []),
  ]
  terminal.say(
    `stemma: ${count(result.files.length, 'file')} changed, ${count(result.commits.length, 'commit')}${evidence.map((part) => `, ${part}`).join('')}`,
  )
  for (const problem of result.problems) terminal.say(`stemma: ${plain(problem)}`)
}
