/** GitLab as the port `Forge` (core/ports.ts): merge requests, their one note, and a commit status for the check. */
import { z } from 'zod'
import { utf8 } from '#core/evidence/bytes.ts'
import { Fault } from '#core/fault.ts'
import { movedTo, statusOf } from '#core/forge-refusal.ts'
import type { CheckRun, Forge, ForgeRepository, ForgeReview } from '#core/ports.ts'
import { askGitLab, type GitLabRequest, readGitLab, readGitLabPages } from './request.ts'
import type { GitLabSettings } from './settings.ts'
import {
  ApprovalsJson,
  CommitJson,
  commitOf,
  DiffJson,
  diffText,
  fileOf,
  isLeftOut,
  MergeRequestJson,
  NoteJson,
  pullRequestOf,
  ReviewersJson,
} from './shapes.ts'

/** The column of GitLab's table; longer descriptions are refused. */
const MAX_DESCRIPTION = 255

const Created = z.object({ id: z.int() })
const ProjectJson = z.object({ id: z.int().positive(), path_with_namespace: z.string() })
const BranchJson = z.object({ sha: z.string(), source_branch: z.string() })

export function openGitLab(settings: GitLabSettings): Forge {
  const ask = (request: GitLabRequest) => askGitLab(settings, request)
  const read = (path: string) => ask({ method: 'GET', path })
  const pages = <T>(path: string, schema: z.ZodType<T>) => readGitLabPages(settings, path, schema)

  const mergeRequest = async (repository: string, number: number) => {
    const path = `${at(repository)}/merge_requests/${number}`
    const request = readGitLab(MergeRequestJson, await read(path))
    if (request.diff_refs !== null) return { path, request, refs: request.diff_refs }
    throw new Fault('forge-unavailable', {
      message: `GitLab has not compared the branches of ${repository}!${number} yet.`,
      hint: 'Nothing to do: it is tried again by itself.',
      cause: { status: 200, waitMs: 2_000 },
    })
  }

  async function repository(place: number | string): Promise<ForgeRepository> {
    try {
      const address = typeof place === 'number' ? `/projects/${place}` : at(place)
      const { id, path_with_namespace: name } = readGitLab(ProjectJson, await read(address))
      return { id, name }
    } catch (error) {
      const id = typeof place === 'number' ? null : movedTo(error)
      if (id === null) throw error
      return repository(id)
    }
  }

  async function commits(repository: string, number: number) {
    const { request, refs } = await mergeRequest(repository, number)
    // The list of the merge request itself leaves parents out.
    const range = encodeURIComponent(`${refs.start_sha}..${request.sha}`)
    const found = await pages(`${at(repository)}/repository/commits?ref_name=${range}&order=topo`, CommitJson)
    return found.map(commitOf).reverse()
  }

  async function reviews(repository: string, number: number): Promise<readonly ForgeReview[]> {
    const path = `${at(repository)}/merge_requests/${number}`
    const { approved_by: approvals } = readGitLab(ApprovalsJson, await read(`${path}/approvals`))
    const asked = await pages(`${path}/reviewers`, ReviewersJson)
    const review = (by: string, state: ForgeReview['state']): ForgeReview => ({
      by,
      // Accounts of project and group access tokens are named so by GitLab, and nobody can choose such a name.
      isBot: /^(project|group)_\d+_bot/.test(by),
      state,
      commit: null,
    })
    return [
      ...asked.flatMap(({ user, state }) => {
        if (state === 'requested_changes') return [review(user.username, 'changes-requested')]
        return state === 'reviewed' ? [review(user.username, 'commented')] : []
      }),
      ...approvals.map(({ user }) => review(user.username, 'approved')),
    ]
  }

  async function readCommit(repository: string, sha: string) {
    return read(`${at(repository)}/repository/commits/${encodeURIComponent(sha)}`)
  }

  /** Of the merge request that brings the commit; null where none does. */
  async function branchOf(repository: string, sha: string): Promise<string | null> {
    const path = `${at(repository)}/repository/commits/${encodeURIComponent(sha)}/merge_requests?per_page=100`
    const found = readGitLab(z.array(BranchJson), await read(path))
    return (found.find((request) => request.sha === sha) ?? found[0])?.source_branch ?? null
  }

  /** Who the token is: notes of nobody else are ever edited. */
  let account: Promise<number> | null = null
  function ownId(): Promise<number> {
    account ??= read('/user').then((json) => readGitLab(Created, json).id)
    account.catch(() => {
      account = null
    })
    return account
  }

  async function ownNote(path: string, { id, marker }: { readonly id: number | null; readonly marker: string }) {
    const own = await ownId()
    if (id !== null) {
      try {
        return readGitLab(NoteJson, await read(`${path}/${id}`))
      } catch (error) {
        if (statusOf(error) !== 404) throw error
      }
    }
    const notes = await pages(`${path}?order_by=created_at&sort=asc`, NoteJson)
    return notes.find(({ author, system, body }) => author?.id === own && !system && body.includes(marker)) ?? null
  }

  return {
    repository,
    pullRequest: async (repository, number) => {
      const { request, refs } = await mergeRequest(repository, number)
      return pullRequestOf(request, refs.base_sha)
    },
    openPullRequests: async (repository) => {
      const path = `${at(repository)}/merge_requests?state=opened&order_by=created_at&sort=desc&per_page=100`
      return readGitLab(z.array(z.object({ iid: z.int() })), await read(path)).map(({ iid }) => iid)
    },
    commits,
    files: async (repository, number) => {
      const diffs = await pages(`${at(repository)}/merge_requests/${number}/diffs`, DiffJson)
      const left = diffs.filter(isLeftOut).length
      if (left === 0) return diffs.map(fileOf)
      // Their lines are not known, and no number stands for that.
      throw new Fault('not-found', {
        message: `GitLab leaves out the diffs of ${left} of ${diffs.length} files of ${repository}!${number}.`,
        hint: 'Split the merge request, or raise "Diff limits" of the GitLab instance: Admin, Settings, General.',
      })
    },
    reviews,
    addedLines: async (repository, sha) => {
      const stats = z.object({ stats: z.object({ additions: z.int() }) })
      return readGitLab(stats, await readCommit(repository, sha)).stats.additions
    },
    commit: async (repository, sha) => commitOf(readGitLab(CommitJson, await readCommit(repository, sha))),
    diff: async (repository, sha) => {
      const diffs = await pages(`${at(repository)}/repository/commits/${encodeURIComponent(sha)}/diff`, DiffJson)
      const text = diffText(diffs)
      return text === null ? null : utf8(text)
    },
    // A status of the same name takes the place of the one before it, so that writing again does no harm.
    findCheckRun: async () => null,
    annotationCount: async () => 0,
    writeCheckRun: async (repository, _id, run) => {
      const path = `${at(repository)}/statuses/${encodeURIComponent(run.head)}`
      const body = { ...statusBody(run), name: run.name, target_url: run.detailsUrl }
      const post = async (more: { readonly ref?: string }) =>
        readGitLab(Created, await ask({ method: 'POST', path, body: { ...body, ...more } })).id
      try {
        return await post({})
      } catch (error) {
        // Of a fork's commit no branch is here; GitLab takes the status where it is told the branch.
        const ref = statusOf(error) === 404 ? await branchOf(repository, run.head) : null
        if (ref === null) throw error
        return post({ ref })
      }
    },
    writeComment: async (repository, number, id, marker, body) => {
      const path = `${at(repository)}/merge_requests/${number}/notes`
      const text = withoutQuickActions(body)
      const present = await ownNote(path, { id, marker })
      if (present === null) return readGitLab(Created, await ask({ method: 'POST', path, body: { body: text } })).id
      if (present.body !== text) await ask({ method: 'PUT', path: `${path}/${present.id}`, body: { body: text } })
      return present.id
    },
  }
}

/** GitLab knows no neutral: it passes, since it must not block, and the words say that it is no success. */
function statusBody({ status, conclusion, title }: CheckRun): { readonly state: string; readonly description: string } {
  const described = (prefix: string) => `${prefix}${title}`.slice(0, MAX_DESCRIPTION)
  if (status === 'in_progress') return { state: 'running', description: described('') }
  if (conclusion === 'success') return { state: 'success', description: described('') }
  if (conclusion === 'neutral') return { state: 'success', description: described('Neutral, not passed: ') }
  return { state: 'failed', description: described('') }
}

/** A line that begins with a slash would be a command of ours: what others wrote must not close or merge anything. */
export function withoutQuickActions(body: string): string {
  return body.replaceAll(/^([\s>]*)\/(?=[A-Za-z])/gm, '$1\\/')
}

/** Throws not-found for what cannot be a project, before it becomes part of an address. Groups may be nested. */
function at(repository: string): string {
  const parts = repository.split('/')
  const isProject = parts.length >= 2 && parts.every((part) => /^[A-Za-z0-9_.-]+$/.test(part) && !/^\.+$/.test(part))
  if (isProject) return `/projects/${encodeURIComponent(repository)}`
  throw new Fault('not-found', {
    message: 'This is not a project of GitLab.',
    hint: 'Name it by its full path, for example group/project.',
  })
}
