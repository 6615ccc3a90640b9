/** Merges pull requests for real: at once, or through a merge queue. */
import type { Context } from './context.ts'
import { announceMergeGroup, announcePullRequest, type MergeGroup } from './events.ts'
import { commitsBetween, type GitCommit, readCommit } from './git/commits.ts'
import { mergedTree, rebased, writeCommit } from './git/merging.ts'
import { deleteRef, moveRef, setRef } from './git/refs.ts'
import { followPushes, markClosed } from './pushes.ts'
import { Refusal } from './refusal.ts'
import { unmetRules, unmetText } from './rulesets.ts'
import { accountOf, type PullRequestRecord, pullRequestsOf, type Repository, repositoryById } from './state.ts'

export type MergeMethod = 'merge' | 'squash' | 'rebase'

interface Subject {
  readonly repository: Repository
  readonly pull: PullRequestRecord
}

export interface MergeRequest {
  readonly method: MergeMethod
  readonly mergedBy: string
  readonly title?: string | undefined
  readonly message?: string | undefined
  /** Merge although rules are not met, as an administrator can. */
  readonly bypassRules?: boolean | undefined
  readonly deleteBranch?: boolean | undefined
}

const notMergeable = (): Refusal => new Refusal(405, 'Pull Request is not mergeable')

const baseRef = (pull: PullRequestRecord): string => `refs/heads/${pull.base.branch}`

function baseTip({ repository, pull }: Subject): string {
  return repository.refs[baseRef(pull)] ?? pull.base.sha
}

function person(context: Context, login: string): { name: string; email: string } {
  const account = accountOf(context.state, login)
  return {
    name: account.name ?? login,
    email: account.email ?? `${account.id}+${login}@users.noreply.github.com`,
  }
}

async function treeOf({ repository, pull }: Subject, tip: string): Promise<string> {
  const tree = await mergedTree(repository.path, tip, pull.head.sha)
  if (tree === null) throw notMergeable()
  return tree
}

async function mergeCommit(context: Context, subject: Subject, asked: Omit<MergeRequest, 'method'>): Promise<string> {
  const { repository, pull } = subject
  const tip = baseTip(subject)
  const headOwner = repositoryById(context.state, pull.head.repositoryId).owner
  const title = asked.title ?? `Merge pull request #${pull.number} from ${headOwner}/${pull.head.branch}`
  return writeCommit(repository.path, {
    tree: await treeOf(subject, tip),
    parents: [tip, pull.head.sha],
    message: `${title}\n\n${asked.message ?? pull.title}`,
    author: person(context, asked.mergedBy),
  })
}

/** One commit keeps its own message; several become a list, followed by their other authors. */
function squashMessage(pull: PullRequestRecord, commits: readonly GitCommit[], author: string): string {
  const [only, ...others] = commits
  if (only !== undefined && others.length === 0) {
    const [subject = '', ...rest] = only.message.split('\n')
    return `${subject} (#${pull.number})\n${rest.join('\n')}`.trimEnd()
  }
  const list = commits.map(({ message }) => `* ${message}`).join('\n\n')
  const people = new Set(commits.map((commit) => `${commit.author.name} <${commit.author.email}>`))
  people.delete(author)
  const trailers = [...people].map((name) => `Co-authored-by: ${name}`)
  const tail = trailers.length === 0 ? '' : `\n\n---------\n\n${trailers.join('\n')}`
  return `${pull.title} (#${pull.number})\n\n${list}${tail}`
}

async function squashCommit(context: Context, subject: Subject, asked: MergeRequest): Promise<string> {
  const { repository, pull } = subject
  const tip = baseTip(subject)
  const commits = await commitsBetween(repository.path, tip, pull.head.sha)
  const first = commits[0]?.author
  const author = first === undefined ? person(context, pull.author) : { name: first.name, email: first.email }
  const standard = squashMessage(pull, commits, `${author.name} <${author.email}>`)
  const [subjectLine = '', ...rest] = standard.split('\n')
  return writeCommit(repository.path, {
    tree: await treeOf(subject, tip),
    parents: [tip],
    message: `${asked.title ?? subjectLine}\n\n${asked.message ?? rest.join('\n').trim()}`.trimEnd(),
    author,
  })
}

/** The commits that go on top of the base branch, oldest first. */
async function produce(context: Context, subject: Subject, asked: MergeRequest): Promise<readonly string[]> {
  if (asked.method === 'merge') return [await mergeCommit(context, subject, asked)]
  if (asked.method === 'squash') return [await squashCommit(context, subject, asked)]
  const made = await rebased(subject.repository.path, baseTip(subject), subject.pull.head.sha)
  if (made === null || made.length === 0) throw notMergeable()
  return made
}

function requireMergeable(context: Context, { repository, pull }: Subject, bypassRules: boolean): void {
  if (pull.state === 'closed' || pull.isDraft) throw notMergeable()
  const [unmet] = unmetRules(context, repository, pull.head.sha)
  if (unmet !== undefined && !bypassRules) throw new Refusal(405, unmetText(unmet))
}

async function finish(
  context: Context,
  { repository, pull }: Subject,
  merged: { commits: readonly string[]; by: string },
): Promise<string> {
  const sha = merged.commits.at(-1) ?? pull.head.sha
  const from = repository.refs[baseRef(pull)] ?? pull.base.sha
  if (!(await moveRef(repository.path, { ref: baseRef(pull), to: sha, from })))
    throw new Refusal(409, 'Base branch was modified. Review and try the merge again.')
  pull.base.sha = from
  markClosed(context, pull)
  pull.mergedAt = pull.closedAt
  pull.mergedBy = merged.by
  pull.mergeCommitSha = sha
  pull.mergedCommits = merged.commits
  await announcePullRequest(context, { repository, pull }, { action: 'closed', sender: merged.by })
  await followPushes(context, repository, merged.by)
  context.changed()
  return sha
}

/** Merges and returns the new tip of the base branch. Throws a Refusal (405) while a rule is not met. */
export function mergePull(context: Context, subject: Subject, asked: MergeRequest): Promise<string> {
  return context.serially(async () => {
    requireMergeable(context, subject, asked.bypassRules ?? false)
    const commits = await produce(context, subject, asked)
    const sha = await finish(context, subject, { commits, by: asked.mergedBy })
    if (asked.deleteBranch === true) {
      const source = repositoryById(context.state, subject.pull.head.repositoryId)
      await deleteRef(source.path, `refs/heads/${subject.pull.head.branch}`)
      await followPushes(context, source, asked.mergedBy)
    }
    return sha
  })
}

/** Puts a pull request into the queue: a temporary branch on which the checks must pass again. */
export function queuePull(context: Context, subject: Subject, sender: string): Promise<MergeGroup> {
  return context.serially(async () => {
    const { repository, pull } = subject
    if (pull.state === 'closed' || pull.isDraft) throw notMergeable()
    const baseSha = baseTip(subject)
    const headRef = `refs/heads/gh-readonly-queue/${pull.base.branch}/pr-${pull.number}-${baseSha}`
    const headSha = await mergeCommit(context, subject, { mergedBy: sender })
    await setRef(repository.path, headRef, headSha)
    const group: MergeGroup = { headSha, headRef, baseSha, baseRef: baseRef(pull) }
    await followPushes(context, repository, sender)
    await announceMergeGroup(context, { repository, group }, sender)
    return group
  })
}

/** Takes a group out of the queue: merged when its checks pass on its own commit, otherwise refused (405). */
export function mergeGroup(
  context: Context,
  repository: Repository,
  asked: { group: MergeGroup; sender: string },
): Promise<void> {
  return context.serially(async () => {
    const { group, sender } = asked
    const number = Number(/\/pr-(\d+)-[0-9a-f]+$/.exec(group.headRef)?.[1])
    const pull = pullRequestsOf(context.state, repository).find((candidate) => candidate.number === number)
    if (pull === undefined) throw notMergeable()
    const [unmet] = unmetRules(context, repository, group.headSha)
    if (unmet !== undefined) throw new Refusal(405, unmetText(unmet))
    const { parents } = await readCommit(repository.path, group.headSha)
    if (parents[0] !== repository.refs[group.baseRef]) throw new Refusal(409, 'Base branch was modified.')
    await finish(context, { repository, pull }, { commits: [group.headSha], by: sender })
    await deleteRef(repository.path, group.headRef)
    await followPushes(context, repository, sender)
  })
}
