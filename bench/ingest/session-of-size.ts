/** A session whose text is about as large as asked, of the usual mixture: prompts, edits, commands with output. */
import type { Event } from '#core/session/event.ts'
import type { Session } from '#core/session/session.ts'
import { noUsage } from '#core/session/usage.ts'

export function sessionOfSize(id: string, bytes: number): Session {
  const events: Event[] = []
  // An edit and a command are about 1.6 kB in text.
  for (let turn = 0; turn * 1_600 < bytes; turn++) events.push(...turnOf(turn, id))
  const usage = { ...noUsage, uncachedInput: 5_000, cacheRead: 90_000, output: 4_000 }
  const cost = { microUsd: 120_000, unpricedModels: [], priceTable: 'prices@1' }
  return {
    schema: 'stemma.session/v1',
    id,
    agent: { id: 'claude-code', version: '2.1.0' },
    entrypoint: 'cli',
    startedAt: '2026-11-20T10:00:00Z',
    endedAt: '2026-11-20T10:30:00Z',
    branches: ['main'],
    models: [{ model: 'claude-opus-4-5', provider: 'anthropic', requests: 9, usage, cost }],
    usage,
    cost,
    tools: [{ tool: 'Edit', calls: 9, failures: 0, denials: 0 }],
    files: Array.from({ length: 10 }, (_, at) => ({
      path: `source/parser/part-${at}.ts`,
      edits: 2,
      linesAdded: 8,
      linesRemoved: 3,
    })),
    subagents: [],
    commits: [],
    permissionModes: ['default'],
    prompts: 1,
    eventCount: events.length,
    forkedFrom: null,
    capture: 'hook',
    parse: { records: events.length, malformed: 0, unrecognised: {} },
    warnings: [],
    events,
  }
}

function turnOf(turn: number, seed: string): readonly Event[] {
  const common = { at: '2026-11-20T10:10:00Z', thread: 'main' }
  const path = `source/parser/part-${turn % 10}.ts`
  const lines = Array.from(
    { length: 10 },
    (_, at) => `+  const value${turn}x${at} = read(input, ${hash(seed, turn * 10 + at)})`,
  )
  const callId = `call-${turn}`
  return [
    {
      ...common,
      kind: 'toolCall',
      id: `${turn}a`,
      callId,
      tool: 'Edit',
      category: 'edit',
      input: { path },
      command: null,
      paths: [path],
    },
    {
      ...common,
      kind: 'toolResult',
      id: `${turn}b`,
      callId,
      outcome: 'ok',
      exitCode: null,
      output: `The file ${path} has been updated (${hash(seed, turn)}).`,
      edits: [
        {
          path,
          kind: 'update',
          hunks: [{ oldStart: 1, oldLines: 0, newStart: 1, newLines: 10, lines }],
          userModified: null,
        },
      ],
    },
  ]
}

/** Text that no two sessions share, so that nothing is stored once for many. */
function hash(seed: string, number: number): number {
  let state = number + 1
  for (const character of seed) state = Math.imul(state ^ character.charCodeAt(0), 16_777_619)
  return state >>> 0
}
