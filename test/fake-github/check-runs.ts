/** Check runs: how they begin, change and end. */
import type { Context } from './context.ts'
import { announceCheckRun, announceCheckSuite } from './events.ts'
import { suiteFor } from './pushes.ts'
import { type FieldError, Refusal, validationFailed } from './refusal.ts'
import {
  type Annotation,
  type CheckAction,
  type CheckRunRecord,
  type CheckStatus,
  type CheckSuiteRecord,
  type Conclusion,
  type Repository,
  takeId,
  timestamp,
} from './state.ts'

/** The body of `POST` and `PATCH …/check-runs`, once GitHub's schema has accepted it. */
export interface CheckRunBody {
  readonly name?: string
  readonly head_sha?: string
  readonly status?: CheckStatus
  readonly conclusion?: Conclusion | 'stale'
  readonly started_at?: string
  readonly completed_at?: string
  readonly details_url?: string
  readonly external_id?: string
  readonly output?: {
    readonly title?: string
    readonly summary: string
    readonly text?: string
    readonly annotations?: readonly Annotation[]
  }
  readonly actions?: readonly CheckAction[]
}

const problem = (field: string, message: string): FieldError => ({
  resource: 'CheckRun',
  field,
  code: 'custom',
  message,
})

const inUtc = (time: string): string => timestamp(Date.parse(time))

function applyStatus(run: CheckRunRecord, body: CheckRunBody, now: string): void {
  if (body.conclusion === 'stale') throw validationFailed(problem('conclusion', 'Only GitHub sets stale.'))
  const isEnding = body.conclusion !== undefined || body.completed_at !== undefined || body.status === 'completed'
  if (isEnding) {
    if (body.conclusion === undefined)
      throw validationFailed(problem('conclusion', 'conclusion is required with completed_at or status completed'))
    if (body.status !== undefined && body.status !== 'completed')
      throw validationFailed(problem('status', 'a conclusion implies the status completed'))
    run.status = 'completed'
    run.conclusion = body.conclusion
    run.completedAt = body.completed_at === undefined ? now : inUtc(body.completed_at)
  } else if (body.status !== undefined) {
    run.status = body.status
    run.conclusion = null
    run.completedAt = null
  }
  if (body.started_at !== undefined) run.startedAt = inUtc(body.started_at)
  run.startedAt ??= now
}

/** Annotations of later requests are added to those of earlier ones. */
export function applyCheckRun(context: Context, run: CheckRunRecord, body: CheckRunBody): void {
  applyStatus(run, body, timestamp(context.now()))
  run.name = body.name ?? run.name
  run.detailsUrl = body.details_url ?? run.detailsUrl
  run.externalId = body.external_id ?? run.externalId
  if (body.output !== undefined) {
    run.title = body.output.title ?? run.title
    run.summary = body.output.summary
    run.text = body.output.text ?? null
    run.annotations.push(...(body.output.annotations ?? []))
  }
  if (body.actions !== undefined) run.actions = [...body.actions]
  context.changed()
}

/** The commit must exist in the repository: a caller checks that before. */
export function createCheckRun(
  context: Context,
  repository: Repository,
  { body, sha, appId }: { body: CheckRunBody; sha: string; appId: number },
): CheckRunRecord {
  const branch = Object.entries(repository.refs).find(([, tip]) => tip === sha)?.[0] ?? null
  const suite = suiteFor(context, repository, {
    sha,
    branch: branch?.replace('refs/heads/', '') ?? null,
    before: null,
    appId,
  })
  const run: CheckRunRecord = {
    id: takeId(context.state),
    repositoryId: repository.id,
    suiteId: suite.id,
    appId,
    headSha: sha,
    name: body.name ?? '',
    status: 'queued',
    conclusion: null,
    startedAt: null,
    completedAt: null,
    detailsUrl: null,
    externalId: '',
    title: null,
    summary: null,
    text: null,
    annotations: [],
    actions: [],
  }
  applyCheckRun(context, run, body)
  context.state.checkRuns.push(run)
  return run
}

function suiteOf(context: Context, run: CheckRunRecord): CheckSuiteRecord {
  const suite = context.state.checkSuites.find(({ id }) => id === run.suiteId)
  if (suite === undefined) throw new Refusal(404, 'Not Found')
  return suite
}

/** A person clicks "Re-run" or one of the run's own buttons. */
export function requestCheckRun(
  context: Context,
  { repository, run }: { repository: Repository; run: CheckRunRecord },
  { action, sender }: { action: string | null; sender: string },
): void {
  if (action !== null && !run.actions.some(({ identifier }) => identifier === action))
    throw new Refusal(422, `The check run offers no action ${action}.`)
  announceCheckRun(context, { repository, run, suite: suiteOf(context, run) }, { requested: action, sender })
}

/** A person clicks "Re-run all checks". */
export async function requestCheckSuite(
  context: Context,
  { repository, run }: { repository: Repository; run: CheckRunRecord },
  sender: string,
): Promise<void> {
  const suite = suiteOf(context, run)
  await announceCheckSuite(context, { repository, suite }, { action: 'rerequested', sender })
}
