/** What `stemma doctor` looks at: one check each, with the words of its repair. */
import { access, constants, mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { HookedAgent, SessionDatabase } from '#core/agents/agent.ts'
import { agents, hookedAgents } from '#core/agents/registry.ts'
import { Me } from '#core/api/account.ts'
import { isFault } from '#core/fault.ts'
import type { Context } from '../context.ts'
import { gitHookStatus, installGitHooks, launcherPath } from '../git-hooks.ts'
import { readConfiguration } from '../io/configuration.ts'
import { readFailures } from '../io/failures.ts'
import { isMissing, readText } from '../io/files.ts'
import { findRepository, listWorktrees, type Repository, runGit } from '../io/git.ts'
import { callApi } from '../io/http.ts'
import { isKeyPrivate, keyPath, makeKeyPrivate, readDeviceKey } from '../io/keys.ts'
import { listOutgoing, readOutgoing } from '../io/outgoing.ts'
import { accessTo } from '../io/session-database.ts'
import { count, minute, shortId } from '../io/words.ts'
import { watchOfCommits } from '../push/missed.ts'
import { checkCodexTrust, checkGeminiShell } from './agent-checks.ts'
import { applyChange } from './changes.ts'
import { detectAgents, findProgram } from './detect.ts'

export interface Finding {
  readonly name: string
  readonly state: 'ok' | 'warning' | 'failed' | 'skipped'
  readonly detail: string
  /** What to type; null where nothing is to be done. */
  readonly fix: string | null
  /** Does it at once, for `--fix`; null where only a person can. */
  readonly repair: (() => Promise<void>) | null
}

interface Place {
  readonly context: Context
  readonly repository: Repository
  readonly server: string | null
}

/** `git worktree list -z` and friends have fallbacks; `--end-of-options` came with 2.24 and is complete in 2.30. */
const OLDEST_GIT = [2, 30] as const
const OLDEST_NODE = 20
/** Beyond this, claimed times and the log's stand so far apart that people wonder. */
const MAX_SKEW_SECONDS = 120
const REQUEST_MILLISECONDS = 5_000

export async function runChecks(context: Context): Promise<readonly Finding[]> {
  const tools = [await checkGit(context), checkNode(), await checkProgram(context)]
  let repository: Repository
  try {
    repository = await findRepository(context.workingDirectory)
  } catch (problem) {
    if (!isFault(problem)) throw problem
    return [...tools, failed('repository', problem.message, problem.hint)]
  }
  const settings = await checkConfiguration(repository)
  const place: Place = { context, repository, server: settings.server }
  const files = [
    ...(await Promise.all(hookedAgents.map((agent) => checkAgentHooks(agent, place)))),
    ...[await checkCodexTrust(repository, context), await checkGeminiShell(repository, context)].filter(
      (finding) => finding !== null,
    ),
    await checkGitHooks(repository),
    await checkStateFolder(repository),
  ]
  const server = [await checkKey(place), ...(await checkServer(place))]
  const evidence = [
    await checkObserved(place),
    await checkOutgoing(place),
    await checkFailures(place),
    ...(await checkTranscripts(place)),
  ]
  return [...tools, settings.finding, ...files, ...server, ...evidence]
}

function ok(name: string, detail: string): Finding {
  return { name, state: 'ok', detail, fix: null, repair: null }
}

function skipped(name: string, detail: string): Finding {
  return { name, state: 'skipped', detail, fix: null, repair: null }
}

function failed(name: string, detail: string, fix: string, repair: Finding['repair'] = null): Finding {
  return { name, state: 'failed', detail, fix, repair }
}

function warning(name: string, detail: string, fix: string | null, repair: Finding['repair'] = null): Finding {
  return { name, state: 'warning', detail, fix, repair }
}

async function checkGit({ workingDirectory }: Context): Promise<Finding> {
  try {
    const { output } = await runGit(dirname(workingDirectory), ['--version'])
    const [, major = '0', minor = '0'] = /(\d+)\.(\d+)/.exec(output.toString('utf8')) ?? []
    const isRecent =
      Number(major) > OLDEST_GIT[0] || (Number(major) === OLDEST_GIT[0] && Number(minor) >= OLDEST_GIT[1])
    const detail = `${major}.${minor}`
    return isRecent
      ? ok('git', detail)
      : failed('git', `${detail} is too old`, `install git ${OLDEST_GIT.join('.')} or newer`)
  } catch (problem) {
    return failed('git', problem instanceof Error ? problem.message : String(problem), 'install git')
  }
}

function checkNode(): Finding {
  const { node } = process.versions
  return Number(node.split('.')[0]) >= OLDEST_NODE
    ? ok('node', node)
    : failed('node', `${node} is too old`, `install Node.js ${OLDEST_NODE} or newer`)
}

async function checkProgram({ environment }: Context): Promise<Finding> {
  const path = await findProgram('stemma', environment)
  if (path !== null) return ok('stemma on PATH', path)
  const launcher = launcherPath()
  const fix = launcher === null ? 'npm install -g stemma' : `export PATH="${dirname(launcher)}:$PATH"`
  return failed('stemma on PATH', 'not found, so agents cannot call it', fix)
}

async function checkConfiguration(repository: Repository): Promise<{ finding: Finding; server: string | null }> {
  const name = '.stemma.yml'
  try {
    const configuration = await readConfiguration(repository.root)
    if (configuration === null) return { finding: failed(name, 'not there', 'stemma init'), server: null }
    const server = configuration.server ?? null
    return { finding: ok(name, `tier ${configuration.tier}, strict ${configuration.strict}`), server }
  } catch (problem) {
    if (!isFault(problem)) throw problem
    return { finding: failed(name, problem.message, problem.hint), server: null }
  }
}

async function checkAgentHooks(agent: HookedAgent, { context, repository }: Place): Promise<Finding> {
  const name = `hooks of ${agent.title}`
  const { hookFile } = agent
  const before = await readText(`${repository.root}/${hookFile.path}`)
  if (hookFile.isInstalled(before)) return ok(name, hookFile.path)
  const detected = await detectAgents(repository.root, context)
  if (before === null && !detected.some((one) => one.agent === agent)) return skipped(name, 'not used here')
  const repair = async () => {
    const change = { path: hookFile.path, before, after: hookFile.install(before) }
    await applyChange(repository.root, repository.stateDirectory, change)
  }
  const detail =
    before === null ? `${hookFile.path} is not there` : `missing or not as this version writes them in ${hookFile.path}`
  return failed(name, detail, 'stemma doctor --fix', repair)
}

async function checkGitHooks(repository: Repository): Promise<Finding> {
  const hooks = await gitHookStatus(repository)
  const wrong = hooks.filter(({ state }) => state !== 'installed')
  const chained = hooks.filter(({ chains }) => chains).map(({ name }) => name)
  if (wrong.length === 0) {
    return ok(
      'Git hooks',
      `${hooks.length} installed${chained.length === 0 ? '' : `, after your own ${chained.join(', ')}`}`,
    )
  }
  const detail = wrong.map(({ name, state }) => `${name} ${state}`).join(', ')
  return failed('Git hooks', detail, 'stemma doctor --fix', async () => {
    await installGitHooks(repository)
  })
}

async function checkStateFolder({ stateDirectory }: Repository): Promise<Finding> {
  try {
    await mkdir(stateDirectory, { recursive: true })
    await access(stateDirectory, constants.W_OK)
    return ok('local state', 'can be written')
  } catch (problem) {
    return failed(
      'local state',
      problem instanceof Error ? problem.message : String(problem),
      `chmod u+rwx ${stateDirectory}`,
    )
  }
}

async function checkKey({ context, server }: Place): Promise<Finding> {
  const name = 'device key'
  const path = keyPath(context.configurationFolder, server)
  const key = await readDeviceKey(context.configurationFolder, server)
  if (key === null) {
    return server === null
      ? skipped(name, 'made at the first push')
      : failed(name, `none for ${server}`, 'stemma init --token TOKEN')
  }
  if (!(await isKeyPrivate(path))) {
    return failed(name, `others can read ${path}`, `chmod 600 ${path}`, () => makeKeyPrivate(path))
  }
  return ok(name, `${key.name}, readable by you alone`)
}

async function checkServer({ context, server }: Place): Promise<readonly Finding[]> {
  if (server === null)
    return [warning('server', 'none: evidence is signed and kept here', 'stemma init --server URL --token TOKEN')]
  const date = await serverTime(server)
  if (date === null)
    return [failed('server', `${server} cannot be reached`, 'check the address in .stemma.yml and the network')]
  const findings = [ok('server', `${server} answers`)]
  const skew = Math.round((context.now().getTime() - date.getTime()) / 1_000)
  findings.push(
    Math.abs(skew) <= MAX_SKEW_SECONDS
      ? ok('clock', `within ${Math.max(1, Math.abs(skew))} s of the server’s`)
      : warning(
          'clock',
          `${Math.abs(skew)} s ${skew > 0 ? 'ahead of' : 'behind'} the server’s`,
          'set the clock of this machine',
        ),
  )
  return [...findings, await checkEnrolment(context, server)]
}

/** Any answer will do: it proves the way there, and carries the server's time. null where there is none. */
async function serverTime(server: string): Promise<Date | null> {
  try {
    const answer = await fetch(`${server}/v1/me`, {
      redirect: 'manual',
      signal: AbortSignal.timeout(REQUEST_MILLISECONDS),
    })
    await answer.arrayBuffer()
    return new Date(answer.headers.get('date') ?? Date.now())
  } catch {
    return null
  }
}

async function checkEnrolment({ configurationFolder }: Context, server: string): Promise<Finding> {
  const name = 'enrolment'
  const key = await readDeviceKey(configurationFolder, server)
  if (key?.enrolment == null)
    return failed(name, `this machine has no key enrolled with ${server}`, 'stemma init --token TOKEN')
  try {
    const request = { method: 'GET', path: '/v1/me', token: key.enrolment.token, answer: Me } as const
    const me = await callApi(server, { ...request, milliseconds: REQUEST_MILLISECONDS })
    return ok(name, `${me.organisation.name} · ${me.person.name}`)
  } catch (problem) {
    if (!isFault(problem)) throw problem
    return failed(name, problem.message, problem.exit === 3 ? 'stemma doctor' : 'stemma init --new-key --token TOKEN')
  }
}

async function checkObserved({ context, repository }: Place): Promise<Finding> {
  const name = 'commits seen'
  const workspace = { repository, roots: await listWorktrees(repository), configuration: null }
  const watch = await watchOfCommits(workspace, context.now().getTime())
  if (watch === null) return skipped(name, 'none yet')
  const { made, unobserved } = watch
  const since = `since ${minute(watch.since)} UTC`
  if (unobserved.length === 0) return ok(name, `all of ${made} ${since}`)
  const shown = unobserved.slice(-3).map(shortId).join(', ')
  return warning(
    name,
    `${unobserved.length} of ${made} ${since} not seen by the Git hooks, the last: ${shown}`,
    'keep `stemma` on the PATH of whatever commits; the next push looks at them, by transcripts alone',
  )
}

async function checkOutgoing({ repository, server }: Place): Promise<Finding> {
  const ids = await listOutgoing(repository.stateDirectory)
  const evidence = await Promise.all(ids.map((id) => readOutgoing(repository.stateDirectory, id)))
  const damaged = ids.filter((_, index) => evidence[index] === null)
  if (damaged.length > 0) {
    return failed(
      'waiting evidence',
      `damaged: ${damaged.join(', ')}`,
      `look into ${repository.stateDirectory}/outgoing`,
    )
  }
  if (ids.length === 0) return ok('waiting evidence', 'none')
  return warning('waiting evidence', count(ids.length, 'piece'), server === null ? null : 'stemma push --retry')
}

const RECENT_DAYS = 7

async function checkFailures({ context, repository }: Place): Promise<Finding> {
  const after = new Date(context.now().getTime() - RECENT_DAYS * 86_400_000).toISOString()
  const recent = (await readFailures(repository.stateDirectory, 1_000)).filter(({ at }) => at === null || at > after)
  const last = recent.at(-1)
  if (last === undefined) return ok('failures', `none in ${RECENT_DAYS} days`)
  return warning(
    'failures',
    `${recent.length} in ${RECENT_DAYS} days, the last: ${last.text}`,
    `see ${repository.stateDirectory}/failures.log`,
  )
}

async function checkTranscripts({ context, repository }: Place): Promise<readonly Finding[]> {
  const findings = agents.map(async (agent): Promise<Finding> => {
    const name = `transcripts of ${agent.title}`
    const kept = agent.database === undefined ? null : await checkDatabase(name, agent.database, context)
    if (kept !== null) return kept
    const folders = agent.transcriptFolders(repository.root, context.home, context.environment)
    for (const folder of folders) {
      try {
        await stat(folder)
        await access(folder, constants.R_OK)
        return ok(name, folder)
      } catch (problem) {
        if (!isMissing(problem)) return failed(name, `${folder} cannot be read`, `chmod u+rx ${folder}`)
      }
    }
    return skipped(name, 'no session here yet')
  })
  return Promise.all(findings)
}

/** null where there is no database: older versions left files. */
async function checkDatabase(
  name: string,
  database: SessionDatabase,
  { home, environment }: Context,
): Promise<Finding | null> {
  const path = database.path(home, environment)
  const access = await accessTo({ path, database, environment })
  if (access === 'absent') return null
  if (access === 'node') return ok(name, path)
  const { name: program } = database.program
  if (access === 'program') return ok(name, `${path}, read by \`${program}\` because this Node.js has no SQLite`)
  const detail = `${path} can be read neither by this Node.js nor by \`${program}\`: its sessions are not sent`
  return warning(name, detail, 'install Node.js 22.13 or newer')
}
