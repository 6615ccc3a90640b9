/** What is read of GitHub's answers and written into its requests, and the words of the port for it. */
import { z } from 'zod'
import type { SignatureState } from '#core/policy/pull-request.ts'
import type { CheckRun, ForgeCommit, ForgeReview } from '#core/ports.ts'

/** Annotations that one request may carry; an update adds to those that are there. */
const MAX_ANNOTATIONS = 50

const person = z.object({ login: z.string() }).nullable()

export const PullRequestJson = z.object({
  number: z.int(),
  title: z.string(),
  state: z.enum(['open', 'closed']),
  merged_at: z.string().nullable(),
  updated_at: z.string(),
  user: person,
  head: z.object({ sha: z.string(), ref: z.string() }),
  base: z.object({ sha: z.string(), repo: z.object({ id: z.int().positive() }).optional() }),
  merge_commit_sha: z.string().nullish(),
})

export const CommitJson = z.object({
  sha: z.string(),
  parents: z.array(z.object({ sha: z.string() })),
  commit: z.object({
    message: z.string(),
    author: z.object({ date: z.string().optional() }).nullish(),
    verification: z.object({ verified: z.boolean(), reason: z.string() }).nullish(),
  }),
  author: z.object({ login: z.string().optional() }).nullable(),
})

export const ReviewJson = z.object({
  user: z.object({ login: z.string(), type: z.string().optional() }).nullable(),
  state: z.string(),
  commit_id: z.string().nullish(),
})

export const FileJson = z.object({
  filename: z.string(),
  status: z.string(),
  additions: z.int(),
  deletions: z.int(),
  patch: z.string().optional(),
})

export const CommentJson = z.object({
  id: z.int(),
  node_id: z.string().optional(),
  body: z.string().nullish(),
  performed_via_github_app: z.object({ id: z.int() }).nullish(),
})

export const CheckRunsJson = z.object({
  check_runs: z.array(
    z.object({
      id: z.int(),
      external_id: z.string().nullable(),
      output: z.object({ annotations_count: z.int().nonnegative() }),
    }),
  ),
})

export const CheckRunJson = z.object({ output: z.object({ annotations_count: z.int().nonnegative() }) })

export const Created = z.object({ id: z.int() })

/** Reasons for which GitHub could not look; every other one says something about the signature. */
const unlooked = ['gpgverify_error', 'gpgverify_unavailable']

/** https://docs.github.com/en/rest/commits/commits: `verification` with its `reason`. */
function signatureOf(verification: z.infer<typeof CommitJson>['commit']['verification']): SignatureState {
  if (verification === null || verification === undefined) return 'unknown'
  if (verification.verified) return 'verified'
  if (verification.reason === 'unsigned') return 'unsigned'
  return unlooked.includes(verification.reason) ? 'unknown' : 'invalid'
}

const reviewStates: Readonly<Record<string, ForgeReview['state']>> = {
  APPROVED: 'approved',
  CHANGES_REQUESTED: 'changes-requested',
  COMMENTED: 'commented',
  DISMISSED: 'dismissed',
}

/** A pending review is its writer's draft, and nothing that was said. */
export function reviewOf({ user, state, commit_id: commit }: z.infer<typeof ReviewJson>): readonly ForgeReview[] {
  const known = Object.hasOwn(reviewStates, state) ? reviewStates[state] : undefined
  if (known === undefined) return []
  const isBot = user?.type === 'Bot' || (user?.login.endsWith('[bot]') ?? false)
  return [{ by: user?.login ?? null, isBot, state: known, commit: commit ?? null }]
}

export function commitOf({ sha, parents, commit, author }: z.infer<typeof CommitJson>): ForgeCommit {
  return {
    sha,
    parents: parents.map((parent) => parent.sha),
    message: commit.message,
    authorLogin: author?.login ?? null,
    signature: signatureOf(commit.verification),
    ...(commit.author?.date === undefined ? {} : { authoredAt: new Date(commit.author.date).toISOString() }),
  }
}

export function batches<T>(items: readonly T[]): readonly (readonly T[])[] {
  const count = Math.ceil(items.length / MAX_ANNOTATIONS)
  return Array.from({ length: count }, (_, index) =>
    items.slice(index * MAX_ANNOTATIONS, (index + 1) * MAX_ANNOTATIONS),
  )
}

export function checkRunBody(run: CheckRun, annotations: CheckRun['annotations']) {
  return {
    name: run.name,
    status: run.status,
    ...(run.conclusion === null ? {} : { conclusion: run.conclusion }),
    details_url: run.detailsUrl,
    ...(run.externalId === undefined ? {} : { external_id: run.externalId }),
    ...(run.actions === undefined || run.actions.length === 0 ? {} : { actions: run.actions }),
    output: {
      title: run.title,
      summary: run.summary,
      ...(run.text === null ? {} : { text: run.text }),
      ...(annotations.length === 0
        ? {}
        : {
            annotations: annotations.map(({ path, startLine, endLine, level, title, message }) => ({
              path,
              start_line: startLine,
              end_line: endLine,
              annotation_level: level,
              title,
              message,
            })),
          }),
    },
  }
}
