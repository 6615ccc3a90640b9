/** The tables. Every row of an organisation carries its id, and every query names it; times are RFC 3339 UTC text. */

import { sql } from 'drizzle-orm'
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { type Pipeline, signUps } from '#core/api/identity.ts'
import { logReaders } from '#core/api/log.ts'
import { erasers } from '#core/api/retention.ts'
import { result, verdictColumns } from './verdict-columns.ts'

export * from './schema-configurations.ts'
export * from './schema-frameworks.ts'
export * from './schema-identity.ts'
export * from './schema-privacy.ts'
export * from './schema-pull-requests.ts'
export * from './schema-waivers.ts'

export const organisations = sqliteTable('organisations', {
  id: text('id').primaryKey(),
  name: text('name').notNull(),
  createdAt: text('created_at').notNull(),
  /** Who may read the transparency log. */
  logReaders: text('log_readers', { enum: logReaders }).notNull().default('members'),
  /** Whom a sign-in with GitHub makes a member. */
  signUp: text('sign_up', { enum: signUps }).notNull().default('invited'),
})

/** Under this key the organisation's devices digest attributed lines; see core/attribution/line-digests.ts. */
export const lineKeys = sqliteTable('line_keys', {
  organisation: text('organisation').primaryKey(),
  /** 32 random bytes, base64. */
  key: text('key').notNull(),
  createdAt: text('created_at').notNull(),
})

/** GitHub App installations: by these a webhook finds its organisation. */
export const installations = sqliteTable(
  'installations',
  {
    id: integer('id').primaryKey(),
    organisation: text('organisation').notNull(),
    account: text('account').notNull(),
  },
  (table) => [index('installations_organisation').on(table.organisation)],
)

export const people = sqliteTable(
  'people',
  {
    organisation: text('organisation').notNull(),
    id: text('id').notNull(),
    name: text('name').notNull(),
    login: text('login').notNull(),
    role: text('role', { enum: ['administrator', 'member'] }).notNull(),
    /** GitHub's id of the account behind the login, from the first sign-in on: a login can change hands, an id cannot. */
    githubId: integer('github_id'),
    createdAt: text('created_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.organisation, table.id] }),
    uniqueIndex('people_login').on(table.organisation, table.login),
  ],
)

const credentialKinds = ['token', 'device', 'enrolment', 'sign-in', 'browser', 'auditor'] as const
export type CredentialKind = (typeof credentialKinds)[number]

/** Everything that proves who asks. Only the hex SHA-256 of the secret is stored. */
export const credentials = sqliteTable(
  'credentials',
  {
    digest: text('digest').primaryKey(),
    organisation: text('organisation').notNull(),
    person: text('person').notNull(),
    kind: text('kind', { enum: credentialKinds }).notNull(),
    /** At most the person's own: what a device holds, or makes, never administers. */
    role: text('role', { enum: ['administrator', 'member'] }).notNull(),
    /** The key with which a device's token falls. */
    keyId: text('key_id'),
    createdAt: text('created_at').notNull(),
    expiresAt: text('expires_at'),
    usedAt: text('used_at'),
    revokedAt: text('revoked_at'),
  },
  (table) => [index('credentials_key').on(table.organisation, table.keyId)],
)

export const keys = sqliteTable(
  'keys',
  {
    organisation: text('organisation').notNull(),
    /** Hex SHA-256 of the SPKI. */
    id: text('id').notNull(),
    person: text('person').notNull(),
    name: text('name').notNull(),
    /** base64 of a device's 44 bytes, or the line of an SSH key; read by `readKeyText`. */
    spki: text('spki').notNull(),
    createdAt: text('created_at').notNull(),
    revokedAt: text('revoked_at'),
    /** Of a pipeline's key: from then on it is as if revoked. */
    expiresAt: text('expires_at'),
    /** When the key was last seen on its person's GitHub account; null: enrolled with a proof. */
    publishedAt: text('published_at'),
    /** Claims of the pipeline that made the key (core/api/identity.ts, Pipeline); null: a person's. */
    pipeline: text('pipeline', { mode: 'json' }).$type<Pipeline>(),
  },
  (table) => [primaryKey({ columns: [table.organisation, table.id] })],
)

const evidenceStates = ['queued', 'indexed', 'failed'] as const

/** The acknowledged evidence. The envelope lies in the bucket, the leaf in the log. */
export const evidence = sqliteTable(
  'evidence',
  {
    organisation: text('organisation').notNull(),
    /** Hex SHA-256 of the payload. */
    id: text('id').notNull(),
    /** null: about commits to which no session contributed. */
    sessionId: text('session_id'),
    person: text('person').notNull(),
    keyId: text('key_id').notNull(),
    transcript: text('transcript'),
    logIndex: integer('log_index').notNull(),
    receipt: text('receipt').notNull(),
    receivedAt: text('received_at').notNull(),
    state: text('state', { enum: evidenceStates }).notNull(),
    /** Why it failed, in plain words. */
    reason: text('reason'),
    /** When it was last put on the queue. */
    queuedAt: text('queued_at').notNull(),
    /** When the transcript was erased, and in whose name; null while it is there, or where none was sent. */
    erasedAt: text('erased_at'),
    erasedBy: text('erased_by', { enum: erasers }),
  },
  (table) => [
    primaryKey({ columns: [table.organisation, table.id] }),
    index('evidence_state').on(table.state, table.queuedAt),
    index('evidence_session').on(table.organisation, table.sessionId),
    // Who else names a transcript, and which are the oldest that are still there.
    index('evidence_transcript').on(table.organisation, table.transcript),
    index('evidence_kept')
      .on(table.organisation, table.receivedAt)
      .where(sql`transcript is not null and erased_at is null`),
  ],
)

/** One row for each session, derived from its newest evidence by log index. */
export const sessions = sqliteTable(
  'sessions',
  {
    organisation: text('organisation').notNull(),
    id: text('id').notNull(),
    evidenceId: text('evidence_id').notNull(),
    logIndex: integer('log_index').notNull(),
    person: text('person').notNull(),
    agent: text('agent').notNull(),
    agentVersion: text('agent_version'),
    repository: text('repository'),
    /** JSON list of texts. */
    branches: text('branches', { mode: 'json' }).$type<readonly string[]>().notNull(),
    startedAt: text('started_at'),
    endedAt: text('ended_at'),
    receivedAt: text('received_at').notNull(),
    /** By which sessions are listed: when it started, or when it came, where nobody recorded that. */
    beganAt: text('began_at').generatedAlwaysAs(sql`coalesce("started_at", "received_at")`, { mode: 'virtual' }),
    /** The UTC day under which the session counts. */
    day: text('day').notNull(),
    durationSeconds: integer('duration_seconds'),
    /** JSON of core/session/usage.ts; null = not recorded. */
    usage: text('usage', { mode: 'json' }),
    cost: text('cost', { mode: 'json' }).notNull(),
    /** Sums out of the two above, null = not recorded or unpriced. */
    tokens: integer('tokens'),
    costMicroUsd: integer('cost_micro_usd'),
    files: integer('files').notNull(),
    capture: text('capture').notNull(),
    transcript: text('transcript'),
  },
  (table) => [
    primaryKey({ columns: [table.organisation, table.id] }),
    index('sessions_received').on(table.organisation, table.receivedAt),
    index('sessions_began').on(table.organisation, table.beganAt, table.id),
    index('sessions_day').on(table.organisation, table.day),
  ],
)

export const sessionModels = sqliteTable(
  'session_models',
  {
    organisation: text('organisation').notNull(),
    sessionId: text('session_id').notNull(),
    model: text('model').notNull(),
    requests: integer('requests').notNull(),
    tokens: integer('tokens').notNull(),
    costMicroUsd: integer('cost_micro_usd'),
  },
  (table) => [
    primaryKey({ columns: [table.organisation, table.sessionId, table.model] }),
    index('session_models_model').on(table.organisation, table.model),
  ],
)

/** Commits to which a session contributed, over all evidence of the session: each push names only what it pushes. */
export const sessionCommits = sqliteTable(
  'session_commits',
  {
    organisation: text('organisation').notNull(),
    sessionId: text('session_id').notNull(),
    commit: text('commit').notNull(),
    /** By which the same change is found again after rebase and squash; null for merges. */
    patchId: text('patch_id'),
    /** The evidence whose attribution of the commit is the newest. */
    evidenceId: text('evidence_id').notNull(),
    logIndex: integer('log_index').notNull(),
    ai: integer('ai').notNull(),
    human: integer('human').notNull(),
    mixed: integer('mixed').notNull(),
    unknown: integer('unknown').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.organisation, table.sessionId, table.commit] }),
    index('session_commits_commit').on(table.organisation, table.commit),
    index('session_commits_patch').on(table.organisation, table.patchId),
  ],
)

/** Commits that a machine observed although no session contributed to them. */
export const observedCommits = sqliteTable(
  'observed_commits',
  {
    organisation: text('organisation').notNull(),
    commit: text('commit').notNull(),
    patchId: text('patch_id'),
    /** The newest evidence that observes the commit. */
    evidenceId: text('evidence_id').notNull(),
    logIndex: integer('log_index').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.organisation, table.commit] }),
    index('observed_commits_patch').on(table.organisation, table.patchId),
  ],
)

export const sessionFiles = sqliteTable(
  'session_files',
  {
    organisation: text('organisation').notNull(),
    sessionId: text('session_id').notNull(),
    path: text('path').notNull(),
    edits: integer('edits').notNull(),
    linesAdded: integer('lines_added').notNull(),
    linesRemoved: integer('lines_removed').notNull(),
  },
  (table) => [primaryKey({ columns: [table.organisation, table.sessionId, table.path] })],
)

/**
 * One row for each change in a repository: several sessions attribute the same commit, and a rebase repeats it under
 * another id, yet its lines count once. `change` is the patch id, or the commit where there is none.
 */
export const changes = sqliteTable(
  'changes',
  {
    organisation: text('organisation').notNull(),
    repository: text('repository').notNull(),
    change: text('change').notNull(),
    /** 1 where a session's evidence speaks: a machine that saw no session knows less, and never overrides it. */
    hasSession: integer('has_session').notNull(),
    logIndex: integer('log_index').notNull(),
    day: text('day').notNull(),
    person: text('person').notNull(),
    ai: integer('ai').notNull(),
    human: integer('human').notNull(),
    mixed: integer('mixed').notNull(),
    unknown: integer('unknown').notNull(),
  },
  (table) => [primaryKey({ columns: [table.organisation, table.repository, table.change] })],
)

export const verdicts = sqliteTable(
  'verdicts',
  {
    ...verdictColumns,
    /** JSON of core/policy/policy.ts Verdict. */
    verdict: text('verdict', { mode: 'json' }).notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.organisation, table.evidenceId, table.policy, table.version] }),
    // The newest of one policy and result, for the evidence behind a control.
    index('verdicts_policy').on(table.organisation, table.policy, table.result),
  ],
)

/** Rollups: what the overview reads, so that its cost does not grow with the number of sessions. '' = no repository. */
const rollup = {
  organisation: text('organisation').notNull(),
  day: text('day').notNull(),
  repository: text('repository').notNull(),
}

export const dailySessions = sqliteTable(
  'daily_sessions',
  {
    ...rollup,
    person: text('person').notNull(),
    agent: text('agent').notNull(),
    sessions: integer('sessions').notNull(),
    /** How many of them record tokens, and how many have a price: 0 means that the sum is not recorded. */
    metered: integer('metered').notNull(),
    priced: integer('priced').notNull(),
    tokens: integer('tokens').notNull(),
    costMicroUsd: integer('cost_micro_usd').notNull(),
  },
  (table) => [primaryKey({ columns: [table.organisation, table.day, table.repository, table.person, table.agent] })],
)

export const dailyModels = sqliteTable(
  'daily_models',
  {
    ...rollup,
    model: text('model').notNull(),
    sessions: integer('sessions').notNull(),
    priced: integer('priced').notNull(),
    tokens: integer('tokens').notNull(),
    costMicroUsd: integer('cost_micro_usd').notNull(),
  },
  (table) => [primaryKey({ columns: [table.organisation, table.day, table.repository, table.model] })],
)

export const dailyLines = sqliteTable(
  'daily_lines',
  {
    ...rollup,
    person: text('person').notNull(),
    changes: integer('changes').notNull(),
    ai: integer('ai').notNull(),
    human: integer('human').notNull(),
    mixed: integer('mixed').notNull(),
    unknown: integer('unknown').notNull(),
  },
  (table) => [primaryKey({ columns: [table.organisation, table.day, table.repository, table.person] })],
)

export const dailyVerdicts = sqliteTable(
  'daily_verdicts',
  {
    ...rollup,
    policy: text('policy').notNull(),
    result,
    verdicts: integer('verdicts').notNull(),
  },
  (table) => [primaryKey({ columns: [table.organisation, table.day, table.repository, table.policy, table.result] })],
)

export const contracts = sqliteTable(
  'contracts',
  {
    organisation: text('organisation').notNull(),
    version: integer('version').notNull(),
    /** JSON of core/policy/contract.ts. */
    contract: text('contract', { mode: 'json' }).notNull(),
    /** JSON list of core/policy/document.ts Document; null: the contract above holds everywhere. */
    documents: text('documents', { mode: 'json' }),
    /** JSON list of the texts that they were read from. */
    sources: text('sources', { mode: 'json' }),
    person: text('person').notNull(),
    createdAt: text('created_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.organisation, table.version] })],
)

export const deadLetters = sqliteTable(
  'dead_letters',
  {
    /** Id that the queue gave to the message. */
    id: text('id').primaryKey(),
    /** null where the message does not tell: then only the operator sees it. */
    organisation: text('organisation'),
    /** JSON of whatever the message was. */
    message: text('message', { mode: 'json' }),
    reason: text('reason').notNull(),
    attempts: integer('attempts').notNull(),
    failedAt: text('failed_at').notNull(),
    replayedAt: text('replayed_at'),
  },
  (table) => [index('dead_letters_organisation').on(table.organisation, table.failedAt)],
)
