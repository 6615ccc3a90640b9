/** The name of an agent for people: the registry's, else its id. */
import { agentById } from '../agents/registry.ts'

export function agentTitle(id: string): string {
  return agentById(id)?.title ?? id
}
