/** The tables of privacy: how long transcripts stay, which were erased, and who read them. Re-exported by schema.ts. */
import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { erasers } from '#core/api/retention.ts'

/** How long an organisation keeps transcripts, beside what its contract says. */
export const retention = sqliteTable('retention', {
  organisation: text('organisation').primaryKey(),
  /** null: as long as nobody erases them. */
  days: integer('days'),
  /** When the clock last looked for transcripts that are too old. */
  checkedAt: text('checked_at'),
})

/** Sessions whose transcripts were erased on request: a longer transcript of the same session holds the erased one. */
export const erasedSessions = sqliteTable(
  'erased_sessions',
  {
    organisation: text('organisation').notNull(),
    sessionId: text('session_id').notNull(),
    erasedAt: text('erased_at').notNull(),
    erasedBy: text('erased_by', { enum: erasers }).notNull(),
    /** Who asked for it. */
    person: text('person').notNull(),
  },
  (table) => [primaryKey({ columns: [table.organisation, table.sessionId] })],
)

/** Transcripts that are marked as erased and may still be in the bucket: written with the mark, taken out after the deed. */
export const pendingErasures = sqliteTable('pending_erasures', {
  id: text('id').primaryKey(),
  organisation: text('organisation').notNull(),
  /** Hex SHA-256. */
  transcript: text('transcript').notNull(),
  erasedAt: text('erased_at').notNull(),
  erasedBy: text('erased_by', { enum: erasers }).notNull(),
})

/** Who read which transcript: one row for a reader, a session and an hour, never changed and never deleted. */
export const transcriptReads = sqliteTable(
  'transcript_reads',
  {
    organisation: text('organisation').notNull(),
    sessionId: text('session_id').notNull(),
    person: text('person').notNull(),
    /** Kind of credential: `browser`, `token` or `device`. */
    credential: text('credential').notNull(),
    /** `2026-11-22T17` */
    hour: text('hour').notNull(),
    /** The first reading of the hour. */
    readAt: text('read_at').notNull(),
    /** Method and path by which it was read. */
    route: text('route').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.organisation, table.sessionId, table.person, table.credential, table.hour] }),
  ],
)
