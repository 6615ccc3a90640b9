/** Wire shapes of sessions. */
import { z } from 'zod'
import { CommitAttribution, LineCounts } from '../attribution/attribution.ts'
import { Verdict } from '../policy/policy.ts'
import { Event } from '../session/event.ts'
import { SessionHeader } from '../session/session.ts'
import { Cost, Usage } from '../session/usage.ts'
import { Erasure } from './retention.ts'

const timestamp = z.iso.datetime()
const count = z.int().nonnegative()

/** One row of `GET /v1/sessions`. */
export const SessionRow = z.object({
  id: z.string(),
  evidenceId: z.string(),
  agent: z.object({ id: z.string(), version: z.string().nullable() }),
  person: z.object({ id: z.string(), name: z.string() }),
  repository: z.string().nullable(),
  branches: z.array(z.string()),
  models: z.array(z.string()),
  startedAt: timestamp.nullable(),
  endedAt: timestamp.nullable(),
  receivedAt: timestamp,
  durationSeconds: z.number().nonnegative().nullable(),
  usage: Usage.nullable(),
  cost: Cost,
  /** Added lines of the session's commits by class; null when no commit is attributed. */
  lines: LineCounts.nullable(),
  files: count,
  commits: count,
  capture: SessionHeader.shape.capture,
  /** Worst verdict first. */
  verdicts: z.object({ fail: count, error: count, pass: count, skipped: count, waived: count }),
  pullRequests: z.array(z.object({ repository: z.string(), number: z.int().positive() })),
})
export type SessionRow = Readonly<z.infer<typeof SessionRow>>

/** `GET /v1/sessions?cursor&limit&repository&agent&person&model&from&to` */
export const SessionPage = z.object({ items: z.array(SessionRow), next: z.string().nullable() })
export type SessionPage = Readonly<z.infer<typeof SessionPage>>

/** `GET /v1/sessions/{id}` */
export const SessionView = z.object({
  session: SessionRow,
  header: SessionHeader,
  attribution: z.array(CommitAttribution),
  verdicts: z.array(Verdict),
  /**
   * On whose behalf it ran, as far as sessions of the organisation tell: this one first, then its parent, and so on.
   * Absent where nobody said.
   */
  delegation: z
    .object({
      links: z.array(
        z.object({
          session: z.string(),
          orchestrator: z.string().nullable(),
          human: z.string().nullable(),
          /** Whether the person is the session's own word, and not the one whose key signed it. */
          isClaim: z.boolean(),
        }),
      ),
      /** Why the chain ends where a session still names a parent. */
      problem: z.object({ kind: z.enum(['cycle', 'unknown-session', 'too-long']), session: z.string() }).nullable(),
    })
    .optional(),
  /** Whether events can be read (`GET /v1/sessions/{id}/events`). */
  transcript: z.boolean(),
  /** null where the transcript was not erased. */
  erasure: Erasure.nullable(),
  /** Whether the caller may erase the transcript that is there: an administrator, or the person whose session it is. */
  mayErase: z.boolean(),
  /** How many people have read the transcript here (`GET /v1/transcript-reads` says who). */
  readers: count,
})
export type SessionView = Readonly<z.infer<typeof SessionView>>

/** `GET /v1/sessions/{id}/events?cursor&limit` */
export const EventPage = z.object({ items: z.array(Event), next: z.string().nullable() })
export type EventPage = Readonly<z.infer<typeof EventPage>>
