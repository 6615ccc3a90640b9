/** Tables of identities that come from elsewhere: pipelines whose tokens GitHub signs. */
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'

/** Whose pipelines an organisation takes evidence from. By ids: a name can be given up and taken by somebody else. */
export const pipelineOwners = sqliteTable(
  'pipeline_owners',
  {
    organisation: text('organisation').notNull(),
    issuer: text('issuer').notNull(),
    /** Claim `repository_owner_id`. */
    ownerId: integer('owner_id').notNull(),
    /** JSON list of `repository_id`; null: all of the owner's. */
    repositories: text('repositories', { mode: 'json' }).$type<readonly number[]>(),
    person: text('person').notNull(),
    createdAt: text('created_at').notNull(),
  },
  // Without the organisation: of an owner's pipelines it is told by this row whose they are.
  (table) => [primaryKey({ columns: [table.issuer, table.ownerId] })],
)

/** Identity tokens that were used, until they would have expired anyway: each opens the door once. */
export const usedIdentityTokens = sqliteTable(
  'used_identity_tokens',
  {
    organisation: text('organisation').notNull(),
    /** Hex SHA-256 of the token. */
    digest: text('digest').primaryKey(),
    expiresAt: text('expires_at').notNull(),
  },
  (table) => [index('used_identity_tokens_expiry').on(table.expiresAt)],
)
