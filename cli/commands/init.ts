/** `stemma init`: find the agents, show what is written and why, then set up capture, settings and key. */
import { mkdir } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, relative } from 'node:path'
import { z } from 'zod'
import { hookedAgents } from '#core/agents/registry.ts'
import { type ExitCode, Fault } from '#core/fault.ts'
import type { Context } from '../context.ts'
import { type GitHookStatus, gitHookStatus, installGitHooks, launcherPath } from '../git-hooks.ts'
import { CONFIGURATION_FILE, readConfiguration, readServer } from '../io/configuration.ts'
import { runGit } from '../io/git.ts'
import { type DeviceKey, readDeviceKey } from '../io/keys.ts'
import { findRepository, type Repository } from '../io/repository.ts'
import { plain } from '../io/terminal.ts'
import { applyChange, countLines, diffOf, isEffective } from '../setup/changes.ts'
import { detectAgents, findProgram } from '../setup/detect.ts'
import { enrol } from '../setup/enrol.ts'
import { type PlannedChange, planChanges } from '../setup/plan.ts'
import { showSummary, showWhole } from '../setup/show-plan.ts'
import { rememberConfiguration, repositoryName } from '../workspace.ts'
import { defineCommand } from './command.ts'

const Parameters = z.object({
  server: z.string().optional(),
  token: z.string().optional(),
  newKey: z.boolean().default(false),
  agent: z.string().optional(),
  yes: z.boolean().default(false),
  dryRun: z.boolean().default(false),
  diff: z.boolean().default(false),
})
type Parameters = z.infer<typeof Parameters>

export const init = defineCommand({
  name: 'init',
  summary: 'set up this repository: agent hooks, Git hooks, .stemma.yml and this machine’s key',
  arguments: [],
  options: [
    { flags: '--server <url>', description: 'where evidence is sent; without it, it is signed and kept here' },
    { flags: '--token <token>', description: 'enrolment token, for this machine’s key (or STEMMA_ENROLMENT_TOKEN)' },
    { flags: '--new-key', description: 'make a new key instead of using the present one' },
    { flags: '--agent <id>', description: 'set up this agent only', choices: hookedAgents.map(({ id }) => id) },
    { flags: '-y, --yes', description: 'do not ask' },
    { flags: '--dry-run', description: 'show what would be changed, and change nothing' },
    { flags: '--diff', description: 'show every line that is written, not only a line for each file' },
  ],
  examples: [
    { command: 'stemma init', effect: 'works at once, without any server' },
    { command: 'stemma init --dry-run --diff', effect: 'look at every line first' },
    { command: 'stemma init --server https://stemma.example.com --token TOKEN', effect: 'and send evidence there' },
  ],
  parameters: Parameters,
  run: async (parameters, context) => {
    const repository = await findRepository(context.workingDirectory)
    const server = await serverOf(parameters, repository)
    const detected = await detectAgents(repository.root, context)
    const named = hookedAgents.filter(({ id }) => id === parameters.agent)
    const chosen = named.length > 0 ? named : detected.length > 0 ? detected.map(({ agent }) => agent) : hookedAgents
    const name = await repositoryName(repository)
    if (!context.json) {
      const { terminal } = context
      terminal.say(`repository  ${plain(name ?? repository.root)}${name === null ? ' (no remote names it yet)' : ''}`)
      for (const { agent, because } of detected) terminal.say(`agent       ${agent.title} (${plain(because)})`)
      if (detected.length === 0) {
        terminal.say(
          `agent       none found; hooks are set up for ${hookedAgents.map(({ title }) => title).join(', ')} all the same`,
        )
      }
    }
    // Before the diff, since the diff shows the organisation's name; a refused token changes nothing in the repository.
    const key = await keyFor({ server, parameters, context })
    const changes = await planChanges(repository.root, {
      agents: chosen,
      server: parameters.server === undefined && key === null ? null : server,
      organisation: key?.enrolment?.organisation.name ?? null,
    })
    const hooks = (await gitHookStatus(repository)).filter(({ state }) => state !== 'installed')
    return apply({ repository, changes: changes.filter(isEffective), hooks, key, server, parameters }, context)
  },
})

const UNDO = 'stemma uninstall'

interface Plan {
  readonly repository: Repository
  readonly changes: readonly PlannedChange[]
  /** Git hooks to be written. */
  readonly hooks: readonly GitHookStatus[]
  readonly key: DeviceKey | null
  readonly server: string | null
  readonly parameters: Parameters
}

async function apply(plan: Plan, context: Context): Promise<ExitCode> {
  const { repository, changes, hooks, parameters } = plan
  const { terminal } = context
  if (!context.json) showPlan(plan, context)
  const isNothing = changes.length === 0 && hooks.length === 0
  if (parameters.dryRun) {
    if (context.json) printJson(plan, false, context)
    else terminal.say('nothing was changed (--dry-run)')
    return 0
  }
  if (!isNothing && !parameters.yes && !context.json && terminal.isInteractive) {
    if (!(await terminal.confirm('Make these changes?'))) {
      terminal.say('nothing was changed')
      return 0
    }
  }
  await mkdir(repository.stateDirectory, { recursive: true })
  for (const change of changes) await applyChange(repository.root, repository.stateDirectory, change)
  const installed = await installGitHooks(repository)
  await rememberConfiguration(repository)
  const missing = installed.filter(({ state }) => state !== 'installed')
  if (missing.length > 0) {
    throw new Fault('conflict', {
      message: `Git hooks could not be set up: ${missing.map(({ name }) => name).join(', ')}.`,
      hint: 'See why with `stemma doctor`.',
    })
  }
  if (context.json) printJson(plan, true, context)
  else await sayNext(plan, isNothing, context)
  return 0
}

function showPlan({ repository: { root }, changes, hooks, parameters }: Plan, { terminal }: Context): void {
  if (parameters.diff) showWhole({ root, changes, hooks }, terminal)
  else showSummary({ root, changes, hooks }, terminal)
  const canWait = parameters.dryRun || (terminal.isInteractive && !parameters.yes)
  if (changes.length > 0 && !parameters.diff && canWait)
    terminal.say('every line of it: `stemma init --dry-run --diff`')
}

function printJson({ changes, hooks, key, server }: Plan, applied: boolean, { terminal }: Context): void {
  const result = {
    applied,
    files: changes.map((change) => ({
      path: change.path,
      isNew: change.before === null,
      ...countLines(change),
      reason: change.reason,
      diff: diffOf(change),
    })),
    gitHooks: hooks.map(({ name, path, chains }) => ({ name, path, chains })),
    server,
    key: key === null ? null : { id: key.keyId, name: key.name, enrolled: key.enrolment !== null },
    organisation: key?.enrolment?.organisation.name ?? null,
    undo: UNDO,
  }
  terminal.print(JSON.stringify(result, null, 2))
}

async function sayNext({ repository, key, server }: Plan, isNothing: boolean, context: Context): Promise<void> {
  const { terminal, environment } = context
  terminal.print(`${terminal.mark('ok')} ${isNothing ? 'already set up; nothing changed' : 'set up'}`)
  if (key?.enrolment != null) {
    const { organisation, person } = key.enrolment
    terminal.print(
      `${terminal.mark('ok')} key ${plain(key.name)} enrolled · ${plain(organisation.name)} · ${plain(person.name)}`,
    )
  } else if (server === null) {
    terminal.print(`${terminal.mark('warning')} no server yet: evidence is signed and kept here until there is one`)
  } else {
    terminal.print(
      `${terminal.mark('warning')} this machine has no key enrolled with ${plain(server)}: evidence is kept here`,
    )
  }
  const program = await findProgram('stemma', environment)
  const launcher = launcherPath()
  if (program === null) terminal.print(`${terminal.mark('warning')} agents cannot call stemma yet: it is not on PATH`)
  terminal.print('')
  terminal.print('Next:')
  if (program === null && launcher !== null)
    terminal.print(`  export PATH="${plain(dirname(launcher))}:$PATH"   and keep it in your shell’s profile`)
  const paths = await notCommitted(repository)
  if (paths.length > 0) terminal.print(`  git add ${paths.join(' ')} && git commit -m "Set up Stemma"`)
  terminal.print('  work with your agent as always; evidence is made at `git push`')
  terminal.print('  stemma usage      tokens and cost of the sessions so far')
  terminal.print('  stemma status     what is captured and what waits')
  terminal.print(`  ${UNDO}  puts every file back as it was`)
  if (key?.enrolment == null) {
    terminal.print(
      `  stemma init --server ${server === null ? 'URL' : plain(server)} --token TOKEN   send evidence (ask an administrator for the token)`,
    )
  }
}

/** What belongs to the set-up and waits for a commit: also what an earlier `init` wrote, and the team's own hook scripts. */
async function notCommitted(repository: Repository): Promise<readonly string[]> {
  const { root } = repository
  const scripts = (await gitHookStatus(repository)).map(({ path }) => relative(root, path))
  const paths = [
    CONFIGURATION_FILE,
    ...hookedAgents.map(({ hookFile }) => hookFile.path),
    ...scripts.filter((path) => !path.startsWith('..') && !path.startsWith('.git/')),
  ]
  const words = ['status', '--porcelain', '-z', '--untracked-files=all', '--no-renames', '--', ...paths]
  const { code, output } = await runGit(root, words)
  const lines = code === 0 ? output.toString('utf8').split('\0') : []
  const changed = new Set(lines.map((line) => line.slice('XY '.length)))
  return paths.filter((path) => changed.has(path))
}

async function serverOf({ server }: Parameters, repository: Repository): Promise<string | null> {
  if (server === undefined) return (await readConfiguration(repository.root))?.server ?? null
  const address = readServer(server)
  if (address !== null) return address
  throw new Fault('request-malformed', {
    message: `${server} is not an address to which evidence can be sent: https is needed (http only for this machine).`,
    hint: 'Give the whole address: `stemma init --server https://stemma.example.com`.',
  })
}

async function keyFor(request: {
  readonly server: string | null
  readonly parameters: Parameters
  readonly context: Context
}): Promise<DeviceKey | null> {
  const { server, parameters, context } = request
  const token = parameters.token ?? context.environment['STEMMA_ENROLMENT_TOKEN']
  if (server === null) {
    if (token === undefined && !parameters.newKey) return null
    throw new Fault('request-malformed', {
      message: 'A key is enrolled with a server, and none is named.',
      hint: 'Name it: `stemma init --server URL --token TOKEN`.',
    })
  }
  const present = await readDeviceKey(context.configurationFolder, server)
  if (parameters.dryRun) return present
  if (token !== undefined) {
    context.terminal.detail(`enrolling a key of ${hostname()} with ${server}`)
    return enrol(context, { server, token, newKey: parameters.newKey })
  }
  if (parameters.newKey) {
    throw new Fault('request-malformed', {
      message: 'A new key must be enrolled, which takes a token.',
      hint: 'Ask an administrator for one, then `stemma init --new-key --token TOKEN`.',
    })
  }
  return present
}
