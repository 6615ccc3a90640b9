/** Tables of the forge's side: pull requests with their commits and reports, and webhook deliveries. */
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { forges } from '#core/installation.ts'
import { result } from './verdict-columns.ts'

const key = {
  organisation: text('organisation').notNull(),
  /** `owner/name`, as the forge writes it. */
  repository: text('repository').notNull(),
  number: integer('number').notNull(),
}

/** One row for each pull request, as it was last read from the forge, with the newest report. */
export const pullRequests = sqliteTable(
  'pull_requests',
  {
    ...key,
    installation: integer('installation').notNull(),
    title: text('title').notNull(),
    state: text('state', { enum: ['open', 'closed', 'merged'] }).notNull(),
    head: text('head').notNull(),
    headRef: text('head_ref').notNull(),
    author: text('author'),
    updatedAt: text('updated_at').notNull(),
    /** The head for which the report below holds; null until there is one, another than `head` while one is being made. */
    reportHead: text('report_head'),
    conclusion: text('conclusion', { enum: ['success', 'neutral', 'failure'] }),
    sessions: integer('sessions').notNull(),
    /** JSON of core/report/report.ts. */
    report: text('report', { mode: 'json' }),
    reportedAt: text('reported_at'),
  },
  (table) => [
    primaryKey({ columns: [table.organisation, table.repository, table.number] }),
    index('pull_requests_updated').on(table.organisation, table.updatedAt),
    index('pull_requests_state').on(table.state, table.updatedAt),
  ],
)

/** What the newest report says of the pull request as a whole, waivers applied: what a posture sums up. */
export const pullRequestVerdicts = sqliteTable(
  'pull_request_verdicts',
  {
    ...key,
    policy: text('policy').notNull(),
    version: integer('version').notNull(),
    result,
    /** UTC day of the report. */
    day: text('day').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.organisation, table.repository, table.number, table.policy] }),
    // All that a sum over a period reads.
    index('pull_request_verdicts_day').on(table.organisation, table.day, table.repository, table.policy, table.result),
    index('pull_request_verdicts_policy').on(table.organisation, table.policy, table.result, table.day),
  ],
)

/** Commits of the present head, so that evidence for one of them finds its pull requests. */
export const pullRequestCommits = sqliteTable(
  'pull_request_commits',
  {
    ...key,
    commit: text('commit').notNull(),
    position: integer('position').notNull(),
    /** null: a merge, or known by its id already. */
    patchId: text('patch_id'),
  },
  (table) => [
    primaryKey({ columns: [table.organisation, table.repository, table.number, table.commit] }),
    index('pull_request_commits_commit').on(table.organisation, table.commit),
    index('pull_request_commits_patch').on(table.organisation, table.patchId),
  ],
)

/** Some digests of lines of the present head that no session is known for, so that evidence of them finds its pull requests. */
export const pullRequestLines = sqliteTable(
  'pull_request_lines',
  { ...key, digest: text('digest').notNull() },
  (table) => [
    primaryKey({ columns: [table.organisation, table.repository, table.number, table.digest] }),
    index('pull_request_lines_digest').on(table.organisation, table.digest),
  ],
)

/** Some digests of the lines that evidence attributes in each commit, so that a squash of it finds the evidence. */
export const evidenceLines = sqliteTable(
  'evidence_lines',
  {
    organisation: text('organisation').notNull(),
    digest: text('digest').notNull(),
    evidenceId: text('evidence_id').notNull(),
    commit: text('commit').notNull(),
  },
  (table) => [primaryKey({ columns: [table.organisation, table.digest, table.evidenceId, table.commit] })],
)

/** Repositories by the id that they keep at their forge, under whatever name: that of another is the sign of a move. */
export const repositories = sqliteTable(
  'repositories',
  {
    organisation: text('organisation').notNull(),
    /** Each forge counts its own ids. */
    forge: text('forge', { enum: forges }).notNull(),
    id: integer('id').notNull(),
    name: text('name').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.organisation, table.forge, table.id] }),
    index('repositories_name').on(table.organisation, table.forge, table.name),
  ],
)

/** Names that repositories had: machines that cloned under a former name go on sending it. */
export const repositoryNames = sqliteTable(
  'repository_names',
  {
    organisation: text('organisation').notNull(),
    former: text('former').notNull(),
    present: text('present').notNull(),
  },
  (table) => [primaryKey({ columns: [table.organisation, table.former] })],
)

export const deliveryStates = ['received', 'done', 'failed', 'ignored'] as const

/** Webhook deliveries by their GUID, which a redelivery keeps: the state tells whether there is work left. */
export const webhookDeliveries = sqliteTable(
  'webhook_deliveries',
  {
    id: text('id').primaryKey(),
    event: text('event').notNull(),
    /** JSON of worker/github/payload.ts ForgeEvent: only what is read of the payload; null for ignored events. */
    payload: text('payload', { mode: 'json' }),
    state: text('state', { enum: deliveryStates }).notNull(),
    reason: text('reason'),
    receivedAt: text('received_at').notNull(),
    updatedAt: text('updated_at').notNull(),
  },
  (table) => [index('webhook_deliveries_state').on(table.state, table.updatedAt)],
)
