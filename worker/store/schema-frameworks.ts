/** Tables of frameworks: what people attest to, and what earlier contracts said of the same evidence. */
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { verdictColumns } from './verdict-columns.ts'

/** Never deleted: who attested to what, and who took it back, stays on record. */
export const attestations = sqliteTable(
  'attestations',
  {
    organisation: text('organisation').notNull(),
    id: text('id').notNull(),
    framework: text('framework').notNull(),
    control: text('control').notNull(),
    /** `organisation`, `product:shop`, `project:pay`, `repository:acme/parser`. */
    scope: text('scope').notNull(),
    reason: text('reason').notNull(),
    /** Ids of people. */
    person: text('person').notNull(),
    revokedBy: text('revoked_by'),
    createdAt: text('created_at').notNull(),
    expiresAt: text('expires_at').notNull(),
    revokedAt: text('revoked_at'),
    /** The newest decision about it as it was logged: canonical JSON, whose SHA-256 is the leaf's id; null = from before there were such leaves. */
    statement: text('statement'),
    /** Where the log holds that digest; null while it waits. */
    logIndex: integer('log_index'),
  },
  (table) => [
    primaryKey({ columns: [table.organisation, table.id] }),
    index('attestations_framework').on(table.organisation, table.framework, table.createdAt),
    index('attestations_created').on(table.organisation, table.createdAt),
  ],
)

/** Results that a later contract replaced. Without the findings: these quote transcripts, which can be erased. */
export const formerVerdicts = sqliteTable(
  'former_verdicts',
  {
    ...verdictColumns,
    findings: integer('findings').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.organisation, table.evidenceId, table.policy, table.version, table.contractVersion] }),
  ],
)
