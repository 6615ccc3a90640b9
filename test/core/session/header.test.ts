import { describe, expect, test } from 'vitest'
import { summarise } from '#core/session/header.ts'
import { costOf, PRICE_TABLE, priceOf, providerOf } from '#core/session/prices.ts'
import { noUsage } from '#core/session/usage.ts'
import packages from '../../../package.json' with { type: 'json' }
import { prompt, sessionOf, toolCall, toolResult, usage } from './sample-session.ts'

const at = '2026-11-02T09:00:00.000Z'

describe('prices', () => {
  test('are those that Claude Code itself computed for the same run', () => {
    const tokens = { ...noUsage, uncachedInput: 1750, cacheRead: 55_000, cacheWrite5m: 6144, output: 455 }
    const call = { model: 'claude-opus-5-5', provider: 'anthropic', usage: tokens, at }
    expect(priceOf(call)).toBeCloseTo(0.05782, 10)
    expect(costOf([call])).toEqual({ microUsd: 57_820, unpricedModels: [], priceTable: PRICE_TABLE })
  })

  test('tell cache writes for an hour from those for five minutes', () => {
    const call = { model: 'claude-opus-5-5', provider: 'anthropic', at }
    const short = priceOf({ ...call, usage: { ...noUsage, cacheWrite5m: 1_000_000 } })
    const long = priceOf({ ...call, usage: { ...noUsage, cacheWrite1h: 1_000_000 } })
    expect([short, long]).toEqual([5, 8])
  })

  test('of unknown models are unknown, not zero', () => {
    const unknown = { model: 'nobody-knows-1', provider: null, usage: { ...noUsage, output: 5 }, at }
    const known = { model: 'claude-opus-5-5', provider: 'anthropic', usage: { ...noUsage, output: 1000 }, at: null }
    expect(costOf([unknown])).toMatchObject({ microUsd: null, unpricedModels: ['nobody-knows-1'] })
    expect(costOf([unknown, known, unknown])).toMatchObject({ microUsd: 20_000, unpricedModels: ['nobody-knows-1'] })
    expect(costOf([])).toMatchObject({ microUsd: 0, unpricedModels: [] })
  })

  test('come from the very package that is named', () => {
    expect(PRICE_TABLE).toBe(`@pydantic/genai-prices@${packages.dependencies['@pydantic/genai-prices']}`)
  })

  test.each([
    ['claude-opus-5-5', 'anthropic'],
    ['us.anthropic.claude-opus-4-5-20251101-v1:0', 'aws'],
    ['gpt-6', 'openai'],
    ['gemini-2.5-pro', 'google'],
    ['qwen3-coder', null],
  ])('%s is by %s', (model, provider) => expect(providerOf(model)).toBe(provider))
})

describe('the header', () => {
  const events = [
    prompt('one'),
    toolCall({}, 'c1'),
    { ...toolResult(['a', 'b'], 'c1'), outcome: 'failed' as const, id: 'r1' },
    toolCall({}, 'c2'),
    toolResult(['c'], 'c2'),
    usage('m1', 'claude-opus-5-5', 10),
    usage('m1', 'claude-opus-5-5', 30, 'again'),
    usage('m2', 'nobody-knows-1', 5),
    usage('m3', 'claude-opus-5-5', 1000),
  ]
  const { events: _, eventCount: __, ...facts } = sessionOf([])
  const header = summarise(events, { ...facts, countedMessages: new Set(['m3']), recordsUsage: true })

  test('counts every message once, and none that was counted elsewhere', () => {
    expect(header.usage).toMatchObject({ uncachedInput: 200, output: 35 })
    expect(header.models.map(({ model, requests, usage: tokens }) => [model, requests, tokens.output])).toEqual([
      ['claude-opus-5-5', 1, 30],
      ['nobody-knows-1', 1, 5],
    ])
    expect(header.cost).toEqual({ microUsd: 1000, unpricedModels: ['nobody-knows-1'], priceTable: PRICE_TABLE })
    expect(header.models[1]).toMatchObject({ provider: null, cost: { microUsd: null } })
  })

  test('sums tools and files', () => {
    expect(header.tools).toEqual([{ tool: 'Bash', calls: 2, failures: 1, denials: 0 }])
    expect(header.files).toEqual([{ path: 'a.txt', edits: 2, linesAdded: 3, linesRemoved: 0 }])
    expect(header).toMatchObject({ prompts: 1, eventCount: 9 })
  })

  test('counts a failure for the tool that was called under its id last before it', () => {
    const [call, result] = [toolCall({}, 'c1'), toolResult([], 'c1')]
    const told = [
      { ...result, outcome: 'failed' as const },
      call,
      { ...call, tool: 'Edit' },
      { ...result, outcome: 'failed' as const },
      { ...call, tool: 'Read', callId: 'c2' },
      { ...result, outcome: 'denied' as const, callId: 'c2' },
      { ...result, outcome: 'failed' as const, callId: 'nobody' },
      { ...result, outcome: 'interrupted' as const },
    ]
    const { tools } = summarise(told, { ...facts, countedMessages: new Set(), recordsUsage: false })
    expect(tools).toEqual([
      { tool: 'Bash', calls: 1, failures: 0, denials: 0 },
      { tool: 'Edit', calls: 1, failures: 1, denials: 0 },
      { tool: 'Read', calls: 1, failures: 0, denials: 1 },
    ])
  })

  test('says unknown where the agent records no usage', () => {
    const silent = summarise(events, { ...facts, countedMessages: new Set(), recordsUsage: false })
    expect(silent).toMatchObject({ usage: null, models: [], cost: { microUsd: null, unpricedModels: [] } })
  })
})
