/** A small session that wrote one commit of a pull request, by the rules or against them. */
import type { CommitAttribution } from '#core/attribution/attribution.ts'
import type { Event } from '#core/session/event.ts'
import type { Session } from '#core/session/session.ts'
import { noUsage } from '#core/session/usage.ts'

interface Written {
  readonly pull: number
  readonly at: number
  readonly commit: string
  readonly parent: string
  readonly breaksRules: boolean
}

export function sessionOf({ pull, at, breaksRules }: Written): Session {
  const path = `source/${pull}/part-${at}.ts`
  const lines = Array.from({ length: 10 }, (_, line) => `+export const value${line} = '${pull} ${at} ${line}'`)
  const common = { at: '2026-11-20T10:10:00Z', thread: 'main' }
  const call = (id: string, rest: Pick<Event & { kind: 'toolCall' }, 'tool' | 'category' | 'command' | 'paths'>) => ({
    ...common,
    kind: 'toolCall' as const,
    id,
    callId: id,
    input: {},
    ...rest,
  })
  const result = (id: string, edits: (Event & { kind: 'toolResult' })['edits']) => ({
    ...common,
    kind: 'toolResult' as const,
    id: `${id}r`,
    callId: id,
    outcome: 'ok' as const,
    exitCode: 0,
    output: '',
    edits,
  })
  const command = breaksRules ? 'git commit --no-verify -m x' : 'npm test'
  const hunk = { oldStart: 0, oldLines: 0, newStart: 1, newLines: 10, lines }
  const events: Event[] = [
    { ...common, kind: 'prompt', id: 'p', text: 'Write the next part.' },
    call('e', { tool: 'Write', category: 'edit', command: null, paths: [path] }),
    result('e', [{ path, kind: 'create', hunks: [hunk], userModified: null }]),
    call('s', { tool: 'Bash', category: 'shell', command, paths: [] }),
    result('s', []),
  ]
  const usage = { ...noUsage, uncachedInput: 500, output: 400 }
  const cost = { microUsd: 12_000, unpricedModels: [], priceTable: 'prices@1' }
  return {
    schema: 'stemma.session/v1',
    id: `claude-code:${pull}-${at}`,
    agent: { id: 'claude-code', version: '2.1.328' },
    entrypoint: 'cli',
    startedAt: '2026-11-20T10:00:00Z',
    endedAt: '2026-11-20T10:30:00Z',
    branches: [],
    models: [{ model: 'claude-opus-4-5', provider: 'anthropic', requests: 1, usage, cost }],
    usage,
    cost,
    tools: [],
    files: [{ path, edits: 1, linesAdded: 10, linesRemoved: 0 }],
    subagents: [],
    commits: [],
    permissionModes: ['default'],
    prompts: 1,
    eventCount: events.length,
    forkedFrom: null,
    capture: 'both',
    parse: { records: events.length, malformed: 0, unrecognised: {} },
    warnings: [],
    events,
  }
}

export function attributionOf({ pull, at, commit, parent }: Written): CommitAttribution {
  const session = `claude-code:${pull}-${at}`
  const added = { ai: 10, human: 0, mixed: 0, unknown: 0 }
  const removed = { ai: 0, human: 0, mixed: 0, unknown: 0 }
  const range = { start: 1, end: 10, class: 'ai', session, model: 'claude-opus-4-5', confidence: 'both' } as const
  const path = `source/${pull}/part-${at}.ts`
  return {
    commit,
    parents: [parent],
    authoredAt: '2026-11-20T10:20:00Z',
    subject: `Change ${pull}, part ${at}`,
    patchId: null,
    files: [{ path, status: 'added', binary: false, ranges: [range], added, removed }],
    added,
    removed,
    sessions: [session],
  }
}
