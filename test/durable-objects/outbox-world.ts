/** Outboxes in workerd: bodies to put in, and turns that come when the test says so. */
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, vi } from 'vitest'
import type { CheckRun } from '#core/ports.ts'
import type { GitHubOutbox } from '#objects/github-outbox.ts'
import { NEVER, type Write } from '#objects/outbox-storage.ts'
import { connection } from '#test/workerd/github-app.ts'
import { json, type ScriptedGitHub, scriptGitHub } from './github.ts'

export const HEAD = 'a'.repeat(40)

const runOf = (run: Partial<CheckRun> = {}): CheckRun => ({
  name: 'Stemma',
  head: HEAD,
  status: 'completed',
  conclusion: 'success',
  title: 'title',
  summary: 'summary',
  text: null,
  annotations: [],
  detailsUrl: 'https://stemma.example/x',
  ...run,
})

export const check = (run: Partial<CheckRun> = {}, isNew = false): Write => ({
  kind: 'check',
  repository: 'octo/widgets',
  run: { ...runOf(run), annotations: [...(run.annotations ?? [])] },
  isNew,
})

export const comment = (body: string, number = 7): Write => ({
  kind: 'comment',
  repository: 'octo/widgets',
  number,
  marker: '<!-- stemma -->',
  body,
})

/** Of the test that runs. */
export let github: ScriptedGitHub

/** For the file that calls it. */
export function freshForEachTest(): void {
  beforeEach(() => {
    github = scriptGitHub()
  })
  afterEach(() => {
    vi.restoreAllMocks()
  })
}

let next = 1

/** An outbox of its own for each test, whose alarms fire only when the test says so. */
export async function openOutbox(installation = next++) {
  const stub = env.GITHUB_OUTBOX.getByName(String(installation))
  const within = <T>(work: (object: GitHubOutbox, state: DurableObjectState) => T | Promise<T>) =>
    runInDurableObject(stub, work)
  await within((object) => {
    Object.assign(object, {
      env: { ...env, ...connection, GITHUB_WRITE_INTERVAL_MS: '60000' },
    })
  })
  /** Puts without letting the alarm come by itself. */
  const put = (write: Write) =>
    within(async (object, state) => {
      await object.put(write)
      await state.storage.deleteAlarm()
    })
  /** One turn, as though every waiting time had passed. */
  const turn = async () => {
    await within((_, state) => {
      state.storage.sql.exec('UPDATE waiting SET due_at = 0 WHERE due_at < ?', NEVER)
      state.storage.sql.exec('DELETE FROM pause')
      return state.storage.setAlarm(Date.now() + 3_600_000)
    })
    await runDurableObjectAlarm(stub)
  }
  const plannedAt = () => within((_, state) => state.storage.getAlarm())
  return { stub, within, put, turn, plannedAt }
}

/** GitHub as it is when all is well: creates, updates, and knows the comments that it was given. */
export function friendly(): void {
  let id = 100
  const comments = new Map<number, string>()
  github.answer(({ method, path, body }) => {
    const text = typeof body === 'object' && body !== null && 'body' in body ? String(body.body) : ''
    if (path.endsWith('/access_tokens')) return null
    const known = Number(/\/comments\/(\d+)$/.exec(path)?.[1])
    if (method === 'GET' && known > 0)
      return json({ id: known, body: comments.get(known), performed_via_github_app: { id: 42 } })
    if (method === 'GET' && path.includes('/check-runs?')) return json({ check_runs: [] })
    if (method === 'GET') return json([])
    if (method === 'PATCH') {
      if (known > 0) comments.set(known, text)
      return json({ id: Number(/(\d+)$/.exec(path)?.[1]) })
    }
    id++
    if (path.endsWith('/comments')) comments.set(id, text)
    return json({ id }, 201)
  })
}
