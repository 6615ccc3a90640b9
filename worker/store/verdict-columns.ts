/** Columns of what a policy decided about a piece of evidence, whether the result stands or was replaced. */
import { integer, text } from 'drizzle-orm/sqlite-core'
import { results } from '#core/policy/policy.ts'

export const result = text('result', { enum: results }).notNull()

export const verdictColumns = {
  organisation: text('organisation').notNull(),
  evidenceId: text('evidence_id').notNull(),
  policy: text('policy').notNull(),
  version: integer('version').notNull(),
  contractVersion: integer('contract_version').notNull(),
  result,
}
