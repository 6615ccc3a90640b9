/** Items to act on: findings and doubts of all sessions, the worst first, the same thing once. */
import { conclude } from '../policy/conclusion.ts'
import { type Finding, type Severity, severities, type Verdict } from '../policy/policy.ts'
import { formatCount, formatNumberOf } from './format.ts'
import { compareText } from './merge-attribution.ts'
import type { Report } from './report.ts'

export interface Item {
  /** Id of the policy; null for evidence that is missing. */
  readonly policy: string | null
  readonly gate: boolean
  readonly kind: 'finding' | 'cannot tell' | 'missing'
  readonly severity: Severity | null
  /** May quote hostile text between backticks. */
  readonly message: string
  readonly fix: string | null
  readonly sessions: readonly string[]
  /** Lines that the message is about, 1-based; null where only the file is known. */
  readonly places: readonly Place[]
}

export interface Place {
  readonly path: string
  readonly start: number | null
  readonly end: number | null
}

export function itemsOf(report: Report): readonly Item[] {
  const items = new Map<string, Item>()
  for (const { sessions, verdicts } of judgedParts(report)) {
    for (const item of verdicts.flatMap((verdict) => verdictItems(sessions, verdict))) {
      const key = JSON.stringify([item.policy, item.kind, item.message])
      const before = items.get(key)
      items.set(
        key,
        before
          ? {
              ...before,
              gate: before.gate || item.gate,
              sessions: [...new Set([...before.sessions, ...item.sessions])],
              places: distinct([...before.places, ...item.places]),
            }
          : item,
      )
    }
  }
  return [...items.values(), ...missingItems(report)].sort(byUrgency)
}

/** Each session with its verdicts, and the pull request as a whole. */
function judgedParts(report: Report): readonly { sessions: readonly string[]; verdicts: readonly Verdict[] }[] {
  const whole = { sessions: [], verdicts: report.verdicts ?? [] }
  return [...report.sessions.map(({ id, verdicts }) => ({ sessions: [id], verdicts })), whole]
}

function verdictItems(sessions: readonly string[], verdict: Verdict): readonly Item[] {
  const { policy, gate, result, findings, doubts, reason } = verdict
  const base = { policy, gate, sessions }
  if (result === 'fail' && findings.length > 0) {
    return findings.map(({ severity, message, fix, citations }) => {
      return { ...base, kind: 'finding', severity, message, fix, places: placesIn(citations) }
    })
  }
  if (result !== 'error' && result !== 'fail') return []
  if (doubts.length === 0)
    return [
      { ...base, kind: 'cannot tell', severity: null, message: reason ?? 'The policy broke.', fix: null, places: [] },
    ]
  return doubts.map(({ message, citations }) => {
    return { ...base, kind: 'cannot tell', severity: null, message, fix: null, places: placesIn(citations) }
  })
}

function placesIn(citations: Finding['citations']): readonly Place[] {
  return distinct(citations.flatMap(({ file, start, end }) => (file === null ? [] : [{ path: file, start, end }])))
}

function distinct(places: readonly Place[]): readonly Place[] {
  return [...new Map(places.map((place) => [JSON.stringify(place), place])).values()]
}

function missingItems(report: Report): readonly Item[] {
  const { unobservedCommits, sessions, conclusion } = report
  const base = { policy: null, gate: false, kind: 'missing', severity: null, sessions: [], places: [] } as const
  if (sessions.length === 0) {
    // What the policies on the whole say is listed by itself.
    const decided = conclude({
      verdicts: report.verdicts ?? [],
      sessions: 1,
      unobservedCommits: 0,
      missingSession: 'success',
    })
    if (conclusion === 'success' || conclusion === decided) return namedItems(report)
    const message = 'No session of an agent is known for these commits, and this organisation asks for one.'
    return [{ ...base, gate: conclusion === 'failure', message, fix: 'Run `stemma push` where the commits were made.' }]
  }
  if (unobservedCommits.length === 0) return []
  if (unobservedCommits.length === 1) {
    const message = '1 commit has no evidence; who wrote its lines is not known.'
    return [{ ...base, message, fix: 'Run `stemma push` where it was made.' }]
  }
  const message = `${formatCount(unobservedCommits.length)} commits have no evidence; who wrote their lines is not known.`
  return [{ ...base, message, fix: 'Run `stemma push` where they were made.' }]
}

/** Sessions that trailers name and of which nothing came: then an agent was at work, whatever else is not known. */
export function namedSessions({ unobservedCommits }: Report): readonly string[] {
  return [...new Set(unobservedCommits.flatMap(({ session }) => session ?? []))]
}

function namedItems(report: Report): readonly Item[] {
  const count = namedSessions(report).length
  if (count === 0) return []
  const message = `The commits name ${formatNumberOf(count, 'session')} whose evidence has not arrived.`
  const fix = 'Run `stemma push` where the commits were made.'
  return [{ policy: null, gate: false, kind: 'missing', severity: null, message, fix, sessions: [], places: [] }]
}

function byUrgency(left: Item, right: Item): number {
  const rank = ({ gate, kind, severity }: Item) =>
    (gate ? 0 : 100) +
    { finding: 0, 'cannot tell': 10, missing: 20 }[kind] +
    (severity ? severities.indexOf(severity) : 0)
  return (
    rank(left) - rank(right) ||
    compareText(left.policy ?? '', right.policy ?? '') ||
    compareText(left.message, right.message)
  )
}

export interface WaivedItem {
  readonly policy: string
  /** By whom, until when and why. */
  readonly reason: string
  readonly sessions: readonly string[]
}

/** What was found and is let pass, each waiver once: nobody is asked to act, and nobody shall miss it. */
export function waivedItemsOf(report: Report): readonly WaivedItem[] {
  const items = new Map<string, WaivedItem>()
  for (const { sessions: judged, verdicts } of judgedParts(report)) {
    for (const { policy, result, reason } of verdicts) {
      if (result !== 'waived') continue
      const key = JSON.stringify([policy, reason])
      const sessions = items.get(key)?.sessions ?? []
      items.set(key, { policy, reason: reason ?? 'Waived.', sessions: [...new Set([...sessions, ...judged])] })
    }
  }
  return [...items.values()].sort(
    (left, right) => compareText(left.policy, right.policy) || compareText(left.reason, right.reason),
  )
}
