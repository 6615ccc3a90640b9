/** Comments on pull requests over REST. */
import { addComment, deleteComment, editComment } from '../comments.ts'
import type { Context } from '../context.ts'
import { pageOf } from '../paging.ts'
import { notFound } from '../refusal.ts'
import { type AskedOfRepository, ok, pullOf, type Router } from '../route.ts'
import { commentShape } from '../shapes/comment.ts'
import { type CommentRecord, commentsOf, findPullRequest, type PullRequestRecord, type Repository } from '../state.ts'

// Pull requests are issues, too: either permission opens their comments.
const reading = { permissions: ['pull_requests', 'issues'], level: 'read' } as const
const writing = { permissions: ['pull_requests', 'issues'], level: 'write' } as const

interface Subject {
  readonly repository: Repository
  readonly pull: PullRequestRecord
  readonly comment: CommentRecord
}

export function commentRoutes(router: Router, context: Context): void {
  const bot = `${context.app.slug}[bot]`
  const subject = ({ repository, param }: AskedOfRepository): Subject => {
    const id = Number(param('comment_id'))
    const comment = context.state.comments.find((one) => one.id === id && one.repositoryId === repository.id)
    const pull = comment === undefined ? undefined : findPullRequest(context.state, repository, comment.issueNumber)
    if (comment === undefined || pull === undefined) throw notFound()
    return { repository, pull, comment }
  }

  router.forRepository('issues/create-comment', writing, (asked) => {
    const { body } = asked.body as { body: string }
    const pull = pullOf(context, asked, 'issue_number')
    const { repository } = asked
    const comment = addComment(context, { repository, pull }, { author: bot, appId: context.app.id, body })
    return { status: 201, body: commentShape(context, repository, comment) }
  })

  router.forRepository('issues/list-comments', reading, (asked) => {
    const pull = pullOf(context, asked, 'issue_number')
    const since = asked.query('since')
    const all = commentsOf(context.state, asked.repository, pull.number).filter(
      ({ updatedAt }) => since === undefined || updatedAt >= since,
    )
    const { items, headers } = pageOf(all, asked)
    return ok(
      items.map((item) => commentShape(context, asked.repository, item)),
      headers,
    )
  })

  router.forRepository('issues/get-comment', reading, (asked) =>
    ok(commentShape(context, asked.repository, subject(asked).comment)),
  )

  router.forRepository('issues/update-comment', writing, (asked) => {
    const found = subject(asked)
    const { body } = asked.body as { body: string }
    editComment(context, found, { body, sender: bot })
    return ok(commentShape(context, asked.repository, found.comment))
  })

  router.forRepository('issues/delete-comment', writing, (asked) => {
    deleteComment(context, subject(asked), bot)
    return { status: 204 }
  })
}
