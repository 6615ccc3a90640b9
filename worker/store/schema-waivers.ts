/** Table of waivers: who asked for one, who approved it, and for how long it holds. */
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'

export const waivers = sqliteTable(
  'waivers',
  {
    organisation: text('organisation').notNull(),
    id: text('id').notNull(),
    policy: text('policy').notNull(),
    /** JSON of core/policy/waiver.ts WaiverScope. */
    scope: text('scope', { mode: 'json' }).notNull(),
    reason: text('reason').notNull(),
    state: text('state', { enum: ['requested', 'approved', 'revoked'] }).notNull(),
    /** Ids of people. */
    requestedBy: text('requested_by').notNull(),
    approvedBy: text('approved_by'),
    revokedBy: text('revoked_by'),
    createdAt: text('created_at').notNull(),
    approvedAt: text('approved_at'),
    revokedAt: text('revoked_at'),
    expiresAt: text('expires_at').notNull(),
    /** Where the log holds the digest of the approval; null while it waits, and of approvals from before there were such leaves. */
    logIndex: integer('log_index'),
    /** The approval as it was logged: canonical JSON, whose SHA-256 is the leaf's id. */
    statement: text('statement'),
    /** When its pull requests were told that it ended. */
    endedAt: text('ended_at'),
  },
  (table) => [
    primaryKey({ columns: [table.organisation, table.id] }),
    index('waivers_state').on(table.organisation, table.state, table.expiresAt),
    index('waivers_created').on(table.organisation, table.createdAt),
  ],
)
