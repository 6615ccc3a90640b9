/** Whether agents and git call Stemma, and whether the guard hears of what it is to judge. */
import { relative } from 'node:path'
import type { HookedAgent } from '#core/agents/agent.ts'
import { hookedAgents } from '#core/agents/registry.ts'
import { isFault } from '#core/fault.ts'
import type { Context } from '../context.ts'
import { gitHookStatus, installGitHooks } from '../git-hooks.ts'
import { readDecisions } from '../guard/decisions.ts'
import { guardedAgents } from '../guard/switch.ts'
import { readProjectText } from '../io/files.ts'
import { type Repository, readConfiguration } from '../io/repository.ts'
import { count, minute } from '../io/words.ts'
import { checkCodexTrust, checkGeminiShell } from './agent-checks.ts'
import { applyChange } from './changes.ts'
import { type Detected, detectAgents } from './detect.ts'
import { type Finding, failed, ok, skipped, unlessRefused, warning } from './finding.ts'

interface Place {
  readonly context: Context
  readonly repository: Repository
  /** Whether there is a `.stemma.yml`: before that, nothing is missing, and nothing is written without being asked. */
  readonly isSetUp: boolean
}

export async function checkHooks(place: Place): Promise<readonly Finding[]> {
  const { context, repository } = place
  const detected = await detectAgents(repository.root, context)
  const agents = await Promise.all(
    hookedAgents.map((agent) =>
      unlessRefused(`hooks of ${agent.title}`, () => checkAgentHooks(agent, detected, place)),
    ),
  )
  // Of a file that cannot be read the checks above have told.
  const trust = await Promise.all([
    checkCodexTrust(repository, context).catch(nothingWhereRefused),
    checkGeminiShell(repository, context).catch(nothingWhereRefused),
  ])
  return [
    ...agents,
    ...trust.filter((finding) => finding !== null),
    await unlessRefused('Git hooks', () => checkGitHooks(place)),
    await checkGuard(place),
  ]
}

function nothingWhereRefused(problem: unknown): null {
  if (isFault(problem)) return null
  throw problem
}

async function checkAgentHooks(
  agent: HookedAgent,
  detected: readonly Detected[],
  { repository, isSetUp }: Place,
): Promise<Finding> {
  const name = `hooks of ${agent.title}`
  const { hookFile } = agent
  const before = await readProjectText(`${repository.root}/${hookFile.path}`)
  if (hookFile.isInstalled(before)) return ok(name, hookFile.path)
  if (!isSetUp) return skipped(name, 'not set up here yet')
  const found = detected.find((one) => one.agent === agent)
  if (before === null && found === undefined) return skipped(name, 'not used here')
  const repair = async () => {
    const change = { path: hookFile.path, before, after: hookFile.install(before) }
    await applyChange(repository.root, repository.stateDirectory, change)
  }
  // An agent of this machine need not be one of this repository.
  if (before === null && found !== undefined && !found.isHere) {
    const detail = `${found.because}, and not set up here: its sessions are found at push alone`
    return warning(name, detail, `stemma init --agent ${agent.id}`)
  }
  const detail =
    before === null ? `${hookFile.path} is not there` : `missing or not as this version writes them in ${hookFile.path}`
  return failed(name, detail, 'stemma doctor --fix', repair)
}

async function checkGitHooks({ repository, isSetUp }: Place): Promise<Finding> {
  const name = 'Git hooks'
  const hooks = await gitHookStatus(repository)
  const wrong = hooks.filter(({ state }) => state !== 'installed')
  const chained = hooks.filter(({ chains }) => chains).map((hook) => hook.name)
  if (wrong.length > 0) {
    const detail = wrong.map((hook) => `${hook.name} ${hook.state}`).join(', ')
    if (!isSetUp) return failed(name, detail, 'stemma init')
    return failed(name, detail, 'stemma doctor --fix', async () => {
      await installGitHooks(repository)
    })
  }
  const configured = await readConfiguration(repository, 'core.hooksPath')
  const folder = relative(repository.root, hooks[0]?.path ?? '').replace(/\/[^/]*$/, '')
  const place = configured === null || configured === '' ? '' : ` in ${folder}, for core.hooksPath is ${configured}`
  const own = chained.length === 0 ? '' : `, after your own ${chained.join(', ')}`
  return ok(name, `${hooks.length} installed${place}${own}`)
}

const RECENT_DAYS = 7

async function checkGuard({ context, repository }: Place): Promise<Finding> {
  const name = 'local guard'
  const guarded = await guardedAgents(repository.stateDirectory)
  if (guarded.length === 0) return skipped(name, 'off, as by default: `stemma guard on` lets the contract stop calls')
  const deaf = await unheard(
    repository,
    guarded.map(({ agent }) => agent),
  )
  const on = `on for ${guarded.map(({ agent }) => agent).join(', ')}`
  const after = new Date(context.now().getTime() - RECENT_DAYS * 86_400_000).toISOString()
  const broke = (await readDecisions(repository.stateDirectory)).filter(
    ({ failed: isFailed, at }) => isFailed && at > after,
  )
  const last = broke.at(-1)
  if (last !== undefined) {
    const detail = `broke for ${count(broke.length, 'call')} in ${RECENT_DAYS} days, the last at ${minute(last.at)} UTC`
    return warning(name, `${on}; ${detail}`, 'stemma guard status')
  }
  if (deaf.length < guarded.length) return ok(name, on)
  return warning(name, `${on}, and none of them has hooks here, so it hears of no call`, 'stemma init')
}

/** Of these agents, those whose hooks are not in this repository as this version writes them: their calls are not heard of. */
export async function unheard({ root }: Repository, ids: readonly string[]): Promise<readonly string[]> {
  const agents = hookedAgents.filter(({ id }) => ids.includes(id))
  const heard = await Promise.all(
    agents.map(async ({ hookFile }) =>
      hookFile.isInstalled(await readProjectText(`${root}/${hookFile.path}`).catch(nothingWhereRefused)),
    ),
  )
  return agents.filter((_, index) => heard[index] === false).map(({ id }) => id)
}
