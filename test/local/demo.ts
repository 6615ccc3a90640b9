/** `npm run demo [-- --json]`: the whole pipeline once on a sample organisation, leaving nothing running or behind. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import type { SessionPage } from '#core/api/sessions.ts'
import type { Overview } from '#core/metrics/overview.ts'
import { buildAll } from './build.ts'
import { type Platform, startPlatform } from './platform.ts'
import { type Progress, silentProgress, terminalProgress } from './progress.ts'
import { runSample, sampleRepository } from './sample.ts'

export interface PullRequestOutcome {
  readonly number: number
  readonly head: string
  readonly check: { readonly status: string; readonly conclusion: string | null; readonly title: string | null }
  readonly comments: number
  readonly comment: string | null
}

export interface DemoResult {
  readonly sessions: {
    readonly id: string
    readonly agent: string
    readonly models: readonly string[]
    readonly evidence: string
  }[]
  readonly envelopes: { readonly verified: number; readonly total: number }
  /** Policy -> how often it came to each result. */
  readonly verdicts: Readonly<Record<string, { readonly pass: number; readonly fail: number; readonly error: number }>>
  readonly pullRequests: readonly PullRequestOutcome[]
  readonly metrics: Overview
  /** Requests or answers that GitHub's own description does not allow; must be 0. */
  readonly githubViolations: number
}

/** Seconds within which the queues and the pull request objects come to rest; seen: 3. */
const PATIENCE_SECONDS = 300

export async function outcomeOf(platform: Platform, number: number): Promise<PullRequestOutcome> {
  const { state } = platform.github
  const pull = platform.github.pullRequest({ ...sampleRepository, number })
  const run = state.checkRuns.filter((one) => one.headSha === pull.head.sha && one.name === 'Stemma').at(-1)
  const comments = state.comments.filter((one) => one.repositoryId === pull.repositoryId && one.issueNumber === number)
  return {
    number,
    head: pull.head.sha,
    check: { status: run?.status ?? 'missing', conclusion: run?.conclusion ?? null, title: run?.title ?? null },
    comments: comments.length,
    comment: comments[0]?.body ?? null,
  }
}

/** Waits until every session is evaluated and every pull request says so; throws with what is still open. */
export async function settle(platform: Platform, pullRequests: readonly number[]): Promise<void> {
  const deadline = Date.now() + PATIENCE_SECONDS * 1000
  for (;;) {
    await platform.github.settled()
    const { items } = (await platform.ask('/v1/sessions?limit=100')) as SessionPage
    const waiting = items.filter(
      ({ verdicts }) => verdicts.pass + verdicts.fail + verdicts.error + verdicts.skipped === 0,
    )
    const outcomes = await Promise.all(pullRequests.map((number) => outcomeOf(platform, number)))
    const open = outcomes.filter(({ check, comment }) => check.status !== 'completed' || comment === null)
    if (items.length > 0 && waiting.length === 0 && open.length === 0) return
    if (Date.now() > deadline) {
      throw new Error(
        `not at rest after ${PATIENCE_SECONDS} s: ${waiting.length} sessions not evaluated, pull requests ${JSON.stringify(open)}`,
      )
    }
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

export async function gather(
  platform: Platform,
  directory: string,
  pullRequests: readonly number[],
): Promise<DemoResult> {
  const { items } = (await platform.ask('/v1/sessions?limit=100')) as SessionPage
  const metrics = (await platform.ask('/v1/metrics/overview')) as Overview
  const verified = await Promise.all(
    items.map(({ evidenceId, person }) => isVerified(directory, person.name, evidenceId)),
  )
  return {
    sessions: items.map(({ id, agent, models, evidenceId }) => ({ id, agent: agent.id, models, evidence: evidenceId })),
    envelopes: { verified: verified.filter(Boolean).length, total: items.length },
    verdicts: Object.fromEntries(
      metrics.policies.map(({ policy, pass, fail, error }) => [policy, { pass, fail, error }]),
    ),
    pullRequests: await Promise.all(pullRequests.map((number) => outcomeOf(platform, number))),
    metrics,
    githubViolations: platform.github.state.violations.length,
  }
}

/** With the program itself, on the machine that sent it, as anybody would check. */
async function isVerified(directory: string, person: string, evidenceId: string): Promise<boolean> {
  const home = join(directory, 'people', person.split(' ')[0]?.toLowerCase() ?? '')
  const program = join(import.meta.dirname, '..', '..', 'cli', 'stemma')
  try {
    await promisify(execFile)(program, ['verify', evidenceId, '--json'], {
      cwd: join(home, 'parcel-tracker'),
      env: { HOME: home, PATH: ['/usr/bin', '/bin', process.env['PATH']].join(delimiter) },
    })
    return true
  } catch {
    return false
  }
}

async function runDemo(progress: Progress): Promise<DemoResult> {
  const directory = mkdtempSync(join(tmpdir(), 'stemma-demo-'))
  await progress.step('program and dashboard', buildAll)
  const platform = await startPlatform({
    directory,
    port: null,
    organisation: 'Example Works',
    debounceMilliseconds: 300,
    progress,
  })
  try {
    const { pullRequests } = await runSample(platform, directory, progress)
    await progress.step('evaluation, comment and check', () => settle(platform, pullRequests))
    return await gather(platform, directory, pullRequests)
  } finally {
    await platform.close()
    rmSync(directory, { recursive: true, force: true })
  }
}

if (import.meta.main) {
  const asJson = process.argv.includes('--json')
  const result = await runDemo(asJson ? silentProgress : terminalProgress)
  process.stdout.write(asJson ? `${JSON.stringify(result)}\n` : summaryOf(result))
}

function summaryOf({ sessions, envelopes, verdicts, pullRequests }: DemoResult): string {
  return [
    '',
    `${sessions.length} sessions; ${envelopes.verified} of ${envelopes.total} envelopes verified`,
    ...Object.entries(verdicts).map(
      ([policy, { pass, fail, error }]) => `  ${policy}: ${pass} passed, ${fail} violated, ${error} cannot tell`,
    ),
    ...pullRequests.map(
      ({ number, check, comments }) => `pull request ${number}: check ${check.conclusion}, ${comments} comment`,
    ),
    ...pullRequests.map(({ comment }) => `\n${comment}`),
    '',
  ].join('\n')
}
