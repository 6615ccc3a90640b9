/** What the snapshots of every work tree say of a file of a commit. */
import { follow } from '#core/attribution/history.ts'
import type { Origin } from '#core/attribution/origins.ts'
import { type FormerName, noMemories, type Version } from '#core/attribution/version.ts'
import { observe, type Testimony } from '#core/attribution/witness.ts'
import type { Evidence, Question } from './question.ts'
import type { State } from './states.ts'
import { knownElsewhere, namesOf, versionsOf } from './versions.ts'

export interface Seen {
  readonly testimony: Testimony
  /** Names of the file before the one that it was committed under. */
  readonly formerNames: readonly FormerName[]
}

/** null where no state of the file was observed up to the commit. */
export function testimonyOf(question: Question, evidence: Evidence): Seen | null {
  const observation = evidence.observations.commits.findLast(({ commit }) => commit === question.commit.commit)
  const made = observation ? evidence.canonical(observation.root) : null
  const roots = [...evidence.states.keys()]
  const timelines = new Map(
    roots.map((root) => [
      root,
      versionsIn(root, question, evidence, root === made ? (observation?.milliseconds ?? null) : null),
    ]),
  )
  const used = [...timelines].filter(([, versions]) => versions.length > 0)
  if (used.length === 0) return null
  const candidates = used.filter(([root]) => made === null || root === made)
  const testimonies = (candidates.length > 0 ? candidates : used).map(([root, versions]) => {
    const others = used.filter(([other]) => other !== root).map(([, list]) => follow(question.base, list).memory)
    const memories = {
      moved: movedMemory(root, question, evidence),
      elsewhere: new Map(others.flatMap((map) => [...map])),
    }
    const testimony = observe({ base: question.base, versions, committed: question.committed, memories })
    return { testimony, formerNames: namesOf(versions) }
  })
  return testimonies.reduce((best, other) => (unresolved(other, question) < unresolved(best, question) ? other : best))
}

/** What is remembered of the files that this new one was made of. */
function movedMemory(root: string, question: Question, evidence: Evidence): ReadonlyMap<string, Origin> {
  if (question.diff.status !== 'added') return new Map()
  return new Map(
    question.kin.flatMap(({ path, base }) => {
      const states = (evidence.states.get(root)?.get(path) ?? []).filter(
        ({ milliseconds }) => milliseconds <= question.until,
      )
      const place = { root, evidence, question: { ...question, diff: { ...question.diff, path, previousPath: path } } }
      const memories = { moved: noMemories.moved, elsewhere: knownElsewhere(place) }
      return [...follow(base, versionsOf(states, place), memories).memory]
    }),
  )
}

function unresolved({ testimony: { origins } }: Seen, { diff }: Question): number {
  const isOpen = (line: number): boolean => ['unknown', 'base'].includes(origins[line - 1]?.class ?? 'unknown')
  return diff.hunks.reduce((sum, { newStart, newLines }) => {
    let open = 0
    for (let line = newStart; line < newStart + newLines; line++) if (isOpen(line)) open += 1
    return sum + open
  }, 0)
}

/** States of one work tree up to the commit; `madeAt` where it was made in this one. */
function versionsIn(root: string, question: Question, evidence: Evidence, madeAt: number | null): readonly Version[] {
  const ofRoot = evidence.states.get(root)
  const states = ofRoot?.get(question.diff.path) ?? []
  const last = madeAt ?? question.until
  const isWanted = (state: State): boolean => state.milliseconds <= last
  const upTo = states.filter(isWanted)
  // A rebase shows its result only when it is through; so does the state at the next hook, without a post-commit hook.
  const hasCommitted = upTo.some(({ blob }) => blob === question.diff.newBlob)
  const next = states.find((state) => !isWanted(state))
  const taken = !hasCommitted && next?.blob === question.diff.newBlob ? [...upTo, next] : upTo
  return versionsOf(taken, { root, question, evidence })
}
