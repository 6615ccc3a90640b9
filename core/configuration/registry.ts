/** Where each agent keeps its configuration, as the agents say themselves. */
import { agents } from '../agents/registry.ts'
import type { ConfiguredAgent } from './places.ts'

export async function configuredAgents(): Promise<readonly ConfiguredAgent[]> {
  const known = await Promise.all(
    agents.map(async ({ id, configuration }) =>
      configuration === null ? null : { agent: id, ...(await configuration()) },
    ),
  )
  return known.filter((agent) => agent !== null)
}
