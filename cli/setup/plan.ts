/** What `stemma init` would write: the project file and one hook file for each agent. */
import { join } from 'node:path'
import type { HookedAgent } from '#core/agents/agent.ts'
import { Fault } from '#core/fault.ts'
import {
  CONFIGURATION_FILE,
  type Configuration,
  changeServer,
  parseConfiguration,
  writeConfiguration,
} from '../io/configuration.ts'
import { readText } from '../io/files.ts'
import type { Change } from './changes.ts'

interface Wish {
  readonly agents: readonly HookedAgent[]
  /** null = leave the server as it is. */
  readonly server: string | null
  readonly organisation: string | null
}

export async function planChanges(root: string, wish: Wish): Promise<readonly Change[]> {
  return Promise.all([planConfiguration(root, wish), ...wish.agents.map((agent) => planHookFile(root, agent))])
}

async function planConfiguration(root: string, { server, organisation }: Wish): Promise<Change> {
  const before = await readText(join(root, CONFIGURATION_FILE))
  const path = CONFIGURATION_FILE
  if (before === null) return { path, before, after: writeConfiguration({ server, organisation }) }
  const present: Configuration = parseConfiguration(before)
  const isSame = server === null || present.server === server
  return { path, before, after: isSame ? before : changeServer(before, { server, organisation }) }
}

async function planHookFile(root: string, { hookFile, title }: HookedAgent): Promise<Change> {
  const before = await readText(join(root, hookFile.path))
  try {
    return { path: hookFile.path, before, after: hookFile.isInstalled(before) ? before : hookFile.install(before) }
  } catch (cause) {
    throw new Fault('configuration-malformed', {
      message: `${hookFile.path} is not what ${title} reads, so no hooks can be added: ${cause instanceof Error ? cause.message : String(cause)}`,
      hint: `Mend ${hookFile.path}, then \`stemma init\`.`,
      cause,
    })
  }
}
