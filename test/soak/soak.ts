/**
 * Many pull requests at once, with and without faults: at rest each has one comment where it should have one, and one
 * completed check for its newest head, and both say what they say when nothing goes wrong.
 */
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FakeGitHub, startFakeGitHub } from '../fake-github/server.ts'
import { type Random, randomFrom } from '../fuzz/random.ts'
import { choosePort } from '../local/port.ts'
import { silentProgress } from '../local/progress.ts'
import { migrate, type RunningWorker, startWorker } from '../local/worker.ts'
import { branchOf, pushCommit, writeCommits } from './commits.ts'
import { enrolMachine, type Machine } from './machine.ts'
import type { Plan, Step } from './plan.ts'
import { attributionOf, sessionOf } from './session.ts'

const OWNER = 'soak'
const NAME = 'widgets'
const INSTALLATION = 2002
const APP = 4242
const SETUP_TOKEN = 'setup-token-of-the-soak'
const WEBHOOK_SECRET = 'webhook-secret-of-the-soak'

/** How many steps are under way at once. */
const LANES = 4

export interface Outcome {
  readonly number: number
  readonly head: string
  /** Completed runs of the newest head, newest last; one is wanted. */
  readonly checks: readonly string[]
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
  /** Milliseconds without any change after which everything is taken to be at rest. */
  readonly patience: number
  readonly note: (text: string) => void
}

export async function soak(plan: Plan, { faults, patience, note }: SoakOptions): Promise<SoakRun> {
  const directory = mkdtempSync(join(tmpdir(), 'stemma-soak-'))
  const started = performance.now()
  const stage = await openStage(directory)
  try {
    const { github } = stage
    const { path } = await github.createRepository({ owner: OWNER, name: NAME })
    const commits = await writeCommits(path, plan)
    await github.noticePushes({ owner: OWNER, name: NAME })
    const world = { stage, path, commits, plan, numbers: new Map<number, number>() }
    const counts = { dropped: 0, duplicated: 0, delayed: 0 }
    if (faults !== null) unleash(github, randomFrom(faults), counts)
    // Half-way everything is pulled from under the work that is going on.
    const half = Math.floor(plan.steps.length / 2)
    await perform(world, plan.steps.slice(0, half))
    if (faults !== null) await stage.restart()
    note(`${half} of ${plan.steps.length} steps`)
    await perform(world, plan.steps.slice(half))
    note(`${plan.steps.length} steps; waiting for rest`)
    await rest(world, patience)
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

interface Stage {
  readonly github: FakeGitHub
  readonly machine: Machine
  readonly ring: () => Promise<void>
  readonly restart: () => Promise<void>
  readonly close: () => Promise<void>
}

async function openStage(directory: string): Promise<Stage> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  const github = await startFakeGitHub({ appId: APP, publicKey, webhookSecret: WEBHOOK_SECRET, rateLimit: 1_000_000 })
  const port = await choosePort(8_900, 'the platform', { progress: silentProgress, taken: [github.port] })
  const start = (): Promise<RunningWorker> =>
    startWorker({
      directory,
      port,
      variables: {
        PUBLIC_URL: `http://127.0.0.1:${port}`,
        GITHUB_API_URL: github.url,
        SETUP_TOKEN,
        GITHUB_APP_ID: String(APP),
        GITHUB_PRIVATE_KEY: privateKey,
        GITHUB_WEBHOOK_SECRET: WEBHOOK_SECRET,
        GITHUB_WRITE_INTERVAL_MS: '0',
        PULL_REQUEST_DEBOUNCE_MS: '500',
      },
    })
  await migrate(directory)
  let worker = await start()
  const ask = async (path: string, token: string, body: unknown): Promise<{ readonly token: string }> => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const response = await fetch(`${worker.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`)
    return (await response.json()) as { readonly token: string }
  }
  const person = { name: 'Ada', login: 'ada' }
  const installations = [{ id: INSTALLATION, account: OWNER }]
  const { token } = await ask('/v1/setup', SETUP_TOKEN, { organisation: 'Soak', administrator: person, installations })
  const enrolment = await ask('/v1/enrolment-tokens', token, { person })
  github.setWebhook(`${worker.url}/webhooks/github`)
  github.install({ id: INSTALLATION, account: OWNER })
  return {
    github,
    machine: await enrolMachine({ url: () => worker.url, enrolmentToken: enrolment.token }),
    ring: async () => {
      await fetch(`${worker.url}/cdn-cgi/handler/scheduled?cron=*/5+*+*+*+*`).catch(() => undefined)
    },
    restart: async () => {
      await worker.close()
      worker = await start()
    },
    close: async () => {
      github.faults.clear()
      await worker.close()
      await github.close()
    },
  }
}

interface World {
  readonly stage: Stage
  /** Of the bare repository. */
  readonly path: string
  readonly commits: readonly (readonly string[])[]
  readonly plan: Plan
  /** Index of the plan -> number at the forge. */
  readonly numbers: Map<number, number>
}

/** Steps of one pull request one after the other, those of others beside them. */
async function perform(world: World, steps: readonly Step[]): Promise<void> {
  const lanes = Array.from({ length: LANES }, (_, lane) => steps.filter(({ pull }) => pull % LANES === lane))
  await Promise.all(
    lanes.map(async (lane) => {
      for (const step of lane) await take(world, step)
    }),
  )
}

async function take(world: World, step: Step): Promise<void> {
  const { stage, path, commits, plan, numbers } = world
  const { github, machine } = stage
  const { pull } = step
  const own = commits[pull] ?? []
  const key = { owner: OWNER, name: NAME, number: numbers.get(pull) ?? 0 }
  switch (step.do) {
    case 'open': {
      await pushCommit(path, pull, own[0] ?? '')
      await github.noticePushes({ owner: OWNER, name: NAME })
      const opened = await github.createPullRequest({
        owner: OWNER,
        name: NAME,
        title: `Change ${pull}`,
        head: branchOf(pull),
      })
      numbers.set(pull, opened.number)
      return
    }
    case 'push':
      await pushCommit(path, pull, own[step.commit] ?? '')
      await github.noticePushes({ owner: OWNER, name: NAME })
      return
    case 'send': {
      const commit = own[step.commit] ?? ''
      const parent = own[step.commit - 1] ?? '0'.repeat(40)
      const breaksRules = plan.pulls[pull]?.kind === 'violating'
      const written = { pull, at: step.commit, commit, parent, breaksRules }
      return machine.send(sessionOf(written), [attributionOf(written)], `${OWNER}/${NAME}`)
    }
    case 'edit':
      await github.updatePullRequest({ ...key, title: `Change ${pull}, edited` })
      return
    case 'close':
    case 'reopen':
      await github.updatePullRequest({ ...key, state: step.do === 'close' ? 'closed' : 'open' })
      return
    case 'rerun': {
      const { sha } = github.pullRequest(key).head
      const run = github.state.checkRuns.findLast(({ headSha }) => headSha === sha)
      if (run !== undefined) github.rerequestCheckRun(run.id)
    }
  }
}

/** Rings the clock until nothing has changed for `patience` ms and no check is open. */
async function rest(world: World, patience: number): Promise<void> {
  const { github, ring } = world.stage
  const deadline = Date.now() + 600_000
  let last = ''
  let since = Date.now()
  for (;;) {
    await ring()
    await github.settled()
    const outcomes = outcomesOf(world)
    const now = JSON.stringify(outcomes)
    if (now !== last) [last, since] = [now, Date.now()]
    const isDone = outcomes.every(({ checks }) => checks.length > 0)
    if (Date.now() > deadline || (isDone && Date.now() - since > patience)) return
    await new Promise((resolve) => setTimeout(resolve, 1_000))
  }
}

/** Of comment and check everything but what depends on the order of arrival: the log's size, ids, and the address. */
function outcomesOf({ stage, plan, numbers }: World): readonly Outcome[] {
  const { github } = stage
  return plan.pulls.map(({ index }) => {
    const number = numbers.get(index) ?? 0
    const pull = github.pullRequest({ owner: OWNER, name: NAME, number })
    const text = (words: string): string =>
      words
        .replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, 'https://stemma.test')
        .replaceAll(/log `#\d+ \S+`/g, 'log')
        .replaceAll(`/${number}`, '/N')
    const checks = github.state.checkRuns
      .filter(({ headSha, name, status }) => headSha === pull.head.sha && name === 'Stemma' && status === 'completed')
      .map(({ conclusion, title, summary, text: body }) => text(JSON.stringify({ conclusion, title, summary, body })))
    const comments = github.state.comments
      .filter(({ repositoryId, issueNumber }) => repositoryId === pull.repositoryId && issueNumber === number)
      .map(({ body }) => text(body))
    return { number, head: pull.head.sha, checks, comments }
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
export function compare(plan: Plan, clean: SoakRun, faulty: SoakRun): Comparison {
  const doubled: string[] = []
  const different: string[] = []
  for (const [index, wanted] of clean.outcomes.entries()) {
    const found = faulty.outcomes[index]
    if (found === undefined) throw new Error(`the run with faults lacks pull request ${index}`)
    // "Re-run" makes a new run beside the one that is there.
    const most = 1 + plan.steps.filter((step) => step.pull === index && step.do === 'rerun').length
    if (found.checks.length === 0 || found.checks.length > most)
      doubled.push(`${index}: ${found.checks.length} completed checks, wanted ${most}`)
    if (found.comments.length !== wanted.comments.length || found.comments.length > 1)
      doubled.push(`${index}: ${found.comments.length} comments, wanted ${wanted.comments.length}`)
    if (found.checks.at(-1) !== wanted.checks.at(-1))
      different.push(`${index}: check\n- ${wanted.checks.at(-1)}\n+ ${found.checks.at(-1)}`)
    if (found.comments[0] !== wanted.comments[0])
      different.push(`${index}: comment\n- ${wanted.comments[0]}\n+ ${found.comments[0]}`)
  }
  return { pullRequests: clean.outcomes.length, doubled, different }
}
