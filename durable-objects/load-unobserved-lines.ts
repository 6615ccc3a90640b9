/** What commits without evidence add: commit id -> lines. */
import type { Material } from '#core/report/material.ts'
import { MAX_CHANGES } from './load-material.ts'
import type { Changes } from './load-material-changes.ts'

export async function loadUnobservedLines(
  { commits, sessions, observations = [] }: Material,
  changes: Changes,
): Promise<ReadonlyMap<string, number>> {
  const witnesses = [...sessions, ...observations.filter(({ isVerified }) => isVerified)]
  const observed = new Set(witnesses.flatMap(({ attribution }) => attribution.map(({ commit }) => commit)))
  // The lines of a merge are those of the commits that it joins.
  const unobserved = commits.filter(({ sha, parents }) => !observed.has(sha) && parents.length < 2)
  const lines = new Map<string, number>()
  for (const commit of unobserved.slice(0, MAX_CHANGES)) {
    lines.set(commit.sha, (await changes.of(commit)).additions)
  }
  return lines
}
