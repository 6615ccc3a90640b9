/**
 * Planted secrets, none of which may be in what would be sent, and clean events, which must be left alone. What
 * `scanRemaining` still finds is refused at push and not sent.
 */
import type { Event } from '#core/session/event.ts'
import { summarise } from '#core/session/header.ts'
import { redactSession, scanRemaining } from '#core/session/redaction.ts'
import type { Session } from '#core/session/session.ts'
import { writeSession } from '#core/session/session-text.ts'
import { cleanEvents } from './redaction/clean.ts'
import { kinds } from './redaction/kinds.ts'
import { leaks } from './redaction/leak.ts'
import { places } from './redaction/places.ts'
import { randomFrom } from './redaction/random.ts'
import type { ConformanceFailure, ConformanceResult } from './suite.ts'

/** One false redaction in so many clean events is allowed. */
export const CLEAN_EVENTS_PER_FALSE = 10_000

export interface RedactionAmount {
  /** How many secrets of each kind are planted in each place. */
  readonly secretsEach: number
  readonly cleanEvents: number
  readonly seed: number
}

export interface PlantedResult {
  readonly passed: number
  /** The session is kept back whole: no leak, but no transcript either. */
  readonly refused: readonly string[]
  readonly leaks: readonly ConformanceFailure[]
}

export async function plantedSecrets({
  secretsEach,
  seed,
}: Omit<RedactionAmount, 'cleanEvents'>): Promise<PlantedResult> {
  const random = randomFrom(seed)
  const found: ConformanceFailure[] = []
  const refused: string[] = []
  let passed = 0
  for (const kind of kinds) {
    for (const place of places) {
      for (let round = 0; round < secretsEach; round++) {
        const planted = kind.make(random)
        const note = `${kind.id}, ${place.id}`
        const { session } = await redactSession(sessionOf(place.events(planted, 'e')))
        if (!leaks(session, planted.secret)) passed++
        else if ((await scanRemaining(writeSession(session))).length > 0) refused.push(note)
        else found.push({ note, reason: `${planted.written.slice(0, 60)} is still in it: ${shown(session)}` })
      }
    }
  }
  return { passed, refused, leaks: found }
}

/** Each event that was changed, and what became of it. */
export async function falseRedactions({ cleanEvents: count, seed }: Omit<RedactionAmount, 'secretsEach'>) {
  const before = sessionOf(cleanEvents(randomFrom(seed), count))
  const { session } = await redactSession(before)
  const changed: ConformanceFailure[] = []
  for (const [index, event] of before.events.entries()) {
    const after = JSON.stringify(session.events[index])
    if (JSON.stringify(event) === after) continue
    const at = after.search(/\[(REDACTED|WITHHELD):/)
    changed.push({ note: `clean event ${event.id}`, reason: after.slice(Math.max(0, at - 60), at + 80) })
  }
  return changed
}

export async function runRedaction(): Promise<ConformanceResult> {
  const amount = { secretsEach: 5, cleanEvents: 40_000, seed: 20_261_122 }
  const planted = await plantedSecrets(amount)
  const changed = await falseRedactions(amount)
  const allowed = amount.cleanEvents / CLEAN_EVENTS_PER_FALSE
  const failures = [...planted.leaks, ...(changed.length > allowed ? changed : [])]
  return {
    suite: 'redaction',
    passed: planted.passed + amount.cleanEvents - changed.length,
    failed: failures.length,
    skipped: planted.refused.length,
    wrong: changed.length,
    failures,
  }
}

function shown({ events }: Session): string {
  return JSON.stringify(events).slice(0, 400)
}

function sessionOf(events: readonly Event[]): Session {
  const header = summarise(events, {
    id: 'claude-code:0719df64-8bfc-44a2-bfed-30f3a36f5a99',
    agent: { id: 'claude-code', version: '2.1.328' },
    entrypoint: 'cli',
    startedAt: null,
    endedAt: null,
    branches: ['main'],
    permissionModes: ['default'],
    forkedFrom: null,
    capture: 'hook',
    parse: { records: events.length, malformed: 0, unrecognised: {} },
    warnings: [],
    countedMessages: new Set(),
    recordsUsage: true,
  })
  return { ...header, events }
}
