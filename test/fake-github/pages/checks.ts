/** Check runs as a person reads them, with the buttons they offer. */
import { html, raw } from 'hono/html'
import type { Context } from '../context.ts'
import { latestRuns, unmetRules } from '../rulesets.ts'
import { otherAppShape } from '../shapes/app.ts'
import { repositoryPage } from '../shapes/repository.ts'
import type { CheckRunRecord, PullRequestRecord, Repository } from '../state.ts'
import type { Markup } from './layout.ts'
import { renderMarkdown } from './markdown.ts'

const marks: Readonly<Record<string, readonly [mark: string, tone: string]>> = {
  success: ['✔', 'good'],
  failure: ['✖', 'bad'],
  timed_out: ['✖', 'bad'],
  action_required: ['!', 'bad'],
  neutral: ['■', 'quiet'],
  skipped: ['⊘', 'quiet'],
  cancelled: ['⊘', 'quiet'],
}

function markOf(run: CheckRunRecord): Markup {
  const [mark, tone] = marks[run.conclusion ?? ''] ?? ['●', 'wait']
  return html`<b class="${tone}">${mark}</b>`
}

function annotations(run: CheckRunRecord): Markup | string {
  if (run.annotations.length === 0) return ''
  const rows = run.annotations.map(
    (one) =>
      html`<tr><td class="mono">${one.path}:${one.start_line}</td><td>${one.annotation_level}</td><td>${one.message}</td></tr>`,
  )
  return html`<h3>Annotations</h3><table class="list">${rows}</table>`
}

function runMarkup(context: Context, { repository, pull }: Subject, run: CheckRunRecord): Markup {
  const place = { repositoryPage: repositoryPage(context, repository), keepsBreaks: false }
  const action = `/${repository.owner}/${repository.name}/pull/${pull.number}`
  const isRequired = repository.requiredChecks.some(
    ({ context: name, integrationId }) => name === run.name && (integrationId ?? run.appId) === run.appId,
  )
  const words = [run.status === 'completed' ? '' : run.status.replace('_', ' '), run.conclusion ?? ''].join('')
  return html`<div class="box" id="check-${run.id}"><div class="head">${markOf(run)} <b>${run.name}</b>
<span class="quiet">${String(otherAppShape(context, run.appId)['name'])} · ${words}</span> <span>${run.title ?? ''}</span>
<span class="push">${isRequired ? html`<span class="label">Required</span>` : ''}
<form method="post" action="${action}"><input type="hidden" name="run" value="${run.id}"><button name="do" value="rerun">Re-run</button></form>
${run.actions.map(({ label, description, identifier }) => html`<form method="post" action="${action}"><input type="hidden" name="run" value="${run.id}"><input type="hidden" name="action" value="${identifier}"><button name="do" value="action" title="${description}">${label}</button></form>`)}
</span></div>
<div class="body"><div class="markdown">${run.summary === null ? html`<p class="quiet">Nothing reported yet.</p>` : raw(renderMarkdown(run.summary, place))}</div>
${run.text === null ? '' : html`<div class="markdown">${raw(renderMarkdown(run.text, place))}</div>`}${annotations(run)}</div></div>`
}

interface Subject {
  readonly repository: Repository
  readonly pull: PullRequestRecord
}

export function checksMarkup(context: Context, subject: Subject): readonly Markup[] {
  const { repository, pull } = subject
  const missing = unmetRules(context, repository, pull.head.sha).filter(({ run }) => run === null)
  return [
    ...missing.map(
      ({ required }) =>
        html`<div class="box"><div class="head"><b class="wait">●</b> <b>${required.context}</b> <span class="quiet">Expected: waiting for it to be reported</span><span class="push label">Required</span></div></div>`,
    ),
    ...latestRuns(context, repository, pull.head.sha).map((run) => runMarkup(context, subject, run)),
  ]
}

/** A page that shows something unfinished asks for itself again. */
export function isUnderWay(context: Context, { repository, pull }: Subject): boolean {
  const isRunning = latestRuns(context, repository, pull.head.sha).some(({ status }) => status !== 'completed')
  const isAwaited = unmetRules(context, repository, pull.head.sha).some(({ run }) => run === null)
  const age = context.now() - Date.parse(pull.updatedAt)
  return pull.state === 'open' && (isRunning || (isAwaited && age < 60_000))
}
