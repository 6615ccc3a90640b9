/** The page of a pull request. */
import { html, raw } from 'hono/html'
import type { Context } from '../context.ts'
import { commitsBetween, type GitCommit } from '../git/commits.ts'
import { unmetRules, unmetText } from '../rulesets.ts'
import { mergeability, pullRequestFiles } from '../shapes/pull-request.ts'
import { repositoryPage } from '../shapes/repository.ts'
import { type CommentRecord, commentsOf, type PullRequestRecord, type Repository, repositoryById } from '../state.ts'
import { checksMarkup, isUnderWay } from './checks.ts'
import { filesMarkup } from './diff.ts'
import { type Markup, page, shownTime } from './layout.ts'
import { renderMarkdown } from './markdown.ts'

interface Subject {
  readonly repository: Repository
  readonly pull: PullRequestRecord
}

export function stateOf(pull: PullRequestRecord): string {
  if (pull.mergedAt !== null) return 'merged'
  return pull.state === 'open' && pull.isDraft ? 'draft' : pull.state
}

function words(context: Context, repository: Repository, text: string | null): Markup {
  if (text === null || text === '') return html`<p class="quiet">No description provided.</p>`
  return html`${raw(renderMarkdown(text, { repositoryPage: repositoryPage(context, repository), keepsBreaks: true }))}`
}

function commentMarkup(context: Context, repository: Repository, comment: CommentRecord): Markup {
  const body = html`<div class="body markdown">${words(context, repository, comment.body)}</div>`
  const isEdited = comment.updatedAt !== comment.createdAt
  const head = html`<div class="head"><b>${comment.author}</b>${comment.appId === null ? '' : html`<span class="label">bot</span>`}
<span class="quiet">commented ${shownTime(comment.createdAt)}${isEdited ? html` · edited ${shownTime(comment.updatedAt)}` : ''}</span></div>`
  return comment.minimizedReason === null
    ? html`<div class="box" id="issuecomment-${comment.id}">${head}${body}</div>`
    : html`<div class="box" id="issuecomment-${comment.id}">${head}<details><summary class="folded quiet">This comment was marked as ${comment.minimizedReason}.</summary>${body}</details></div>`
}

function commitRow(base: string, commit: GitCommit): Markup {
  const [subject = '', ...rest] = commit.message.split('\n')
  const more = rest.join('\n').trim()
  return html`<div class="row"><a href="${base}/commit/${commit.sha}"><b>${subject}</b></a>
<span class="quiet">${commit.author.name}</span> <a class="mono push" href="${base}/commit/${commit.sha}">${commit.sha.slice(0, 7)}</a>
${more === '' ? '' : html`<details><summary class="quiet">…</summary><pre>${more}</pre></details>`}</div>`
}

async function mergeBox(context: Context, { repository, pull }: Subject): Promise<Markup> {
  const action = `/${repository.owner}/${repository.name}/pull/${pull.number}`
  if (pull.mergedAt !== null)
    return html`<div class="box"><div class="body"><b class="done">Merged</b> as <code>${pull.mergeCommitSha?.slice(0, 12)}</code> by ${pull.mergedBy}</div></div>`
  if (pull.state === 'closed')
    return html`<div class="box"><div class="body"><b class="bad">Closed</b> <form method="post" action="${action}"><button name="do" value="reopen">Reopen</button></form></div></div>`
  const { mergeable_state: state } = await mergeability(context, repository, pull)
  const unmet = unmetRules(context, repository, pull.head.sha)
  const isFree = state === 'clean' || state === 'unstable'
  const sentence: Readonly<Record<string, string>> = {
    clean: 'Ready to merge.',
    unstable: 'Ready to merge; some checks that are not required did not pass.',
    blocked: 'Merging is blocked.',
    dirty: 'This branch conflicts with the base branch.',
    draft: 'This pull request is still a draft.',
  }
  return html`<div class="box"><div class="head"><b class="${isFree ? 'good' : 'bad'}">${isFree ? '✔' : '✖'}</b> <b>${sentence[state] ?? state}</b></div>
${unmet.map((one) => html`<div class="row bad">${unmetText(one)}</div>`)}
<div class="body"><form method="post" action="${action}"><input type="hidden" name="do" value="merge">
<button class="main" name="method" value="merge" ${isFree ? '' : raw('disabled')}>Merge</button>
<button name="method" value="squash" ${isFree ? '' : raw('disabled')}>Squash and merge</button>
<button name="method" value="rebase" ${isFree ? '' : raw('disabled')}>Rebase and merge</button></form>
<form method="post" action="${action}"><button name="do" value="${pull.isDraft ? 'ready' : 'draft'}">${pull.isDraft ? 'Ready for review' : 'Convert to draft'}</button>
<button name="do" value="close">Close</button></form></div></div>`
}

export async function pullRequestPage(context: Context, subject: Subject): Promise<Response> {
  const { repository, pull } = subject
  const base = `/${repository.owner}/${repository.name}`
  const source = repositoryById(context.state, pull.head.repositoryId)
  const head = source.id === repository.id ? pull.head.branch : `${source.owner}:${pull.head.branch}`
  const commits = await commitsBetween(repository.path, pull.base.sha, pull.head.sha)
  const files = await pullRequestFiles(repository, pull)
  const state = stateOf(pull)
  const checks = checksMarkup(context, subject)
  const comments = commentsOf(context.state, repository, pull.number)

  return page({
    title: `${pull.title} · #${pull.number} · ${repository.owner}/${repository.name}`,
    trail: [{ name: `${repository.owner}/${repository.name}`, href: base }],
    refreshes: isUnderWay(context, subject),
    content: html`<h1>${pull.title} <span class="number">#${pull.number}</span></h1>
<p><span class="badge ${state}">${state}</span> <b>${pull.author}</b> <span class="quiet">wants to merge ${commits.length} ${commits.length === 1 ? 'commit' : 'commits'} into</span> <code>${pull.base.branch}</code> <span class="quiet">from</span> <code>${head}</code></p>
<nav class="parts"><a href="#conversation">Conversation ${comments.length}</a><a href="#checks">Checks ${checks.length}</a><a href="#commits">Commits ${commits.length}</a><a href="#files">Files changed ${files.length}</a></nav>
<section id="conversation"><div class="box"><div class="head"><b>${pull.author}</b> <span class="quiet">opened ${shownTime(pull.createdAt)}</span></div><div class="body markdown">${words(context, repository, pull.body)}</div></div>
${comments.map((comment) => commentMarkup(context, repository, comment))}</section>
${await mergeBox(context, subject)}
<section id="checks"><h2>Checks</h2>${checks.length === 0 ? html`<p class="quiet">No checks were reported for this commit.</p>` : checks}</section>
<section id="commits"><h2>Commits</h2><div class="box">${commits.map((commit) => commitRow(base, commit))}</div></section>
<section id="files"><h2>Files changed</h2>${filesMarkup(files)}</section>`,
  })
}
