/** Which agents are used here: by their folder in the repository, in the home folder, or their program on the PATH. */
import { access, constants, stat } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import type { HookedAgent } from '#core/agents/agent.ts'
import { hookedAgents } from '#core/agents/registry.ts'
import type { Context } from '../context.ts'

export interface Detected {
  readonly agent: HookedAgent
  /** What gave it away, for people. */
  readonly because: string
  /** Whether that is in the repository, and not only on this machine. */
  readonly isHere: boolean
}

export async function detectAgents(root: string, context: Context): Promise<readonly Detected[]> {
  const found = await Promise.all(hookedAgents.map((agent) => detect(agent, root, context)))
  return found.filter((detected) => detected !== null)
}

async function detect(agent: HookedAgent, root: string, { home, environment }: Context): Promise<Detected | null> {
  // `.claude/settings.json` -> `.claude`; most agents name their folder in the repository and at home alike.
  const folders = [agent.hookFile.path.split('/')[0] ?? '']
  const traces = agent.traces ?? { repository: folders, home: folders }
  for (const folder of traces.repository) {
    if (await exists(join(root, folder))) return { agent, because: `${folder} in this repository`, isHere: true }
  }
  for (const folder of traces.home)
    if (await exists(join(home, folder))) return { agent, because: `~/${folder}`, isHere: false }
  for (const name of new Set([agent.id, agent.id.split('-')[0] ?? agent.id])) {
    if ((await findProgram(name, environment)) !== null) return { agent, because: `${name} on the PATH`, isHere: false }
  }
  return null
}

/** Absolute path of a program that can be run; null where the PATH has none. */
export async function findProgram(name: string, environment: Readonly<Record<string, string>>): Promise<string | null> {
  for (const folder of (environment['PATH'] ?? '').split(delimiter).filter((part) => part !== '')) {
    const path = join(folder, name)
    try {
      await access(path, constants.X_OK)
      if ((await stat(path)).isFile()) return path
    } catch {
      // Not here.
    }
  }
  return null
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
