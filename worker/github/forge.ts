/** GitHub as the port `Forge` (core/ports.ts). Reads retry once with a new token; writes are retried by the outbox only. */
import { z } from 'zod'
import type { Bytes } from '#core/evidence/bytes.ts'
import { Fault } from '#core/fault.ts'
import { statusOf } from '#core/forge-refusal.ts'
import type { CheckRun, Forge, ForgeCommit, ForgeFile, ForgePullRequest, ForgeReview } from '#core/ports.ts'
import { type Access, forgetToken, installationAuthorization } from './app.ts'
import { findByName, findRepository } from './repository.ts'
import { askGitHub, askGitHubForBytes, type GitHubAnswer, type GitHubRequest, readAnswer } from './request.ts'
import type { GitHubSettings } from './settings.ts'
import {
  batches,
  CheckRunJson,
  CheckRunsJson,
  CommentJson,
  CommitJson,
  Created,
  checkRunBody,
  commitOf,
  FileJson,
  PullRequestJson,
  ReviewJson,
  reviewOf,
} from './shapes.ts'

const PAGE_SIZE = 100
/** GitHub lists at most this many commits of a pull request; the comparison of its ends lists all. */
const MAX_LISTED_COMMITS = 250
/** GitHub lists at most this many files of a pull request, and does not say that there are more. */
const MAX_LISTED_FILES = 3_000

/** GitHub refuses diffs beyond 20,000 lines or 1 MB with these. */
const TOO_LARGE: ReadonlySet<number> = new Set([406, 422])

export function openForge(settings: GitHubSettings, installation: number): Forge {
  async function authorized<T>(repository: string, access: Access, send: (authorization: string) => Promise<T>) {
    const scope = { installation, repository, access }
    const authorize = async () => {
      try {
        return await installationAuthorization(settings, scope)
      } catch (error) {
        // For a name that the installation does not have there is no token; of a former one GitHub says whose it was.
        if (statusOf(error) === 422) await findByName(settings, installation, repository)
        throw error
      }
    }
    try {
      return await send(await authorize())
    } catch (error) {
      // 401 says that nothing was done, so that asking again is safe even for a write.
      if (statusOf(error) !== 401) throw error
      forgetToken(settings, scope)
      return send(await authorize())
    }
  }

  const ask = (repository: string, access: Access, request: Omit<GitHubRequest, 'authorization'>) =>
    authorized(repository, access, (authorization) => askGitHub(settings, { ...request, authorization }))

  const read = (repository: string, path: string) => ask(repository, 'read', { method: 'GET', path })

  async function readPages<T>(repository: string, path: string, itemsOf: (answer: GitHubAnswer) => readonly T[]) {
    const items: T[] = []
    let next: string | null = `${path}${path.includes('?') ? '&' : '?'}per_page=${PAGE_SIZE}`
    while (next !== null) {
      const answer: GitHubAnswer = await read(repository, next)
      items.push(...itemsOf(answer))
      next = answer.next
    }
    return items
  }

  async function pullRequest(repository: string, number: number): Promise<ForgePullRequest> {
    const pull = readAnswer(PullRequestJson, await read(repository, `${at(repository)}/pulls/${number}`))
    return {
      number: pull.number,
      ...(pull.base.repo === undefined ? {} : { repositoryId: pull.base.repo.id }),
      title: pull.title,
      state: pull.merged_at === null ? pull.state : 'merged',
      head: pull.head.sha,
      base: pull.base.sha,
      headRef: pull.head.ref,
      authorLogin: pull.user?.login ?? null,
      updatedAt: new Date(pull.updated_at).toISOString(),
      // Of an open one GitHub names a trial merge here.
      mergeCommit: pull.merged_at === null ? null : (pull.merge_commit_sha ?? null),
    }
  }

  async function openPullRequests(repository: string): Promise<readonly number[]> {
    const answer = await read(repository, `${at(repository)}/pulls?state=open&per_page=${PAGE_SIZE}`)
    return readAnswer(z.array(z.object({ number: z.int() })), answer).map(({ number }) => number)
  }

  async function commits(repository: string, number: number): Promise<readonly ForgeCommit[]> {
    const root = at(repository)
    const listed = await readPages(repository, `${root}/pulls/${number}/commits`, (answer) =>
      readAnswer(z.array(CommitJson), answer),
    )
    if (listed.length < MAX_LISTED_COMMITS) return listed.map(commitOf)
    const { base, head } = await pullRequest(repository, number)
    const all = await readPages(
      repository,
      `${root}/compare/${base}...${head}`,
      (answer) => readAnswer(z.object({ commits: z.array(CommitJson) }), answer).commits,
    )
    return all.map(commitOf)
  }

  async function files(repository: string, number: number): Promise<readonly ForgeFile[]> {
    const found = await readPages(repository, `${at(repository)}/pulls/${number}/files`, (answer) =>
      readAnswer(z.array(FileJson), answer),
    )
    if (found.length >= MAX_LISTED_FILES) {
      throw new Fault('not-found', {
        message: `GitHub lists no more than ${MAX_LISTED_FILES} files of ${repository}#${number}.`,
        hint: 'Split the pull request: of what is not listed nothing can be said.',
      })
    }
    return found.map(({ filename, status, additions, deletions, patch }) => ({
      path: filename,
      status,
      additions,
      deletions,
      patch: patch ?? null,
    }))
  }

  async function reviews(repository: string, number: number): Promise<readonly ForgeReview[]> {
    const given = await readPages(repository, `${at(repository)}/pulls/${number}/reviews`, (answer) =>
      readAnswer(z.array(ReviewJson), answer),
    )
    return given.flatMap(reviewOf)
  }

  async function addedLines(repository: string, commit: string): Promise<number> {
    const answer = await read(repository, `${at(repository)}/commits/${encodeURIComponent(commit)}?per_page=1`)
    return readAnswer(z.object({ stats: z.object({ additions: z.int() }) }), answer).stats.additions
  }

  async function commit(repository: string, sha: string): Promise<ForgeCommit> {
    const path = `${at(repository)}/commits/${encodeURIComponent(sha)}?per_page=1`
    return commitOf(readAnswer(CommitJson, await read(repository, path)))
  }

  async function diff(repository: string, sha: string): Promise<Bytes | null> {
    const path = `${at(repository)}/commits/${encodeURIComponent(sha)}`
    try {
      return await authorized(repository, 'read', (authorization) =>
        askGitHubForBytes(settings, { method: 'GET', path, authorization, accept: 'application/vnd.github.diff' }),
      )
    } catch (error) {
      if (TOO_LARGE.has(statusOf(error) ?? 0)) return null
      throw error
    }
  }

  async function findCheckRun(repository: string, head: string, externalId: string) {
    const query = `filter=all&app_id=${encodeURIComponent(settings.appId)}&per_page=${PAGE_SIZE}`
    const path = `${at(repository)}/commits/${encodeURIComponent(head)}/check-runs?${query}`
    // With the permission to write checks comes that to read them; the reading token has neither.
    const answer = await ask(repository, 'write', { method: 'GET', path })
    const { check_runs: runs } = readAnswer(CheckRunsJson, answer)
    const run = runs.find(({ external_id: mark }) => mark === externalId)
    return run === undefined ? null : { id: run.id, annotations: run.output.annotations_count }
  }

  async function annotationCount(repository: string, id: number): Promise<number> {
    const answer = await ask(repository, 'write', { method: 'GET', path: `${at(repository)}/check-runs/${id}` })
    return readAnswer(CheckRunJson, answer).output.annotations_count
  }

  async function writeCheckRun(repository: string, id: number | null, run: CheckRun): Promise<number> {
    const root = `${at(repository)}/check-runs`
    const [first = [], ...more] = batches(run.annotations)
    const body = checkRunBody(run, first)
    const answer =
      id === null
        ? await ask(repository, 'write', { method: 'POST', path: root, body: { ...body, head_sha: run.head } })
        : await ask(repository, 'write', { method: 'PATCH', path: `${root}/${id}`, body })
    const written = readAnswer(Created, answer).id
    for (const annotations of more) {
      const path = `${root}/${written}`
      await ask(repository, 'write', { method: 'PATCH', path, body: checkRunBody(run, annotations) })
    }
    return written
  }

  /** Our comment as it is, null where it was deleted or there is none. */
  async function ownComment(repository: string, number: number, known: { id: number | null; marker: string }) {
    const root = `${at(repository)}/issues`
    if (known.id !== null) {
      try {
        return readAnswer(CommentJson, await read(repository, `${root}/comments/${known.id}`))
      } catch (error) {
        if (statusOf(error) !== 404) throw error
      }
    }
    const all = await readPages(repository, `${root}/${number}/comments`, (answer) =>
      readAnswer(z.array(CommentJson), answer),
    )
    const [first = null, ...others] = all.filter((comment) => isOurs(comment) && comment.body?.includes(known.marker))
    // After an answer that was lost there may be two; one is kept true, and the others are folded.
    for (const { node_id: node } of others) if (node !== undefined) await fold(repository, node)
    return first
  }

  /** Tidiness only: that it fails keeps nothing else from being written. GitHub offers this in GraphQL alone. */
  async function fold(repository: string, subjectId: string): Promise<void> {
    const query =
      'mutation ($input: MinimizeCommentInput!) { minimizeComment(input: $input) { minimizedComment { isMinimized } } }'
    const body = { query, variables: { input: { subjectId, classifier: 'OUTDATED' } } }
    // An Enterprise Server has its REST API below /api/v3 and GraphQL beside it.
    const path = `${settings.apiUrl.replace(/\/v3$/, '')}/graphql`
    try {
      await ask(repository, 'write', { method: 'POST', path, body })
    } catch (error) {
      console.warn(JSON.stringify({ comment: subjectId, error: String(error) }))
    }
  }

  /** Anybody can paste the marker; only GitHub says which App wrote a comment. */
  function isOurs({ performed_via_github_app: app }: z.infer<typeof CommentJson>): boolean {
    return app?.id === Number(settings.appId)
  }

  async function writeComment(repository: string, number: number, id: number | null, marker: string, body: string) {
    const present = await ownComment(repository, number, { id, marker })
    const root = `${at(repository)}/issues`
    if (present === null) {
      const path = `${root}/${number}/comments`
      return readAnswer(Created, await ask(repository, 'write', { method: 'POST', path, body: { body } })).id
    }
    if (present.body !== body) {
      await ask(repository, 'write', { method: 'PATCH', path: `${root}/comments/${present.id}`, body: { body } })
    }
    return present.id
  }

  return {
    repository: (place) => findRepository(settings, installation, place),
    pullRequest,
    openPullRequests,
    commits,
    files,
    reviews,
    addedLines,
    commit,
    diff,
    findCheckRun,
    annotationCount,
    writeCheckRun,
    writeComment,
  }
}

/** Throws not-found for what cannot be a repository, before it becomes part of an address. */
function at(repository: string): string {
  const [, owner, name] = /^([A-Za-z0-9_.-]+)\/([A-Za-z0-9_.-]+)$/.exec(repository) ?? []
  if (owner === undefined || name === undefined || /^\.+$/.test(owner) || /^\.+$/.test(name)) {
    throw new Fault('not-found', {
      message: 'This is not a repository of GitHub.',
      hint: 'Name it as owner/name, for example octo-org/widgets.',
    })
  }
  return `/repos/${owner}/${name}`
}
