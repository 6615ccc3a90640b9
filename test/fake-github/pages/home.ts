/** The first page: repositories, the App's installations, and what was delivered to it. */
import { html } from 'hono/html'
import type { Context } from '../context.ts'
import { pullRequestsOf, repositoriesOf } from '../state.ts'
import { page, shownTime } from './layout.ts'

const SHOWN_DELIVERIES = 20

export function homePage(context: Context): Promise<Response> {
  const { state, app } = context
  const deliveries = state.deliveries.slice(-SHOWN_DELIVERIES).toReversed()
  return page({
    title: 'Local forge',
    content: html`<h1>Repositories</h1><div class="box">${
      state.repositories.length === 0
        ? html`<div class="row quiet">No repositories yet.</div>`
        : state.repositories.map((repository) => {
            const open = pullRequestsOf(state, repository).filter((pull) => pull.state === 'open').length
            return html`<div class="row"><a href="/${repository.owner}/${repository.name}"><b>${repository.owner}/${repository.name}</b></a> <span class="quiet">${open} open ${open === 1 ? 'pull request' : 'pull requests'}</span></div>`
          })
    }</div>
<h2>App ${app.name}</h2><p class="quiet">App ${app.id}, installed on ${state.installations.length === 0 ? 'nothing' : state.installations.map((one) => `${one.account} (${repositoriesOf(state, one).length})`).join(', ')}</p>
<h2>Webhook deliveries</h2><table class="list"><tr><th>Event</th><th>GUID</th><th>When</th><th>Answer</th></tr>${deliveries.map(
      (one) =>
        html`<tr><td>${one.event}${one.action === null ? '' : `.${one.action}`}${one.redelivery ? ' (again)' : ''}</td><td class="mono">${one.guid}</td><td class="quiet">${shownTime(one.deliveredAt)}</td><td class="${one.statusCode >= 200 && one.statusCode < 300 ? 'good' : 'bad'}">${one.statusCode === 0 ? one.status : one.statusCode}</td></tr>`,
    )}</table>`,
  })
}
