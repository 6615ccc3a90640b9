/** How long transcripts of a repository stay: the shortest that anybody says. */
import { type ContractsInForce, contractFor } from './contracts-in-force.ts'

/** `days`: of the organisation itself. `repository`: null = not known. null = nobody says. */
export function shortestRetention(
  days: number | null,
  inForce: ContractsInForce,
  repository: string | null,
): number | null {
  const said = [days, contractFor(inForce, repository).privacy?.retention ?? null].filter((one) => one !== null)
  return said.length === 0 ? null : Math.min(...said)
}
