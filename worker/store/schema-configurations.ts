/** Table of agent configurations: which evidence told of one, and what can be said of it in a list. */
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'

/** One row for each evidence. The configuration itself lies in the envelope, in the bucket. */
export const configurations = sqliteTable(
  'configurations',
  {
    organisation: text('organisation').notNull(),
    evidenceId: text('evidence_id').notNull(),
    logIndex: integer('log_index').notNull(),
    /** '' = no remote names it. */
    repository: text('repository').notNull(),
    person: text('person').notNull(),
    keyId: text('key_id').notNull(),
    receivedAt: text('received_at').notNull(),
    commit: text('commit'),
    hash: text('hash').notNull(),
    tier: text('tier', { enum: ['full', 'metadata'] }).notNull(),
    /** JSON list of core/api/configurations.ts AgentSummary. */
    agents: text('agents', { mode: 'json' }).notNull(),
    /** Items that differ from what this key sent before of the repository; null = it sent nothing before. */
    drift: integer('drift'),
  },
  (table) => [
    primaryKey({ columns: [table.organisation, table.evidenceId] }),
    index('configurations_key').on(table.organisation, table.keyId, table.repository, table.logIndex),
    index('configurations_received').on(table.organisation, table.receivedAt),
  ],
)
