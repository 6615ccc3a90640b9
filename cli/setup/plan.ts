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
import { readProjectText } from '../io/files.ts'
import type { Change } from './changes.ts'

interface Wish {
  readonly agents: readonly HookedAgent[]
  /** null = leave the server as it is. */
  readonly server: string | null
  readonly organisation: string | null
}

export interface PlannedChange extends Change {
  /** What the file is for, in a few words. */
  readonly reason: string
}

export async function planChanges(root: string, wish: Wish): Promise<readonly PlannedChange[]> {
  return Promise.all([planConfiguration(root, wish), ...wish.agents.map((agent) => planHookFile(root, agent))])
}

async function planConfiguration(root: string, { server, organisation }: Wish): Promise<PlannedChange> {
  const before = await readProjectText(join(root, CONFIGURATION_FILE))
  const path = CONFIGURATION_FILE
  const reason = 'settings, the same for everyone who clones'
  if (before === null) return { path, reason, before, after: writeConfiguration({ server, organisation }) }
  const present: Configuration = parseConfiguration(before)
  const isSame = server === null || present.server === server
  return { path, reason, before, after: isSame ? before : changeServer(before, { server, organisation }) }
}

async function planHookFile(root: string, { hookFile, title }: HookedAgent): Promise<PlannedChange> {
  const before = await readProjectText(join(root, hookFile.path))
  try {
    const after = hookFile.isInstalled(before) ? before : hookFile.install(before)
    return { path: hookFile.path, reason: `lets ${title} tell Stemma what it does, as it does it`, before, after }
  } catch (cause) {
    throw new Fault('configuration-malformed', {
      message: `${hookFile.path} is not what ${title} reads, so no hooks can be added: ${cause instanceof Error ? cause.message : String(cause)}`,
      hint: `Mend ${hookFile.path}, then \`stemma init\`.`,
      cause,
    })
  }
}
