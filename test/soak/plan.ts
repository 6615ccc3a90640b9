/** What happens to many pull requests, as a list that a seed repeats: the same list with and without faults. */
import type { Random } from '../fuzz/random.ts'

export const kinds = ['clean', 'violating', 'unobserved', 'late', 'lost'] as const
/**
 * `clean` and `violating`: evidence of a session that keeps and breaks a policy. `unobserved`: no evidence at all.
 * `late`: evidence of the first commit comes at the very end. `lost`: a trailer names evidence that never comes.
 */
export type Kind = (typeof kinds)[number]

export interface PlannedPull {
  /** From 0; also the branch's name. */
  readonly index: number
  readonly kind: Kind
  /** How many commits the branch gets, one push each. */
  readonly commits: number
}

export type Step =
  | { readonly do: 'open'; readonly pull: number }
  | { readonly do: 'push'; readonly pull: number; readonly commit: number }
  | { readonly do: 'send'; readonly pull: number; readonly commit: number }
  | { readonly do: 'edit' | 'close' | 'reopen' | 'rerun'; readonly pull: number }

export interface Plan {
  readonly pulls: readonly PlannedPull[]
  readonly steps: readonly Step[]
}

export function makePlan(count: number, random: Random): Plan {
  const pulls = random.times(count, (index) => ({
    index,
    kind: kinds[index % kinds.length] ?? 'clean',
    commits: 1 + random.below(3),
  }))
  return {
    pulls,
    steps: interleaved(
      pulls.map((pull) => stepsOf(pull, random)),
      random,
    ),
  }
}

/** One pull request's own steps in their order; evidence may come before the commit is pushed, or after. */
function stepsOf({ index: pull, kind, commits }: PlannedPull, random: Random): readonly Step[] {
  const steps: Step[] = [{ do: 'open', pull }]
  const sends = (commit: number): readonly Step[] =>
    kind === 'unobserved' || kind === 'lost' || (kind === 'late' && commit === 0) ? [] : [{ do: 'send', pull, commit }]
  steps.splice(random.below(2), 0, ...sends(0))
  for (let commit = 1; commit < commits; commit++) {
    const push: Step = { do: 'push', pull, commit }
    steps.push(...(random.chance(0.5) ? [push, ...sends(commit)] : [...sends(commit), push]))
    if (random.chance(0.2)) steps.push({ do: 'edit', pull })
    if (random.chance(0.1)) steps.push({ do: 'close', pull }, { do: 'reopen', pull })
  }
  if (random.chance(0.1)) steps.push({ do: 'rerun', pull })
  return kind === 'late' ? [...steps, { do: 'send', pull, commit: 0 }] : steps
}

/** Each list keeps its order, and any of them may come next. */
function interleaved(lists: readonly (readonly Step[])[], random: Random): readonly Step[] {
  const waiting = lists.map((list) => [...list]).filter((list) => list.length > 0)
  const steps: Step[] = []
  while (waiting.length > 0) {
    const at = random.below(waiting.length)
    const step = waiting[at]?.shift()
    if (step !== undefined) steps.push(step)
    if (waiting[at]?.length === 0) waiting.splice(at, 1)
  }
  return steps
}
