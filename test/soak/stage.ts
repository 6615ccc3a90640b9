/** Where the soak plays: the real Worker, a GitHub with one repository, and a machine that sends evidence. */
import { generateKeyPairSync } from 'node:crypto'
import { type FakeGitHub, startFakeGitHub } from '../fake-github/server.ts'
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

/** Longer than evidence may wait for its message: queues/forgotten.ts. */
const FORGOTTEN_MILLISECONDS = 1_200_000

/**
 * Test files run side by side, and between the look at a port and the start of the platform another file could take the
 * same one: each process looks in a place of its own, below what systems give to connections (32,768).
 */
const FIRST_PORT = 10_000 + (process.pid % 11_000) * 2

export interface Stage {
  readonly github: FakeGitHub
  readonly machine: Machine
  /** What an administrator is answered. */
  readonly read: (path: string) => Promise<unknown>
  readonly ring: () => Promise<void>
  /** `variables` in the place of those it was opened with. */
  readonly restart: (variables?: Readonly<Record<string, string>>) => Promise<void>
  readonly close: () => Promise<void>
}

/** `variables` override those of the Worker. */
export async function openStage(directory: string, variables: Readonly<Record<string, string>>): Promise<Stage> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  const github = await startFakeGitHub({ appId: APP, publicKey, webhookSecret: WEBHOOK_SECRET, rateLimit: 1_000_000 })
  const port = await choosePort(FIRST_PORT, 'the platform', { progress: silentProgress, taken: [github.port] })
  const start = (own: Readonly<Record<string, string>>): Promise<RunningWorker> =>
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
        ...own,
      },
    })
  await migrate(directory)
  let worker = await start(variables)
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
    read: async (path: string): Promise<unknown> =>
      (await fetch(`${worker.url}${path}`, { headers: { authorization: `Bearer ${token}` } })).json(),
    // Local queues forget what they hold when they are stopped, so the clock is set to when the platform looks for that.
    ring: async () => {
      const time = Date.now() + FORGOTTEN_MILLISECONDS
      await fetch(`${worker.url}/cdn-cgi/handler/scheduled?cron=*/5+*+*+*+*&time=${time}`).catch(() => undefined)
    },
    restart: async (own = variables) => {
      await worker.close()
      worker = await start(own)
    },
    close: async () => {
      github.faults.clear()
      await worker.close()
      await github.close()
    },
  }
}

/** A repository with all commits of the plan in it, and none of its pull requests. */
export async function prepare(stage: Stage, plan: Plan): Promise<World> {
  const { path } = await stage.github.createRepository({ owner: OWNER, name: NAME })
  const commits = await writeCommits(path, plan)
  await stage.github.noticePushes({ owner: OWNER, name: NAME })
  return { stage, path, commits, plan, numbers: new Map() }
}

export function pullRequestOf({ stage, numbers }: World, index: number) {
  return stage.github.pullRequest({ owner: OWNER, name: NAME, number: numbers.get(index) ?? 0 })
}

export interface World {
  readonly stage: Stage
  /** Of the bare repository. */
  readonly path: string
  readonly commits: readonly (readonly string[])[]
  readonly plan: Plan
  /** Index of the plan -> number at the forge. */
  readonly numbers: Map<number, number>
}

/** Steps of one pull request one after the other, those of others beside them. */
export async function perform(world: World, steps: readonly Step[]): Promise<void> {
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
