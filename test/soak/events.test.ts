/** What people do to pull requests, on the whole platform: each ends with one check and one comment for the newest head. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { git } from '../fake-github/git/run.ts'
import { attributionOf, sessionOf } from './session.ts'
import { openStage, type Stage } from './stage.ts'

const shop = { owner: 'soak', name: 'shop' }
const author = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com']

let directory: string
let stage: Stage
let path: string
let next = 0

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'stemma-events-'))
  stage = await openStage(directory, { GITHUB_WRITE_INTERVAL_MS: '0', PULL_REQUEST_DEBOUNCE_MS: '100' })
  ;({ path } = await stage.github.createRepository(shop))
  await commit('main', [], { 'README.md': 'start\n' })
  await stage.github.noticePushes(shop)
})
afterAll(async () => {
  await stage?.close()
  rmSync(directory, { recursive: true, force: true })
})

/** A commit on the branch, without a work tree: the files beside those of its parent. */
async function commit(branch: string, parents: readonly string[], files: Readonly<Record<string, string>>) {
  const [parent] = parents
  const entries = parent === undefined ? '' : await git(path, ['ls-tree', parent])
  const added: string[] = []
  for (const [name, text] of Object.entries(files)) {
    const blob = await git(path, ['hash-object', '-w', '--stdin'], { stdin: text })
    added.push(`100644 blob ${blob.trim()}\t${name}`)
  }
  const kept = entries.split('\n').filter((line) => line !== '' && !Object.hasOwn(files, line.split('\t')[1] ?? ''))
  const tree = await git(path, ['mktree'], { stdin: `${[...kept, ...added].join('\n')}\n` })
  const from = parents.flatMap((one) => ['-p', one])
  const sha = (await git(path, [...author, 'commit-tree', tree.trim(), ...from, '-m', `Change ${branch}`])).trim()
  await git(path, ['update-ref', `refs/heads/${branch}`, sha])
  return sha
}

const lines = (pull: number) =>
  Array.from({ length: 10 }, (_, line) => `export const value${line} = '${pull} 0 ${line}'\n`).join('')

/** A branch of one commit with a file of ten lines, which the evidence gives to an agent. */
async function branch(name = `change-${next}`) {
  const pull = next++
  const main = (await git(path, ['rev-parse', 'refs/heads/main'])).trim()
  const sha = await commit(name, [main], { [`part-${pull}-0.ts`]: lines(pull) })
  await stage.github.noticePushes(shop)
  return { pull, name, sha, main }
}

async function patchId(sha: string): Promise<string> {
  const patch = await git(path, ['diff-tree', '-p', '--root', sha])
  const [id = ''] = (await git(path, ['patch-id', '--stable'], { stdin: patch })).split(' ')
  return id
}

async function witness({ pull, sha, main }: Awaited<ReturnType<typeof branch>>): Promise<string> {
  const written = { pull, at: 0, commit: sha, parent: main, breaksRules: false }
  const session = sessionOf(written)
  const told = attributionOf(written)
  const files = told.files.map((file) => ({ ...file, path: `part-${pull}-0.ts` }))
  const attribution = { ...told, files, patchId: await patchId(sha) }
  await stage.machine.send(session, [attribution], 'soak/shop')
  return session.id
}

const open = async (head: string, more: object = {}) =>
  stage.github.createPullRequest({ ...shop, title: `Change ${head}`, head, ...more })

const numbered = ({ number }: { readonly number: number }) => ({ ...shop, number })
const runsAt = (sha: string) => stage.github.state.checkRuns.filter(({ headSha }) => headSha === sha)
const commentsOn = (number: number) => stage.github.state.comments.filter((one) => one.issueNumber === number)

async function completes(sha: string, count = 1): Promise<void> {
  const isDone = () => runsAt(sha).length >= count && runsAt(sha).every(({ status }) => status === 'completed')
  await expect.poll(isDone, { timeout: 120_000, interval: 50 }).toBe(true)
  await stage.github.settled()
  expect(runsAt(sha)).toHaveLength(count)
}

/** Under which names the platform lists pull requests. */
async function namesKnown(): Promise<readonly string[]> {
  const { items } = (await stage.read('/v1/pull-requests?limit=100')) as { items: { readonly repository: string }[] }
  return [...new Set(items.map(({ repository }) => repository))]
}

const says = (number: number, word: string) =>
  expect.poll(() => commentsOn(number).at(-1)?.body ?? '', { timeout: 120_000, interval: 50 }).toContain(word)

test('draft, ready, edited, another base, closed, reopened, in doubles: one check, one comment', async () => {
  const { github } = stage
  const change = await branch()
  await witness(change)
  await git(path, ['update-ref', 'refs/heads/release', change.main])
  await github.noticePushes(shop)
  github.faults.injectDelivery({ kind: 'duplicate', on: 'pull_request.ready_for_review' })
  github.faults.injectDelivery({ kind: 'drop', on: 'pull_request.edited' })
  const pull = await open(change.name, { draft: true })
  const its = numbered(pull)
  await completes(change.sha)
  await says(pull.number, change.sha.slice(0, 7))
  await github.updatePullRequest({ ...its, isDraft: false })
  await github.updatePullRequest({ ...its, title: 'Another title', base: 'release' })
  await github.updatePullRequest({ ...its, state: 'closed' })
  await github.updatePullRequest({ ...its, state: 'open' })
  // A push after all of it: what came before is worked off when this is.
  const later = await commit(change.name, [change.sha], { 'more.txt': 'more\n' })
  await github.noticePushes(shop)
  await completes(later)
  await says(pull.number, later.slice(0, 7))
  expect(runsAt(change.sha)).toHaveLength(1)
  expect(commentsOn(pull.number)).toHaveLength(1)
})

test('a force push, a cherry-pick and a backport keep their session, by the patch', async () => {
  const { github } = stage
  const change = await branch()
  const session = (await witness(change)).split(':')[1] ?? ''
  const pull = await open(change.name)
  await says(pull.number, session)
  // The same change on another parent, under the same branch: history was rewritten.
  const base = await commit('main', [change.main], { 'elsewhere.txt': 'x\n' })
  const rewritten = await commit(change.name, [base], { [`part-${change.pull}-0.ts`]: lines(change.pull) })
  await github.noticePushes(shop)
  await completes(rewritten)
  await says(pull.number, rewritten.slice(0, 7))
  expect(commentsOn(pull.number)[0]?.body).toContain('by the same patch')
  // A backport: the same change for a branch of its own.
  await git(path, ['update-ref', 'refs/heads/old', change.main])
  const picked = await commit('backport', [change.main], {
    [`part-${change.pull}-0.ts`]: lines(change.pull),
  })
  await github.noticePushes(shop)
  const backport = await open('backport', { base: 'old' })
  await completes(picked)
  await says(backport.number, session)
})

test('a fork, whose evidence comes late, and the buttons of its check, one of them in doubles', async () => {
  const { github } = stage
  const fork = { owner: 'mallory', name: 'shop' }
  const { path: forked } = await github.createRepository({ ...fork, forkOf: shop })
  const change = await branch(`fork-${next}`)
  await git(forked, ['fetch', '--quiet', path, `refs/heads/${change.name}:refs/heads/${change.name}`])
  await github.noticePushes(fork)
  const pull = await open(change.name, { headRepository: fork, author: 'mallory' })
  await completes(change.sha)
  expect(commentsOn(pull.number)).toEqual([])
  const session = (await witness(change)).split(':')[1] ?? ''
  await says(pull.number, session)
  const [run] = runsAt(change.sha)
  github.rerequestCheckRun(run?.id ?? 0)
  await completes(change.sha, 2)
  github.faults.injectDelivery({ kind: 'duplicate', on: 'check_run.requested_action' })
  const offering = runsAt(change.sha).find(({ actions }) => actions.length > 0)
  expect(offering?.actions).toMatchObject([{ identifier: 'evaluate' }])
  github.requestAction(offering?.id ?? 0, 'evaluate')
  await completes(change.sha, 3)
  expect(commentsOn(pull.number)).toHaveLength(1)
})

test('a merge queue that writes history anew has the verdict on its own commit, and merges', async () => {
  const { github } = stage
  const change = await branch()
  await witness(change)
  const pull = await open(change.name)
  await completes(change.sha)
  github.requireChecks(shop, [{ context: 'Stemma', integrationId: runsAt(change.sha)[0]?.appId ?? 0 }])
  await commit('main', [(await git(path, ['rev-parse', 'refs/heads/main'])).trim()], { 'third.txt': 'x\n' })
  await github.noticePushes(shop)
  const group = await github.queuePullRequest(numbered(pull))
  expect(group.headSha).not.toBe(change.sha)
  await completes(group.headSha)
  expect(runsAt(group.headSha)).toMatchObject([{ conclusion: runsAt(change.sha)[0]?.conclusion }])
  await github.mergeQueued({ ...shop, group })
  expect(github.pullRequest(numbered(pull)).mergedAt).not.toBeNull()
  github.requireChecks(shop, [])
})

test('a repository of another name goes on with the check and the comment that it has', async () => {
  const { github } = stage
  const change = await branch()
  await witness(change)
  const pull = await open(change.name)
  await completes(change.sha)
  await says(pull.number, change.sha.slice(0, 7))
  github.renameRepository({ ...shop, to: 'boutique' })
  await github.settled()
  const later = await commit(change.name, [change.sha], { 'later.txt': 'x\n' })
  await github.noticePushes({ ...shop, name: 'boutique' })
  await completes(later)
  await says(pull.number, later.slice(0, 7))
  // Once more, and nobody tells: the next event of the repository bears its id.
  github.faults.injectDelivery({ kind: 'drop', on: 'repository.renamed' })
  github.renameRepository({ ...shop, name: 'boutique', to: 'atelier' })
  const last = await commit(change.name, [later], { 'last.txt': 'x\n' })
  await github.noticePushes({ ...shop, name: 'atelier' })
  await completes(last)
  await says(pull.number, last.slice(0, 7))
  await expect.poll(namesKnown, { timeout: 120_000, interval: 200 }).toEqual(['soak/atelier'])
  // And without any event: GitHub's answer to the former name tells, when evidence comes late.
  const silent = await commit('silent', [last], { [`part-${next}-0.ts`]: lines(next) })
  github.faults.injectDelivery({ kind: 'drop', on: 'repository.renamed' })
  await github.noticePushes({ ...shop, name: 'atelier' })
  const late = await github.createPullRequest({ ...shop, name: 'atelier', title: 'Silent', head: 'silent' })
  await completes(silent)
  github.renameRepository({ ...shop, name: 'atelier', to: 'shop' })
  const session = (await witness({ pull: next++, name: 'silent', sha: silent, main: last })).split(':')[1] ?? ''
  await says(late.number, session)
  await expect.poll(namesKnown, { timeout: 120_000, interval: 200 }).toEqual(['soak/shop'])
  expect(commentsOn(pull.number)).toHaveLength(1)
})

test('and GitHub was never asked, nor did it answer, against its own description', () => {
  stage.github.assertNoViolations()
})
