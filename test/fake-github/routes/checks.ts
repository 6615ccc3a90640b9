/** Check runs over REST. */
import { applyCheckRun, type CheckRunBody, createCheckRun } from '../check-runs.ts'
import type { Context } from '../context.ts'
import { resolveCommit } from '../git/run.ts'
import { pageOf } from '../paging.ts'
import { notFound, Refusal } from '../refusal.ts'
import { type AskedOfRepository, ok, type Router } from '../route.ts'
import { latestRuns } from '../rulesets.ts'
import { annotationShape, checkRunShape } from '../shapes/check-run.ts'
import type { CheckRunRecord } from '../state.ts'

const reading = { permissions: ['checks'], level: 'read' } as const
const writing = { permissions: ['checks'], level: 'write' } as const

export function checkRoutes(router: Router, context: Context): void {
  const run = ({ repository, param }: AskedOfRepository): CheckRunRecord => {
    const id = Number(param('check_run_id'))
    const found = context.state.checkRuns.find((one) => one.id === id && one.repositoryId === repository.id)
    if (found === undefined) throw notFound()
    return found
  }

  router.forRepository('checks/create', writing, async ({ repository, body }) => {
    // The operation's schema has accepted the body.
    const asked = body as CheckRunBody
    const sha = await resolveCommit(repository.path, asked.head_sha ?? '')
    if (sha === null || sha !== asked.head_sha) throw new Refusal(422, `No commit found for SHA: ${asked.head_sha}`)
    const created = createCheckRun(context, repository, { body: asked, sha, appId: context.app.id })
    return { status: 201, body: checkRunShape(context, repository, created) }
  })

  router.forRepository('checks/update', writing, (asked) => {
    const found = run(asked)
    if (found.appId !== context.app.id)
      throw new Refusal(
        403,
        `Invalid app_id \`${found.appId}\` - check run can only be modified by the GitHub App that created it.`,
      )
    applyCheckRun(context, found, asked.body as CheckRunBody)
    return ok(checkRunShape(context, asked.repository, found))
  })

  router.forRepository('checks/get', reading, (asked) => ok(checkRunShape(context, asked.repository, run(asked))))

  router.forRepository('checks/list-annotations', reading, (asked) => {
    const found = run(asked)
    const { items, headers } = pageOf(found.annotations, asked)
    const subject = { repository: asked.repository, run: found }
    return ok(
      items.map((item) => annotationShape(context, subject, item)),
      headers,
    )
  })

  router.forRepository('checks/list-for-ref', reading, async (asked) => {
    const { repository, param, query } = asked
    const sha = await resolveCommit(repository.path, param('ref'))
    if (sha === null) throw new Refusal(422, `No commit found for SHA: ${param('ref')}`)
    const every = context.state.checkRuns.filter((one) => one.repositoryId === repository.id && one.headSha === sha)
    const chosen = query('filter') === 'all' ? every : latestRuns(context, repository, sha)
    const found = chosen.filter(
      (one) =>
        (query('check_name') ?? one.name) === one.name &&
        (query('status') ?? one.status) === one.status &&
        Number(query('app_id') ?? one.appId) === one.appId,
    )
    const { items, headers } = pageOf(found, asked)
    const check_runs = items.map((item) => checkRunShape(context, repository, item))
    return ok({ total_count: found.length, check_runs }, headers)
  })
}
