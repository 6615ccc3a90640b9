/** The page of a repository, and the page of a commit. */
import { html } from 'hono/html'
import type { Context } from '../context.ts'
import { readCommit } from '../git/commits.ts'
import { changedFiles } from '../git/differences.ts'
import { pullRequestsOf, type Repository } from '../state.ts'
import { filesMarkup } from './diff.ts'
import { page, shownTime } from './layout.ts'
import { stateOf } from './pull-request.ts'

export function repositoryHomePage(context: Context, repository: Repository): Promise<Response> {
  const base = `/${repository.owner}/${repository.name}`
  const pulls = pullRequestsOf(context.state, repository).toReversed()
  const branches = Object.entries(repository.refs).filter(([ref]) => ref.startsWith('refs/heads/'))
  return page({
    title: `${repository.owner}/${repository.name}`,
    content: html`<h1>${repository.owner} / <b>${repository.name}</b></h1>
<p class="quiet">${repository.description ?? ''}</p><pre>git clone ${context.url()}${base}.git</pre>
<h2>Pull requests</h2><div class="box">${
      pulls.length === 0
        ? html`<div class="row quiet">No pull requests yet.</div>`
        : pulls.map(
            (pull) =>
              html`<div class="row"><span class="badge ${stateOf(pull)}">${stateOf(pull)}</span> <a href="${base}/pull/${pull.number}"><b>${pull.title}</b></a> <span class="quiet">#${pull.number} by ${pull.author}, ${shownTime(pull.updatedAt)}</span></div>`,
          )
    }</div>
<h2>Branches</h2><div class="box">${branches.map(([ref, sha]) => html`<div class="row"><code>${ref.slice('refs/heads/'.length)}</code> <a class="mono" href="${base}/commit/${sha}">${sha.slice(0, 7)}</a></div>`)}</div>
<h2>Required checks</h2><div class="box">${
      repository.requiredChecks.length === 0
        ? html`<div class="row quiet">None.</div>`
        : repository.requiredChecks.map(
            ({ context: name, integrationId }) =>
              html`<div class="row"><b>${name}</b> <span class="quiet">${integrationId === undefined ? 'from any App' : `from App ${integrationId}`}</span></div>`,
          )
    }</div>`,
  })
}

export async function commitPage(repository: Repository, sha: string): Promise<Response> {
  const commit = await readCommit(repository.path, sha)
  const files = await changedFiles(repository.path, commit.parents[0] ?? null, sha)
  const [subject = '', ...rest] = commit.message.split('\n')
  return page({
    title: `${subject} · ${repository.owner}/${repository.name}`,
    trail: [{ name: `${repository.owner}/${repository.name}`, href: `/${repository.owner}/${repository.name}` }],
    content: html`<h1>${subject}</h1><pre>${rest.join('\n').trim()}</pre>
<p class="quiet">${commit.author.name} · <span class="mono">${sha}</span></p>${filesMarkup(files)}`,
  })
}
