import { calcPrice } from '@pydantic/genai-prices'
import { describe, expect, it } from 'vitest'
import { costOf, PRICE_TABLE, type PricedCall, priceOf, providerOf } from '#core/session/prices.ts'

/** What the library itself answers. */
function asked({ model, provider, usage, at }: PricedCall): number | null {
  const { uncachedInput, cacheRead, cacheWrite5m, cacheWrite1h, output } = usage
  const written = {
    input_tokens: uncachedInput + cacheRead + cacheWrite5m + cacheWrite1h,
    cache_read_tokens: cacheRead,
    cache_write_tokens: cacheWrite5m + cacheWrite1h,
    cache_write_1h_tokens: cacheWrite1h,
    output_tokens: output,
  }
  const options = { timestamp: new Date(at ?? ''), ...(provider === null ? {} : { providerId: provider }) }
  try {
    return calcPrice(written, model, options)?.total_price ?? null
  } catch {
    return null
  }
}

const models = [
  'claude-sonnet-4-5-20250929',
  'claude-opus-4-5',
  'claude-haiku-4-5-20251001',
  'claude-3-haiku-20240307',
  'claude-2.1',
  'anthropic.claude-sonnet-4-5-20250929-v1:0',
  'gpt-5.1-codex',
  'gpt-5',
  'gpt-4o',
  'gpt-4o-audio-preview',
  'o3',
  'codex-mini-latest',
  'gemini-2.5-pro',
  'gemini-2.5-flash',
  'gemini-3-pro-preview',
  'gemini-2.0-flash-live',
  'deepseek-chat',
  'grok-4',
  'sonar',
  'qwen3-coder',
  'no-such-model',
]
/** Around dates and hours on which prices changed, tiers included in the sizes below. */
const times = [
  '2024-05-01T00:00:00.000Z',
  '2025-02-08T23:59:59.999Z',
  '2025-06-10T08:00:00Z',
  '2026-11-20T16:30:00.000Z',
]
const sizes = [0, 1, 7, 131_071, 999, 128_001, 199_999, 200_001, 272_033, 300_007, 86_453]

describe('the price of a call', () => {
  it('is its own, whatever the call before it was', () => {
    const usage = { uncachedInput: 1_000, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 10, reasoning: 0 }
    const call = { model: 'claude-opus-4-5', provider: 'anthropic', usage, at: '2026-11-20T16:30:00.000Z' }
    const others = [{ provider: 'openai' }, { model: 'gpt-4o' }, { provider: null }, { at: '2024-05-01T00:00:00.000Z' }]
    for (const other of others.map((different) => ({ ...call, ...different }))) {
      expect([call, other, call].map(priceOf)).toEqual([call, other, call].map(asked))
    }
  })

  it('is to the last bit what the library of the table says, for thousands of usages', () => {
    let priced = 0
    for (const model of models) {
      for (const provider of new Set([providerOf(model), null])) {
        for (const at of times) {
          for (let turn = 0; turn < 64; turn++) {
            const size = (shift: number): number => sizes[(turn * 5 + shift * (turn >> 3)) % sizes.length] ?? 0
            const usage = {
              uncachedInput: size(1),
              cacheRead: size(2),
              cacheWrite5m: size(3),
              cacheWrite1h: size(4),
              output: size(5),
              reasoning: 0,
            }
            const call = { model, provider, usage, at }
            const price = asked(call)
            expect(priceOf(call), JSON.stringify(call)).toBe(price)
            if (price !== null && price > 0) priced++
          }
        }
      }
    }
    expect(priced).toBeGreaterThan(5_000)
  })

  it('is null for a model that the table does not know, however many such names there are', () => {
    const usage = { uncachedInput: 1, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 1, reasoning: 0 }
    const calls = Array.from({ length: 3_000 }, (_, at) => ({
      model: `unknown-${at}`,
      provider: null,
      usage,
      at: null,
    }))
    expect(costOf(calls.slice(0, 2))).toEqual({
      microUsd: null,
      unpricedModels: ['unknown-0', 'unknown-1'],
      priceTable: PRICE_TABLE,
    })
    expect(calls.every((call) => priceOf(call) === null)).toBe(true)
    expect(priceOf({ model: 'gpt-5', provider: 'openai', usage, at: null })).toBeGreaterThan(0)
  })
})
