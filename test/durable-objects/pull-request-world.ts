/** Pull requests in workerd: a scripted GitHub, one organisation, and objects whose alarm rings when the test says so. */
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { vi } from 'vitest'
import { Write } from '#objects/outbox-storage.ts'
import { onEvaluate } from '#queues/evaluate.ts'
import { onIndex } from '#queues/index.ts'
import { connection } from '#test/workerd/github-app.ts'
import {
  createOrganisation,
  pushEvidence,
  smallCommit,
  smallSession,
  type TestOrganisation,
} from '#test/workerd/organisation.ts'
import type { ForgeEvent } from '#worker/github/payload.ts'
import { openDatabase } from '#worker/store/database.ts'
import { pullRequestName } from '#worker/store/pull-requests.ts'
import { json, type ScriptedGitHub, scriptGitHub } from './github.ts'

export const repository = 'octo/widgets'
export const shaOf = (digit: string) => digit.repeat(40)

export interface Pull {
  head: string
  commits: string[]
  state: 'open' | 'closed'
  merged_at: string | null
  updated_at: string
}

/** Another patch for each commit. */
function fiveLines(path: string): string {
  const lines = Array.from({ length: 5 }, (_, at) => `+line ${at} of ${path.slice(-40)}\n`).join('')
  return `diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -0,0 +1,5 @@\n${lines}`
}

let next = 1
export const database = openDatabase(env.DB)

export interface World {
  github: ScriptedGitHub
  /** What GitHub says of every pull request of the test. */
  pull: Pull
  organisation: TestOrganisation
}

/** Another one for each test; the tests say themselves when evidence is indexed and evaluated. */
export async function createWorld(): Promise<World> {
  const github = scriptGitHub()
  vi.spyOn(env.JOBS, 'send').mockImplementation(async () => ({
    metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } },
  }))
  const world: World = {
    github,
    pull: {
      head: shaOf('a'),
      commits: [shaOf('a')],
      state: 'open',
      merged_at: null,
      updated_at: '2026-11-22T10:00:00Z',
    },
    organisation: await createOrganisation(`organisation ${next}`),
  }
  github.answer(({ method, path }) => {
    if (method !== 'GET') return null
    const { head, commits, ...rest } = world.pull
    if (/\/pulls\/\d+\/commits/.test(path)) {
      return json(
        commits.map((sha) => ({
          sha,
          parents: [],
          commit: { message: `commit ${sha[0]}` },
          author: { login: 'ada' },
        })),
      )
    }
    if (/\/commits\/[0-9a-f]{40}$/.test(path)) return new Response(fiveLines(path))
    if (!/\/pulls\/\d+$/.test(path)) return null
    return json({
      number: Number(/(\d+)$/.exec(path)?.[1]),
      title: 'A change',
      user: { login: 'ada' },
      head: { sha: head, ref: 'feature' },
      base: { sha: shaOf('0') },
      ...rest,
    })
  })
  return world
}

/** A pull request of its own, whose alarm comes only when the test says so, and what it hands to its outbox. */
export async function openPull({ organisation }: World, number = next++) {
  const installation = 1_000 + number
  const key = { repository, number }
  const subject = { organisation: organisation.id, installation, ...key }
  const stub = env.PULL_REQUEST.getByName(pullRequestName(organisation.id, key))
  const outbox = env.GITHUB_OUTBOX.getByName(String(installation))
  const prepare = () =>
    runInDurableObject(stub, (object) => {
      Object.assign(object, {
        env: { ...env, ...connection, PULL_REQUEST_DEBOUNCE_MS: '3600000' },
      })
    })
  await prepare()
  const event = (action: Extract<ForgeEvent, { kind: 'pull-request' }>['action'] = 'opened'): ForgeEvent => ({
    kind: 'pull-request',
    installation,
    repository,
    number,
    action,
  })
  return {
    number,
    installation,
    key,
    stub,
    prepare,
    observe: (what: ForgeEvent = event()) => stub.observe(subject, what),
    turn: () => runDurableObjectAlarm(stub),
    /** The newest body under each key, in order of arrival; the outbox is not connected, so that all stay. */
    handed: () =>
      runInDurableObject(outbox, (_, state) =>
        [...state.storage.sql.exec('SELECT body FROM waiting ORDER BY rowid').raw<[string]>()].map(([body]) =>
          Write.parse(JSON.parse(body)),
        ),
      ),
    plannedAt: () => runInDurableObject(stub, (_, state) => state.storage.getAlarm()),
  }
}

export type OpenPull = Awaited<ReturnType<typeof openPull>>

export async function checksOf(one: OpenPull, head: string) {
  return (await one.handed()).flatMap((write) => (write.kind === 'check' && write.run.head === head ? [write.run] : []))
}

export async function checkOf(one: OpenPull, head: string) {
  return (await checksOf(one, head)).find(({ name }) => name === 'Stemma')
}

export async function commentsOf(one: OpenPull) {
  return (await one.handed()).flatMap((write) => (write.kind === 'comment' ? [write.body] : []))
}

interface Given {
  readonly isEvaluated?: boolean
  /** Repository that the evidence names. */
  readonly named?: string
  readonly change?: Parameters<typeof smallSession>[0]
}

/** Evidence for the commit, indexed and, unless told otherwise, judged by the contract in force. */
export async function giveEvidence(
  { organisation }: World,
  commit: string,
  { isEvaluated = true, named = repository, change = {} }: Given = {},
) {
  const session = smallSession({ id: `claude-code:session-${next}-${commit[0]}`, ...change })
  const { id } = await pushEvidence(organisation.machine, {
    session,
    attribution: [smallCommit(commit, session.id)],
    predicate: { repository: named },
  })
  const message = { organisation: organisation.id, evidenceId: id }
  const evaluate = () => onEvaluate({ type: 'evaluate', ...message }, env)
  await onIndex({ type: 'index', ...message }, env)
  await evaluate()
  // As after a new contract, whose verdicts are still to come.
  if (!isEvaluated) await env.DB.prepare('DELETE FROM verdicts WHERE evidence_id = ?').bind(id).run()
  return { id, session, evaluate }
}
