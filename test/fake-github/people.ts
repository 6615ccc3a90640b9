/** What people do at a forge, as functions for tests, `npm start` and `npm run demo`. */
import { createCheckRun, requestCheckRun, requestCheckSuite } from './check-runs.ts'
import { addComment, deleteComment, editComment } from './comments.ts'
import type { Context } from './context.ts'
import { announceRename, type MergeGroup, type RefUpdate } from './events.ts'
import { type MergeMethod, mergeGroup, mergePull, queuePull } from './merge.ts'
import { changePullRequest, openPullRequest, type PullRequestChanges } from './pull-requests.ts'
import { noticePushes } from './pushes.ts'
import { addReview, type ReviewRecord, type ReviewState } from './reviews.ts'
import {
  type CheckRunRecord,
  type CommentRecord,
  type Conclusion,
  findPullRequest,
  findRepository,
  type PullRequestRecord,
  type Repository,
  type RequiredCheck,
} from './state.ts'

interface RepositoryName {
  readonly owner: string
  readonly name: string
}

interface PullRequestName extends RepositoryName {
  readonly number: number
}

/** Who does it; the repository's owner when left out. */
interface Done {
  readonly sender?: string
}

interface OpenPullRequest extends RepositoryName {
  readonly title: string
  readonly body?: string
  /** Branch of the head; it must have been pushed. */
  readonly head: string
  /** The repository of the head, when it is a fork. */
  readonly headRepository?: RepositoryName
  /** The default branch when left out. */
  readonly base?: string
  readonly draft?: boolean
  readonly author?: string
}

interface MergePullRequest extends PullRequestName {
  readonly method?: MergeMethod
  readonly title?: string
  readonly message?: string
  readonly mergedBy?: string
  readonly bypassRules?: boolean
  readonly deleteBranch?: boolean
}

interface ReportCheck extends RepositoryName {
  readonly sha: string
  /** Name of the check run. */
  readonly check: string
  /** The App that reports; Stemma's own App reports over REST. */
  readonly appId: number
  /** Null: still in progress. */
  readonly conclusion: Conclusion | null
  readonly summary?: string
}

/** Functions throw a Refusal, with GitHub's status and words, where GitHub would refuse. */
export interface People {
  readonly createPullRequest: (asked: OpenPullRequest) => Promise<PullRequestRecord>
  /** Edits title, body or base; closes and reopens; turns drafts to ready and back. */
  readonly updatePullRequest: (asked: PullRequestName & PullRequestChanges & Done) => Promise<PullRequestRecord>
  /** Resolves with the new tip of the base branch. */
  readonly mergePullRequest: (asked: MergePullRequest) => Promise<string>
  /** Puts a pull request into the merge queue and asks for checks on the queue's own commit. */
  readonly queuePullRequest: (asked: PullRequestName & Done) => Promise<MergeGroup>
  /** Merges a queued group, once the required checks pass on its commit. */
  readonly mergeQueued: (asked: RepositoryName & Done & { readonly group: MergeGroup }) => Promise<void>
  /** Of the newest commit. */
  readonly review: (asked: PullRequestName & { readonly state: ReviewState; readonly author: string }) => ReviewRecord
  readonly renameRepository: (asked: RepositoryName & { readonly to: string }) => void
  readonly comment: (asked: PullRequestName & { readonly body: string; readonly author: string }) => CommentRecord
  readonly editComment: (id: number, body: string, sender?: string) => void
  readonly deleteComment: (id: number, sender?: string) => void
  /** A check run of some other App. */
  readonly reportCheck: (asked: ReportCheck) => CheckRunRecord
  /** "Re-run". */
  readonly rerequestCheckRun: (id: number, sender?: string) => void
  /** A click on one of the run's own buttons. */
  readonly requestAction: (id: number, identifier: string, sender?: string) => void
  /** "Re-run all checks". */
  readonly rerequestCheckSuite: (checkRunId: number, sender?: string) => Promise<void>
  readonly requireChecks: (asked: RepositoryName, checks: readonly RequiredCheck[]) => void
  /** Needed after a push to the folder itself; pushes over HTTP are noticed without it. */
  readonly noticePushes: (asked: RepositoryName & { readonly pusher?: string }) => Promise<readonly RefUpdate[]>
  /** Fresh: it changes as the pull request does. */
  readonly pullRequest: (asked: PullRequestName) => PullRequestRecord
  readonly repository: (asked: RepositoryName) => Repository
}

export function people(context: Context): People {
  const { state } = context
  const repository = ({ owner, name }: RepositoryName): Repository => {
    const found = findRepository(state, owner, name)
    if (found === undefined) throw new Error(`The fake has no repository ${owner}/${name}.`)
    return found
  }
  const pullRequest = (asked: PullRequestName): PullRequestRecord => {
    const found = findPullRequest(state, repository(asked), asked.number)
    if (found === undefined)
      throw new Error(`The fake has no pull request ${asked.owner}/${asked.name}#${asked.number}.`)
    return found
  }
  const subject = (asked: PullRequestName) => ({ repository: repository(asked), pull: pullRequest(asked) })
  const commented = (id: number) => {
    const comment = state.comments.find((one) => one.id === id)
    const home = state.repositories.find((one) => one.id === comment?.repositoryId)
    const pull = home === undefined ? undefined : findPullRequest(state, home, comment?.issueNumber ?? 0)
    if (comment === undefined || home === undefined || pull === undefined)
      throw new Error(`The fake has no comment ${id}.`)
    return { repository: home, pull, comment }
  }
  const checked = (id: number) => {
    const run = state.checkRuns.find((one) => one.id === id)
    const home = state.repositories.find((one) => one.id === run?.repositoryId)
    if (run === undefined || home === undefined) throw new Error(`The fake has no check run ${id}.`)
    return { repository: home, run }
  }

  return {
    repository,
    pullRequest,
    createPullRequest: (asked) => {
      const target = repository(asked)
      return context.serially(() =>
        openPullRequest(context, target, {
          author: asked.author ?? asked.owner,
          title: asked.title,
          body: asked.body ?? null,
          isDraft: asked.draft ?? false,
          head: { repository: repository(asked.headRepository ?? asked), branch: asked.head },
          base: asked.base ?? target.defaultBranch,
        }),
      )
    },
    updatePullRequest: async (asked) => {
      const { owner, name, number, sender = owner, ...changes } = asked
      const target = subject({ owner, name, number })
      await context.serially(() => changePullRequest(context, target, { asked: changes, sender }))
      return target.pull
    },
    mergePullRequest: (asked) =>
      mergePull(context, subject(asked), {
        method: asked.method ?? 'merge',
        mergedBy: asked.mergedBy ?? asked.owner,
        title: asked.title,
        message: asked.message,
        bypassRules: asked.bypassRules,
        deleteBranch: asked.deleteBranch,
      }),
    queuePullRequest: (asked) => queuePull(context, subject(asked), asked.sender ?? asked.owner),
    mergeQueued: (asked) =>
      mergeGroup(context, repository(asked), { group: asked.group, sender: asked.sender ?? asked.owner }),
    review: (asked) => addReview(context, subject(asked), { author: asked.author, state: asked.state }),
    renameRepository: (asked) => {
      const home = repository(asked)
      home.formerNames = [...(home.formerNames ?? []), home.name]
      home.name = asked.to
      context.changed()
      announceRename(context, home, asked.name)
    },
    comment: (asked) => addComment(context, subject(asked), { author: asked.author, appId: null, body: asked.body }),
    editComment: (id, body, sender) => {
      const found = commented(id)
      editComment(context, found, { body, sender: sender ?? found.comment.author })
    },
    deleteComment: (id, sender) => {
      const found = commented(id)
      deleteComment(context, found, sender ?? found.comment.author)
    },
    reportCheck: (asked) =>
      createCheckRun(context, repository(asked), {
        sha: asked.sha,
        appId: asked.appId,
        body: {
          name: asked.check,
          ...(asked.conclusion === null ? { status: 'in_progress' } : { conclusion: asked.conclusion }),
          ...(asked.summary === undefined ? {} : { output: { title: asked.check, summary: asked.summary } }),
        },
      }),
    rerequestCheckRun: (id, sender) => {
      const found = checked(id)
      requestCheckRun(context, found, { action: null, sender: sender ?? found.repository.owner })
    },
    requestAction: (id, identifier, sender) => {
      const found = checked(id)
      requestCheckRun(context, found, { action: identifier, sender: sender ?? found.repository.owner })
    },
    rerequestCheckSuite: (id, sender) => {
      const found = checked(id)
      return requestCheckSuite(context, found, sender ?? found.repository.owner)
    },
    requireChecks: (asked, checks) => {
      repository(asked).requiredChecks = [...checks]
      context.changed()
    },
    noticePushes: (asked) => noticePushes(context, repository(asked), asked.pusher ?? null),
  }
}
