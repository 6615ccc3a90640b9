/** Rewritten history in workerd: a branch, what landed of it, and a GitHub that tells both with their diffs. */
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, vi } from 'vitest'
import type { CommitAttribution, LineRange } from '#core/attribution/attribution.ts'
import { digestLines, LineKey } from '#core/attribution/line-digests.ts'
import { joinDigests } from '#core/attribution/merged-attribution.ts'
import { patchIdOf } from '#core/attribution/patch-id.ts'
import { fromBase64, utf8 } from '#core/evidence/bytes.ts'
import { onIndex } from '#queues/index.ts'
import {
  createOrganisation,
  type Machine,
  pushEvidence,
  request,
  smallCommit,
  smallSession,
  type TestOrganisation,
} from '#test/workerd/organisation.ts'
import { findPullRequest } from '#worker/store/pull-requests.ts'
import { json, type ScriptedGitHub, scriptGitHub } from './github.ts'
import { commentsOf, database, holdQueue, openObject, repository, shaOf } from './opened-pull-request.ts'

let next = 500

export interface ScriptedCommit {
  readonly sha: string
  readonly diff: string
  readonly parents?: readonly string[]
}

export interface RewrittenWorld {
  github: ScriptedGitHub
  organisation: TestOrganisation
  commits: readonly ScriptedCommit[]
  /** Commits of the base branch. */
  landed: readonly ScriptedCommit[]
  merged: { readonly merge_commit_sha: string; readonly merged_at: string } | null
}

/** Of the test that runs. */
export let world: RewrittenWorld

/** For the file that calls it. */
export function freshForEachTest(): void {
  beforeEach(async () => {
    world = await createRewrittenWorld()
  })
  afterEach(() => {
    vi.restoreAllMocks()
  })
}

async function createRewrittenWorld(): Promise<RewrittenWorld> {
  const github = scriptGitHub()
  holdQueue()
  const created: RewrittenWorld = {
    github,
    organisation: await createOrganisation(`rewriters ${next}`),
    commits: [],
    landed: [],
    merged: null,
  }
  const shape = ({ sha, parents = [shaOf('0')] }: ScriptedCommit) => ({
    sha,
    parents: parents.map((parent) => ({ sha: parent })),
    commit: { message: `commit ${sha[0]}`, author: { date: '2026-11-22T09:00:00Z' } },
    author: { login: 'ada' },
  })
  github.answer(({ method, path }) => {
    if (method !== 'GET') return null
    const { commits, landed, merged } = created
    if (/\/pulls\/\d+\/commits/.test(path)) return json(commits.map(shape))
    const asked = /\/commits\/([0-9a-f]{40})(\?|$)/.exec(path)
    const commit = [...commits, ...landed].find(({ sha }) => sha === asked?.[1])
    if (commit !== undefined) return asked?.[2] === '?' ? json(shape(commit)) : new Response(commit.diff)
    if (!/\/pulls\/\d+$/.test(path)) return null
    return json({
      number: Number(/(\d+)$/.exec(path)?.[1]),
      title: 'A change',
      user: { login: 'ada' },
      head: { sha: commits.at(-1)?.sha, ref: 'feature' },
      base: { sha: shaOf('0') },
      state: merged === null ? 'open' : 'closed',
      merged_at: null,
      updated_at: merged?.merged_at ?? '2026-11-22T10:00:00Z',
      ...merged,
    })
  })
  return created
}

export async function openPull({ organisation }: RewrittenWorld) {
  next += 1
  const [number, installation] = [next, 5_000 + next]
  const one = await openObject(organisation, { number, installation })
  const turn = async () => {
    await one.observe({ kind: 'pull-request', installation, repository, number, action: 'synchronize' })
    await one.turn()
    return (await findPullRequest(organisation.id, database, one.key))?.report
  }
  return { ...one, turn, comment: async () => (await commentsOf(one)).at(-1) }
}

/** Adds the lines to a file at a line; the lines before it do not show. */
export function diffOf(lines: readonly string[], { path = 'src/parser.ts', start = 1 } = {}): string {
  const added = lines.map((line) => `+${line}\n`).join('')
  return `diff --git a/${path} b/${path}\n--- a/${path}\n+++ b/${path}\n@@ -${start - 1},0 +${start},${lines.length} @@\n${added}`
}

const range = (start: number, end: number, session: string | null): LineRange =>
  session === null
    ? { start, end, class: 'human', session, model: null, confidence: 'snapshot' }
    : { start, end, class: 'ai', session, model: 'claude-opus-4-5', confidence: 'both' }

export async function giveEvidence(
  { organisation }: RewrittenWorld,
  sha: string,
  lines: readonly string[],
  { machine = organisation.machine, session = `claude-code:of-${sha[0]}-${next}`, hasDigests = false } = {},
) {
  const counts = { ai: lines.length, human: 0, mixed: 0, unknown: 0 }
  const none = { ai: 0, human: 0, mixed: 0, unknown: 0 }
  const attribution: CommitAttribution = smallCommit(sha, session, {
    patchId: await patchIdOf(utf8(diffOf(lines))),
    added: counts,
    files: [
      {
        path: 'src/parser.ts',
        status: 'modified',
        binary: false,
        ranges: [range(1, lines.length, session)],
        added: counts,
        removed: none,
      },
    ],
  })
  const key = hasDigests ? await lineKey(machine) : null
  const files = key === null ? [] : [joinDigests(await digestLines(lines, key.bytes))]
  const { id } = await pushEvidence(machine, {
    session: smallSession({ id: session }),
    attribution: [attribution],
    predicate: {
      repository,
      ...(key === null
        ? {}
        : { lineDigests: { algorithm: 'hmac-sha256-64' as const, key: key.id, commits: [{ commit: sha, files }] } }),
    },
  })
  await onIndex({ type: 'index', organisation: organisation.id, evidenceId: id }, env)
  return { id, session }
}

export async function lineKey(machine: Machine) {
  const { id, key } = LineKey.parse(await (await request('/v1/line-key', { token: machine.token })).json())
  return { id, bytes: fromBase64(key) ?? new Uint8Array() }
}

/** Three lines of one file. */
export const code = ['const first = read(input)', 'if (first === null) return []', 'return parse(first)']
