/** Commits and comparisons over REST. */
import type { Context } from '../context.ts'
import { commitsBetween, countBetween, history, readCommit } from '../git/commits.ts'
import { changedFiles, unifiedDiff } from '../git/differences.ts'
import { isAncestor, mergeBase, resolveCommit } from '../git/run.ts'
import { pageOf } from '../paging.ts'
import { notFound, Refusal } from '../refusal.ts'
import { type Answer, type AskedOfRepository, ok, type Router } from '../route.ts'
import { commitShape, fileShape } from '../shapes/commit.ts'
import { simplePullRequestShape } from '../shapes/pull-request.ts'
import { repositoryApi, repositoryPage } from '../shapes/repository.ts'
import { type PullRequestRecord, pullRequestsOf, type Repository } from '../state.ts'

const reading = { permissions: ['contents'], level: 'read' } as const
const associated = { permissions: ['pull_requests', 'contents'], level: 'read' } as const

/** Up to this many files of a comparison or commit page. */
const FILES_PER_PAGE = 300
const COMMITS_PER_COMPARISON = 250

const wantsDiff = ({ request }: AskedOfRepository): boolean =>
  /application\/vnd\.github(\.v3)?\.diff/.test(request.headers.get('accept') ?? '')

const diffAnswer = (content: string): Answer => ({
  status: 200,
  text: { type: 'application/vnd.github.v3.diff; charset=utf-8', content },
})

async function known(repository: Repository, ref: string): Promise<string> {
  const sha = await resolveCommit(repository.path, ref)
  if (sha === null) throw new Refusal(422, `No commit found for SHA: ${ref}`)
  return sha
}

/** Whether a pull request brought, or would bring, this commit. */
async function introduces(repository: Repository, pull: PullRequestRecord, sha: string): Promise<boolean> {
  if (pull.mergedCommits.includes(sha) || pull.mergeCommitSha === sha) return true
  const isInHead = await isAncestor(repository.path, sha, pull.head.sha)
  return isInHead && !(await isAncestor(repository.path, sha, pull.base.sha))
}

async function comparison(context: Context, asked: AskedOfRepository): Promise<Answer> {
  const { repository } = asked
  const [before, after] = asked.param('basehead').split('...')
  if (before === undefined || after === undefined) throw notFound()
  const side = async (text: string): Promise<string> => {
    const [first = '', second] = text.split(':')
    const owner = second === undefined ? repository.owner : first
    const isOwn = owner.toLowerCase() === repository.owner.toLowerCase()
    const fork = context.state.repositories.find((one) => one.owner === owner && one.forkOf === repository.id)
    const sha = await resolveCommit((isOwn ? repository : (fork ?? repository)).path, second ?? first)
    if (sha === null || (await resolveCommit(repository.path, sha)) === null) throw notFound()
    return sha
  }
  const [base, head] = [await side(before), await side(after)]
  const start = await mergeBase(repository.path, base, head)
  if (start === null) throw new Refusal(404, `No common ancestor between ${before} and ${after}.`)
  if (wantsDiff(asked)) return diffAnswer(await unifiedDiff(repository.path, start, head))
  const ahead = await countBetween(repository.path, base, head)
  const behind = await countBetween(repository.path, head, base)
  const commits = await commitsBetween(repository.path, base, head)
  const { items, headers } = pageOf(commits, asked, COMMITS_PER_COMPARISON)
  const isFirstPage = (asked.query('page') ?? '1') === '1'
  const files = isFirstPage ? (await changedFiles(repository.path, start, head)).slice(0, FILES_PER_PAGE) : []
  const url = `${repositoryApi(context, repository)}/compare/${encodeURIComponent(before)}...${encodeURIComponent(after)}`
  const page = `${repositoryPage(context, repository)}/compare/${base}...${head}`
  return ok(
    {
      url,
      html_url: page,
      permalink_url: page,
      diff_url: `${page}.diff`,
      patch_url: `${page}.patch`,
      base_commit: commitShape(context, repository, await readCommit(repository.path, base)),
      merge_base_commit: commitShape(context, repository, await readCommit(repository.path, start)),
      status: ahead > 0 && behind > 0 ? 'diverged' : ahead > 0 ? 'ahead' : behind > 0 ? 'behind' : 'identical',
      ahead_by: ahead,
      behind_by: behind,
      total_commits: ahead,
      commits: items.map((commit) => commitShape(context, repository, commit)),
      files: files.map((file) => fileShape(context, { repository, sha: head }, file)),
    },
    headers,
  )
}

export function commitRoutes(router: Router, context: Context): void {
  router.forRepository('repos/list-pull-requests-associated-with-commit', associated, async (asked) => {
    const { repository } = asked
    const sha = await known(repository, asked.param('commit_sha'))
    const tip = repository.refs[`refs/heads/${repository.defaultBranch}`]
    // "Lists the merged pull request that introduced the commit; if the commit is not present in the default branch,
    // will only return open pull requests associated with the commit."
    const isLanded = tip !== undefined && (await isAncestor(repository.path, sha, tip))
    const found: PullRequestRecord[] = []
    for (const pull of pullRequestsOf(context.state, repository)) {
      const isWanted = isLanded ? pull.mergedAt !== null : pull.state === 'open'
      if (isWanted && (await introduces(repository, pull, sha))) found.push(pull)
    }
    const { items, headers } = pageOf(found, asked)
    return ok(
      items.map((pull) => simplePullRequestShape(context, repository, pull)),
      headers,
    )
  })

  router.forRepository('repos/list-commits', reading, async (asked) => {
    const { repository, query } = asked
    const from = await resolveCommit(repository.path, query('sha') ?? repository.defaultBranch)
    if (from === null) throw notFound()
    const file = query('path')
    const all = await history(repository.path, from, file)
    const { items, headers } = pageOf(all, asked)
    return ok(
      items.map((commit) => commitShape(context, repository, commit)),
      headers,
    )
  })

  router.forRepository('repos/compare-commits-with-basehead', reading, (asked) => comparison(context, asked))

  router.forRepository('repos/get-commit', reading, async (asked) => {
    const { repository } = asked
    const commit = await readCommit(repository.path, await known(repository, asked.param('ref')))
    const parent = commit.parents[0] ?? null
    if (wantsDiff(asked)) return diffAnswer(await unifiedDiff(repository.path, parent, commit.sha))
    const files = await changedFiles(repository.path, parent, commit.sha)
    const additions = files.reduce((sum, file) => sum + file.additions, 0)
    const deletions = files.reduce((sum, file) => sum + file.deletions, 0)
    const { items, headers } = pageOf(files, asked, FILES_PER_PAGE)
    return ok(
      {
        ...commitShape(context, repository, commit),
        stats: { additions, deletions, total: additions + deletions },
        files: items.map((file) => fileShape(context, { repository, sha: commit.sha }, file)),
      },
      headers,
    )
  })
}
