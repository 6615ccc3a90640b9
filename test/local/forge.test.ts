/** Pull requests on the whole platform, with a GitHub that repeats, loses, limits and fails. */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Platform, startPlatform } from './platform.ts'
import { silentProgress as progress } from './progress.ts'

/** Two busy cores need about 20 s for the platform. */
const PATIENCE = 180_000
const run = promisify(execFile)
const name = { owner: 'example', name: 'widgets' }

let directory: string
let clone: string
let platform: Platform
let number: number

/** Not synchronously: git talks to a server in this very process. */
async function git(...parameters: string[]): Promise<string> {
  const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com']
  const { stdout } = await run('git', [...identity, ...parameters], { cwd: clone, timeout: 30_000 })
  return stdout.trim()
}

async function commit(file: string): Promise<string> {
  writeFileSync(join(clone, file), `${file}\n`)
  await git('add', '-A')
  await git('commit', '-q', '-m', `Add ${file}`)
  await git('push', '-q', 'origin', 'HEAD')
  return git('rev-parse', 'HEAD')
}

const runsOf = (head: string) => platform.github.state.checkRuns.filter(({ headSha }) => headSha === head)

async function completes(head: string, count = 1): Promise<void> {
  const isDone = () => runsOf(head).length >= count && runsOf(head).every(({ status }) => status === 'completed')
  await expect.poll(isDone, { timeout: 60_000, interval: 50 }).toBe(true)
  expect(runsOf(head)).toHaveLength(count)
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'stemma-forge-'))
  clone = join(directory, 'clone')
  mkdirSync(clone)
  platform = await startPlatform({
    directory,
    port: null,
    organisation: 'Example',
    debounceMilliseconds: 100,
    progress,
  })
  await platform.github.createRepository(name)
  await git('init', '-q', '-b', 'main')
  await git('remote', 'add', 'origin', platform.github.remote(name.owner, name.name))
  await commit('first.txt')
  await git('checkout', '-q', '-b', 'feature')
}, PATIENCE)

afterAll(async () => {
  await platform?.close()
  rmSync(directory, { recursive: true, force: true })
}, PATIENCE)

test('a pull request without sessions gets its check and no comment', { timeout: PATIENCE }, async () => {
  const head = await commit('second.txt')
  const pull = await platform.github.createPullRequest({ ...name, title: 'More', head: 'feature', base: 'main' })
  number = pull.number
  await completes(head)
  expect(runsOf(head)).toMatchObject([{ name: 'Stemma', conclusion: 'success' }])
  expect(platform.github.state.comments).toEqual([])
})

test('lost answers, limits and repeated events end in one completed check', { timeout: PATIENCE }, async () => {
  const { faults } = platform.github
  faults.inject({ kind: 'status', status: 502, on: 'POST /repos/*/*/check-runs', when: 'after' })
  faults.inject({ kind: 'secondary-rate-limit', retryAfterSeconds: 1, on: 'PATCH /repos/*/*/check-runs/*' })
  faults.inject({ kind: 'reset', on: 'GET /repos/*/*/pulls/*/commits' })
  faults.injectDelivery({ kind: 'duplicate', on: 'pull_request.synchronize' })
  await completes(await commit('third.txt'))
})

test('a delivery that was lost is asked for again by the clock', { timeout: PATIENCE }, async () => {
  const { faults } = platform.github
  faults.injectDelivery({ kind: 'drop', on: 'pull_request.synchronize' })
  faults.injectDelivery({ kind: 'drop', on: 'push' })
  const head = await commit('fourth.txt')
  await platform.github.settled()
  expect(runsOf(head)).toEqual([])
  await fetch(`${platform.url}/cdn-cgi/handler/scheduled?cron=${encodeURIComponent('*/5 * * * *')}`)
  await completes(head)
})

test('"Re-run" gives a second run; a commit of the merge queue gets the verdict', { timeout: PATIENCE }, async () => {
  const { head } = platform.github.pullRequest({ ...name, number })
  const [first] = runsOf(head.sha)
  platform.github.rerequestCheckRun(first?.id ?? 0)
  await completes(head.sha, 2)

  platform.github.requireChecks(name, [{ context: 'Stemma', integrationId: first?.appId ?? 0 }])
  const group = await platform.github.queuePullRequest({ ...name, number })
  await completes(group.headSha)
  await platform.github.mergeQueued({ ...name, group })
  const state = async () => {
    const { pullRequest } = (await platform.ask(`/v1/pull-requests/example/widgets/${number}`)) as {
      pullRequest: { state: string }
    }
    return pullRequest.state
  }
  await expect.poll(state, { timeout: 30_000 }).toBe('merged')
})

test('and GitHub was never asked, nor did it answer, against its own description', () => {
  platform.github.assertNoViolations()
})

test('a person signs in by entering the code that `stemma login` shows at the local GitHub', {
  timeout: PATIENCE,
}, async () => {
  const home = join(directory, 'home-of-a-person')
  mkdirSync(home)
  const program = join(import.meta.dirname, '..', '..', 'cli', 'stemma')
  const environment = { PATH: process.env['PATH'], HOME: home, GIT_CONFIG_NOSYSTEM: '1', NO_COLOR: '1' }
  const login = run(program, ['login', '--server', platform.url], { cwd: home, env: environment, timeout: PATIENCE })
  const said = new Promise<string>((settle) => {
    let text = ''
    login.child.stderr?.on('data', (part: Buffer) => {
      text += part.toString()
      if (/code \S+\n/.test(text)) settle(text)
    })
  })
  const [, address = '', code = ''] =
    /Open (\S+) and enter the code (\S+)/.exec(await Promise.race([said, login.then(String)])) ?? []
  expect(address).toBe(`${platform.github.url}/login/device`)
  expect(await (await fetch(address)).text()).toContain('Enter the code')
  const enter = (values: Readonly<Record<string, string>>, headers = {}) =>
    fetch(address, {
      method: 'POST',
      headers,
      body: new URLSearchParams({ code, login: 'grace', do: 'approve', ...values }),
    })
  expect((await enter({}, { origin: 'https://evil.example' })).status).toBe(403)
  expect((await enter({ code: 'WDJB-9999' })).status).toBe(422)
  expect((await enter({ login: '../x' })).status).toBe(422)
  expect(await (await enter({})).text()).toContain('you are grace')
  expect((await login).stdout).toMatch(/^✓ key \S+ enrolled · .+ · grace\n$/)
  const { items } = (await platform.ask('/v1/keys')) as { items: { person: { name: string } }[] }
  expect(items.map(({ person }) => person.name)).toContain('grace')
})
