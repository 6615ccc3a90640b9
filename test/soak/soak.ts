/**
 * Many pull requests at once, with and without faults: at rest each has one comment where it should have one, and one
 * completed check for its newest head, and both say what they say when nothing goes wrong.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FakeGitHub } from '../fake-github/server.ts'
import { type Random, randomFrom } from '../fuzz/random.ts'
import type { Plan } from './plan.ts'
import { openStage, perform, prepare, pullRequestOf, type World } from './stage.ts'

export interface Outcome {
  readonly number: number
  readonly head: string
  /** Completed runs of the newest head, newest last; one is wanted. */
  readonly checks: readonly string[]
  /** What tells those runs apart: read where there are too many. */
  readonly runs: readonly string[]
  readonly comments: readonly string[]
}

export interface SoakRun {
  readonly outcomes: readonly Outcome[]
  readonly deliveries: {
    readonly sent: number
    readonly dropped: number
    readonly duplicated: number
    readonly delayed: number
  }
  readonly requests: { readonly answered: number; readonly failed: number; readonly writes: number }
  readonly restarts: number
  readonly seconds: number
  readonly violations: number
}

export interface SoakOptions {
  /** null: nothing goes wrong. */
  readonly faults: number | null
  /** What a run without faults gave: rest is when this is reached too. null: rest is when nothing changes any more. */
  readonly goal: SoakRun | null
  readonly note: (text: string) => void
}

export async function soak(plan: Plan, { faults, goal, note }: SoakOptions): Promise<SoakRun> {
  const directory = mkdtempSync(join(tmpdir(), 'stemma-soak-'))
  const started = performance.now()
  const stage = await openStage(directory, { GITHUB_WRITE_INTERVAL_MS: '0', PULL_REQUEST_DEBOUNCE_MS: '500' })
  try {
    const { github } = stage
    const world = await prepare(stage, plan)
    const counts = { dropped: 0, duplicated: 0, delayed: 0 }
    if (faults !== null) unleash(github, randomFrom(faults), counts)
    // The clock goes on, as it does each five minutes; half-way everything is pulled from under the work that is going on.
    const part = Math.ceil(plan.steps.length / PARTS)
    for (let at = 0; at < PARTS; at++) {
      await perform(world, plan.steps.slice(at * part, (at + 1) * part))
      note(`${Math.min((at + 1) * part, plan.steps.length)} of ${plan.steps.length} steps`)
      await stage.ring()
      if (faults !== null && at + 1 === PARTS / 2) await stage.restart()
    }
    note(`${plan.steps.length} steps; waiting for rest`)
    await rest(world, goal)
    const { requests } = github.state
    return {
      outcomes: outcomesOf(world),
      deliveries: { sent: github.state.deliveries.length, ...counts },
      requests: {
        answered: requests.length,
        failed: requests.filter(({ status }) => status >= 400).length,
        writes: requests.filter(({ method, path: asked }) => method !== 'GET' && asked.startsWith('/repos/')).length,
      },
      restarts: faults === null ? 0 : 1,
      seconds: Math.round((performance.now() - started) / 1_000),
      violations: github.state.violations.length,
    }
  } finally {
    await stage.close()
    rmSync(directory, { recursive: true, force: true })
  }
}

function unleash(github: FakeGitHub, random: Random, counts: { dropped: number; duplicated: number; delayed: number }) {
  const counted = (share: number, name: keyof typeof counts): boolean => {
    const happens = random.chance(share)
    if (happens) counts[name]++
    return happens
  }
  // The faults ask by share: each has its own, so the name follows from it.
  const shares = { dropped: 0.05, duplicated: 0.2, delayed: 0.3 } as const
  const names = new Map<number, keyof typeof counts>([
    [shares.dropped, 'dropped'],
    [shares.duplicated, 'duplicated'],
    [shares.delayed, 'delayed'],
  ])
  github.faults.injectAtRandom({
    chance: (share) => {
      const name = names.get(share)
      return name === undefined ? random.chance(share) : counted(share, name)
    },
    failed: 0.07,
    limited: 0.03,
    dropped: shares.dropped,
    duplicated: shares.duplicated,
    delayed: { share: shares.delayed, milliseconds: () => random.below(800) },
  })
}

const PARTS = 8

/** Bounds a run in which the goal is never reached. */
const deadlineMilliseconds = ({ pulls }: Plan): number => 180_000 + 2_000 * pulls.length
/** What is at rest, or equal, for so long is taken to stay so: late writes would still show. */
const QUIET_MILLISECONDS = 8_000

/** Rings the clock until everything is as it was without faults, or without a goal until nothing changes any more. */
async function rest(world: World, goal: SoakRun | null): Promise<void> {
  const { github, ring } = world.stage
  const deadline = Date.now() + deadlineMilliseconds(world.plan)
  let last = ''
  let since = Date.now()
  while (Date.now() < deadline) {
    await ring()
    await github.settled()
    const outcomes = outcomesOf(world)
    const isDone = goal === null ? outcomes.every(({ checks }) => checks.length > 0) : isReached(world, goal, outcomes)
    const now = JSON.stringify(outcomes)
    if (now !== last || !isDone) [last, since] = [now, Date.now()]
    if (Date.now() - since > QUIET_MILLISECONDS) return
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}

function isReached({ plan }: World, goal: SoakRun, outcomes: readonly Outcome[]): boolean {
  const { doubled, different } = compare(plan, goal, { outcomes })
  return doubled.length + different.length === 0
}

/** Of comment and check everything but what depends on the order of arrival: the log's size, ids, and the address. */
function outcomesOf(world: World): readonly Outcome[] {
  const { github } = world.stage
  return world.plan.pulls.map(({ index }) => {
    const pull = pullRequestOf(world, index)
    const { number } = pull
    const text = (words: string): string =>
      words
        .replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, 'https://stemma.test')
        .replaceAll(/log `#\d+ \S+`/g, 'log')
        .replaceAll(/Transparency log: `\S+`, \S+ \w+, root `\S+`/g, 'Transparency log')
        // Ids of what the platform signed: over the time of signing, too.
        .replaceAll(/`[0-9a-f]{64}`/g, '`id`')
        // Numbers depend on who came first; paths of the change hold its index.
        .replaceAll(new RegExp(`/pull-requests/([^/]+/[^/]+)/${number}(?![0-9])`, 'g'), '/pull-requests/$1/N')
    const completed = github.state.checkRuns.filter(
      ({ headSha, name, status }) => headSha === pull.head.sha && name === 'Stemma' && status === 'completed',
    )
    const checks = completed.map(({ conclusion, title, summary, text: body }) =>
      text(JSON.stringify({ conclusion, title, summary, body })),
    )
    const runs = completed.map(
      ({ id, externalId, startedAt, completedAt, conclusion, title, annotations }) =>
        `${id} ${externalId} ${startedAt} to ${completedAt} ${conclusion} "${title}" ${JSON.stringify(annotations)}`,
    )
    const comments = github.state.comments
      .filter(({ repositoryId, issueNumber }) => repositoryId === pull.repositoryId && issueNumber === number)
      .map(({ body }) => text(body))
    return { number, head: pull.head.sha, checks, runs, comments }
  })
}

export interface Comparison {
  readonly pullRequests: number
  /** Heads with another number of checks or comments than one, where one is wanted. */
  readonly doubled: readonly string[]
  /** What reads otherwise than without faults. */
  readonly different: readonly string[]
}

/** By index of the plan, since numbers depend on who came first. */
type Outcomes = Pick<SoakRun, 'outcomes'>

export function compare(plan: Plan, clean: Outcomes, faulty: Outcomes): Comparison {
  const doubled: string[] = []
  const different: string[] = []
  for (const [index, wanted] of clean.outcomes.entries()) {
    const found = faulty.outcomes[index]
    if (found === undefined) throw new Error(`the run with faults lacks pull request ${index}`)
    // "Re-run" makes a new run beside the one that is there.
    const most = 1 + plan.steps.filter((step) => step.pull === index && step.do === 'rerun').length
    if (found.checks.length === 0 || found.checks.length > most)
      doubled.push(`${index}: ${found.checks.length} completed checks, wanted ${most}\n${found.runs.join('\n')}`)
    if (found.comments.length !== wanted.comments.length || found.comments.length > 1)
      doubled.push(`${index}: ${found.comments.length} comments, wanted ${wanted.comments.length}`)
    if (found.checks.at(-1) !== wanted.checks.at(-1))
      different.push(`${index}: check\n- ${wanted.checks.at(-1)}\n+ ${found.checks.at(-1)}`)
    if (found.comments[0] !== wanted.comments[0])
      different.push(`${index}: comment\n- ${wanted.comments[0]}\n+ ${found.comments[0]}`)
  }
  return { pullRequests: clean.outcomes.length, doubled, different }
}
