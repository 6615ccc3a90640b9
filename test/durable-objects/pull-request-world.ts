/** Pull requests in workerd: a scripted GitHub that tells of one of them, an organisation, and its evidence. */
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, vi } from 'vitest'
import { onEvaluate } from '#queues/evaluate.ts'
import { onIndex } from '#queues/index.ts'
import {
  createOrganisation,
  pushEvidence,
  smallCommit,
  smallSession,
  type TestOrganisation,
} from '#test/workerd/organisation.ts'
import type { ForgeEvent } from '#worker/github/payload.ts'
import { json, type ScriptedGitHub, scriptGitHub } from './github.ts'
import { holdQueue, openObject, repository, shaOf } from './opened-pull-request.ts'

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

export interface World {
  github: ScriptedGitHub
  /** What GitHub says of every pull request of the test. */
  pull: Pull
  organisation: TestOrganisation
}

/** Of the test that runs. */
export let world: World

/** For the file that calls it. */
export function freshForEachTest(): void {
  beforeEach(async () => {
    world = await createWorld()
  })
  afterEach(() => {
    vi.restoreAllMocks()
  })
}

async function createWorld(): Promise<World> {
  const github = scriptGitHub()
  holdQueue()
  const created: World = {
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
    const { head, commits, ...rest } = created.pull
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
  return created
}

/** A pull request of its own, told to its object as the forge would tell it. */
export async function openPull({ organisation }: World, number = next++) {
  const installation = 1_000 + number
  const one = await openObject(organisation, { number, installation })
  const opened: ForgeEvent = { kind: 'pull-request', installation, repository, number, action: 'opened' }
  return { ...one, observe: (event: ForgeEvent = opened) => one.observe(event) }
}

export type OpenPull = Awaited<ReturnType<typeof openPull>>

export async function checksOf(one: OpenPull, head: string) {
  return (await one.handed()).flatMap((write) => (write.kind === 'check' && write.run.head === head ? [write.run] : []))
}

export async function checkOf(one: OpenPull, head: string) {
  return (await checksOf(one, head)).find(({ name }) => name === 'Stemma')
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
