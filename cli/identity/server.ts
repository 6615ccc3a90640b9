/** Which platform a command speaks to. */
import { Fault } from '#core/fault.ts'
import type { Context } from '../context.ts'
import { readServer } from '../io/configuration.ts'
import { openWorkspace } from '../workspace.ts'

/** `asked`, else that of the repository's project file. Throws request-malformed where neither is an address. */
export async function serverFor(asked: string | undefined, context: Context): Promise<string> {
  const named = asked ?? context.environment['STEMMA_SERVER'] ?? (await configured(context))
  const server = named === null ? null : readServer(named)
  if (server !== null) return server
  throw new Fault('request-malformed', {
    message: named === null ? 'No platform is named.' : `${named} is not an address: https is needed.`,
    hint: 'Name it: `stemma login --server https://stemma.example.com`, or put it into .stemma.yml with `stemma init`.',
  })
}

async function configured(context: Context): Promise<string | null> {
  try {
    return (await openWorkspace(context)).configuration?.server ?? null
  } catch {
    // Outside of a repository there is no project file.
    return null
  }
}
