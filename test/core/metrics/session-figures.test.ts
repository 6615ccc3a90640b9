import { describe, expect, test } from 'vitest'
import type { AiSession } from '#core/evidence/statement.ts'
import { sessionFigures } from '#core/metrics/session-figures.ts'
import { noUsage } from '#core/session/usage.ts'

const cost = (microUsd: number | null) => ({ microUsd, unpricedModels: [], priceTable: 'prices@1' })
const model = (name: string, provider: string, microUsd: number | null) => ({
  model: name,
  provider,
  requests: 1,
  usage: { ...noUsage, output: 10, reasoning: 4 },
  cost: cost(microUsd),
})

function predicate(session: Partial<AiSession['session']>, attribution: AiSession['attribution'] = []): AiSession {
  return {
    session: {
      schema: 'stemma.session/v1',
      id: 'claude-code:1',
      agent: { id: 'claude-code', version: null },
      entrypoint: null,
      startedAt: null,
      endedAt: null,
      branches: [],
      models: [],
      usage: null,
      cost: cost(null),
      tools: [],
      files: [],
      subagents: [],
      commits: [],
      permissionModes: [],
      prompts: 0,
      eventCount: 0,
      forkedFrom: null,
      capture: 'hook',
      parse: { records: 0, malformed: 0, unrecognised: {} },
      warnings: [],
      ...session,
    },
    repository: null,
    transcript: null,
    attribution,
    redaction: { rules: 'stemma-redaction/1', redacted: {}, withheld: 0 },
    producer: { name: 'stemma', version: '1' },
    createdAt: '2026-11-20T00:00:00Z',
  }
}

const received = '2026-11-22T00:00:00Z'

describe('the figures of a session', () => {
  test('leave unknown what is not recorded', () => {
    expect(sessionFigures(predicate({}), received)).toMatchObject({
      day: '2026-11-22',
      durationSeconds: null,
      tokens: null,
      costMicroUsd: null,
    })
  })

  test('count under the day on which the session started', () => {
    const session = { startedAt: '2026-11-20T23:59:00Z', endedAt: '2026-11-21T00:01:30Z' }
    expect(sessionFigures(predicate(session), received)).toMatchObject({ day: '2026-11-20', durationSeconds: 150 })
  })

  test('claim no duration of times that contradict each other', () => {
    const session = { startedAt: '2026-11-20T12:00:00Z', endedAt: '2026-11-20T11:00:00Z' }
    expect(sessionFigures(predicate(session), received).durationSeconds).toBeNull()
  })

  test('sum a model over its providers, reasoning inside output, a missing price left out', () => {
    const models = [model('m', 'one', 5), model('m', 'two', null), model('n', 'one', null)]
    expect(sessionFigures(predicate({ models }), received).models).toEqual([
      { model: 'm', requests: 2, tokens: 20, costMicroUsd: 5 },
      { model: 'n', requests: 1, tokens: 10, costMicroUsd: null },
    ])
  })

  test('know a change by its patch id, and a merge by its commit', () => {
    const commit = {
      parents: [],
      authoredAt: '2026-11-19T01:00:00+02:00',
      subject: '',
      files: [],
      added: { ai: 1, human: 2, mixed: 3, unknown: 4 },
      removed: { ai: 0, human: 0, mixed: 0, unknown: 0 },
      sessions: [],
    }
    const commits = [
      { ...commit, commit: 'a'.repeat(40), patchId: 'p' },
      { ...commit, commit: 'b'.repeat(40), patchId: null },
    ]
    expect(sessionFigures(predicate({}, commits), received).commits).toEqual([
      expect.objectContaining({ change: 'p', day: '2026-11-18', ai: 1, unknown: 4 }),
      expect.objectContaining({ change: 'b'.repeat(40) }),
    ])
  })
})
