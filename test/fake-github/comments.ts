/** Comments on pull requests. */
import type { Context } from './context.ts'
import { announceComment } from './events.ts'
import { type FieldError, validationFailed } from './refusal.ts'
import { nodeId } from './shapes/account.ts'
import { type CommentRecord, type PullRequestRecord, type Repository, takeId, timestamp } from './state.ts'

/** A MySQL text column: 65,536 characters, as GitHub's error message says. */
const MAX_BODY_CHARACTERS = 65_536

interface Subject {
  readonly repository: Repository
  readonly pull: PullRequestRecord
}

interface Words {
  readonly author: string
  /** The App that speaks; null for a person. */
  readonly appId: number | null
  readonly body: string
}

function requireBody(body: string): void {
  const problem = (code: FieldError['code'], message: string): FieldError => ({
    resource: 'IssueComment',
    field: 'body',
    code,
    message,
  })
  if (body.trim() === '') throw validationFailed(problem('unprocessable', "Body can't be blank"))
  if ([...body].length > MAX_BODY_CHARACTERS)
    throw validationFailed(problem('unprocessable', 'body is too long (maximum is 65536 characters)'))
}

export function addComment(context: Context, subject: Subject, words: Words): CommentRecord {
  requireBody(words.body)
  const id = takeId(context.state)
  const now = timestamp(context.now())
  const comment: CommentRecord = {
    id,
    nodeId: nodeId('IssueComment', id),
    repositoryId: subject.repository.id,
    issueNumber: subject.pull.number,
    author: words.author,
    appId: words.appId,
    body: words.body,
    createdAt: now,
    updatedAt: now,
    minimizedReason: null,
  }
  context.state.comments.push(comment)
  context.changed()
  announceComment(context, { ...subject, comment }, { action: 'created', sender: words.author })
  return comment
}

export function editComment(
  context: Context,
  subject: Subject & { readonly comment: CommentRecord },
  { body, sender }: { body: string; sender: string },
): void {
  requireBody(body)
  const { comment } = subject
  const before = comment.body
  comment.body = body
  comment.updatedAt = timestamp(context.now())
  context.changed()
  announceComment(context, subject, { action: 'edited', sender, before })
}

export function deleteComment(
  context: Context,
  subject: Subject & { readonly comment: CommentRecord },
  sender: string,
): void {
  context.state.comments = context.state.comments.filter(({ id }) => id !== subject.comment.id)
  context.changed()
  announceComment(context, subject, { action: 'deleted', sender })
}
