import { z } from 'zod'
import { citeEvents, citeSession, doubt, nothingFound } from '../evaluation.ts'
import { definePolicy } from '../policy.ts'

const MINUTE = 60_000

export const sessionDuration = definePolicy({
  id: 'session-duration',
  version: 1,
  title: 'Sessions end',
  why: 'A session of days has forgotten its beginning, mixes tasks, and ties unrelated commits to one conversation.',
  fix: 'Start a new session for each task.',
  severity: 'low',
  reads: 'header',
  parameters: z.object({
    maximumMinutes: z
      .number()
      .positive()
      .default(24 * 60)
      .describe('Longest time from the first to the last record, pauses included.'),
  }),
  evaluate({ session }, { maximumMinutes }) {
    const { startedAt, endedAt } = session
    if (startedAt === null || endedAt === null) {
      return doubt('The transcript does not record when the session began and ended.', citeSession(session))
    }
    const minutes = (Date.parse(endedAt) - Date.parse(startedAt)) / MINUTE
    if (minutes <= maximumMinutes) return nothingFound
    const ends = [session.events[0]?.id, session.events.at(-1)?.id].filter((id) => id !== undefined)
    const finding = {
      policy: 'session-duration',
      severity: 'low' as const,
      message: `The session lasted ${hours(minutes)}; at most ${hours(maximumMinutes)} are meant.`,
      fix: 'Start a new session for each task.',
      citations: ends.length > 0 ? citeEvents([...new Set(ends)]) : citeSession(session),
    }
    return { findings: [finding], doubts: [], skipped: null }
  },
  examples: {
    violates: [{ title: 'three days', commands: ['ls'], session: { endedAt: '2026-11-25T09:00:00.000Z' } }],
    passes: [{ title: 'half an hour', commands: ['ls'] }],
    doubtful: [{ title: 'no time recorded', commands: ['ls'], session: { endedAt: null } }],
  },
})

function hours(minutes: number): string {
  return minutes < 120 ? `${Math.round(minutes)} minutes` : `${Math.round(minutes / 6) / 10} hours`
}
