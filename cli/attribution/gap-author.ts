/** Who can have changed a file between two observed states, by what agents are known to have done meanwhile. */
import type { Activity } from './activity.ts'
import type { States } from './states.ts'

const overlaps = (left: { readonly start: number; readonly end: number }, start: number, end: number): boolean =>
  left.start < end && left.end > start

export interface Gap {
  readonly root: string
  readonly path: string
  readonly start: number
  readonly end: number
}

export type GapAuthor =
  | {
      readonly kind: 'agent'
      readonly by: 'edit' | 'command'
      readonly session: string
      readonly model: string | null
      readonly callId: string | null
      readonly told: ReadonlySet<string> | null
      /** So long that a person may have typed and saved meanwhile. */
      readonly isLong: boolean
    }
  | { readonly kind: 'person' }
  | { readonly kind: 'unknown' }

/** What a person does while an agent's call lasts no longer than this (ms) is in all likelihood nothing. */
const MOMENT = 10_000

/** Who can have changed the file between two observed states. A call that names the file outweighs one that does not. */
function authorOf(gap: Gap, { calls, doubts }: Activity): GapAuthor {
  const near = calls.filter(
    (call) =>
      call.root === gap.root && (call.path === null || call.path === gap.path) && overlaps(call, gap.start, gap.end),
  )
  const covering = near.filter((call) => call.start <= gap.start && call.end >= gap.end)
  for (const by of ['edit', 'command'] as const) {
    const group = covering.filter((call) => call.by === by)
    const [first] = group
    if (!first) continue
    if (group.some(({ session }) => session !== first.session)) return { kind: 'unknown' }
    const { session, model, callId, told } = first
    return { kind: 'agent', by, session, model, callId, told, isLong: first.end - first.start > MOMENT }
  }
  const isDoubtful = doubts.some(
    (doubt) =>
      (doubt.root === null || doubt.root === gap.root) &&
      (doubt.path === null || doubt.path === gap.path) &&
      overlaps(doubt, gap.start, gap.end),
  )
  return near.length > 0 || isDoubtful ? { kind: 'unknown' } : { kind: 'person' }
}

/**
 * Whether a file that agents may have changed unseen went away within the gap: then it may be the one that is looked at,
 * under its new name.
 */
export function mayBeTakenFrom(gap: Gap, { doubts }: Activity, states: States): boolean {
  const ofRoot = states.get(gap.root)
  return doubts.some(({ root, path, ...time }) => {
    if (path === null || path === gap.path || (root !== null && root !== gap.root)) return false
    if (!overlaps(time, gap.start, gap.end)) return false
    const seen = ofRoot?.get(path) ?? []
    return seen.some(
      ({ blob, milliseconds }, at) =>
        blob === null && milliseconds > gap.start && milliseconds <= gap.end && seen[at - 1]?.blob != null,
    )
  })
}

/** Who can have changed the file under each of the names that it had meanwhile; unknown where that is not one and the same. */
export function authorIn(gaps: readonly Gap[], activity: Activity): GapAuthor {
  const authors = gaps.map((gap) => authorOf(gap, activity))
  const [first = { kind: 'unknown' }, ...others] = authors
  const isSame = (other: GapAuthor): boolean =>
    other.kind === first.kind && (other.kind !== 'agent' || first.kind !== 'agent' || other.session === first.session)
  return others.every(isSame) ? first : { kind: 'unknown' }
}
