/** Check runs and suites as GitHub's API shows them. */
import type { Context } from '../context.ts'
import type { Annotation, CheckRunRecord, CheckSuiteRecord, Repository } from '../state.ts'
import { nodeId } from './account.ts'
import { otherAppShape } from './app.ts'
import { minimalPullRequests } from './pull-request-link.ts'
import { repositoryApi, repositoryPage } from './repository.ts'

export function checkRunShape(context: Context, repository: Repository, run: CheckRunRecord): Record<string, unknown> {
  const url = `${repositoryApi(context, repository)}/check-runs/${run.id}`
  return {
    id: run.id,
    node_id: nodeId('CheckRun', run.id),
    name: run.name,
    head_sha: run.headSha,
    external_id: run.externalId,
    url,
    html_url: `${repositoryPage(context, repository)}/runs/${run.id}`,
    details_url: run.detailsUrl ?? context.url(),
    status: run.status,
    conclusion: run.conclusion,
    started_at: run.startedAt,
    completed_at: run.completedAt,
    output: {
      title: run.title,
      summary: run.summary,
      text: run.text,
      annotations_count: run.annotations.length,
      annotations_url: `${url}/annotations`,
    },
    check_suite: { id: run.suiteId },
    app: otherAppShape(context, run.appId),
    pull_requests: minimalPullRequests(context, repository, run.headSha),
  }
}

export function annotationShape(
  context: Context,
  { repository, run }: { repository: Repository; run: CheckRunRecord },
  annotation: Annotation,
): Record<string, unknown> {
  const path = annotation.path.split('/').map(encodeURIComponent).join('/')
  return {
    path: annotation.path,
    blob_href: `${repositoryPage(context, repository)}/blob/${run.headSha}/${path}`,
    start_line: annotation.start_line,
    end_line: annotation.end_line,
    start_column: annotation.start_column ?? null,
    end_column: annotation.end_column ?? null,
    annotation_level: annotation.annotation_level,
    title: annotation.title ?? null,
    message: annotation.message,
    raw_details: annotation.raw_details ?? null,
  }
}

export function checkSuiteShape(
  context: Context,
  repository: Repository,
  suite: CheckSuiteRecord,
): Record<string, unknown> {
  const runs = context.state.checkRuns.filter((run) => run.suiteId === suite.id)
  const isCompleted = runs.length > 0 && runs.every((run) => run.status === 'completed')
  const worst = ['failure', 'timed_out', 'action_required', 'cancelled'].find((bad) =>
    runs.some((run) => run.conclusion === bad),
  )
  const url = `${repositoryApi(context, repository)}/check-suites/${suite.id}`
  return {
    id: suite.id,
    node_id: nodeId('CheckSuite', suite.id),
    head_branch: suite.headBranch,
    head_sha: suite.headSha,
    status: isCompleted ? 'completed' : runs.length === 0 ? 'queued' : 'in_progress',
    conclusion: isCompleted ? (worst ?? 'success') : null,
    url,
    before: suite.before,
    after: suite.headSha,
    pull_requests: minimalPullRequests(context, repository, suite.headSha),
    app: otherAppShape(context, suite.appId),
    created_at: suite.createdAt,
    updated_at: suite.createdAt,
    latest_check_runs_count: runs.length,
    check_runs_url: `${url}/check-runs`,
  }
}
