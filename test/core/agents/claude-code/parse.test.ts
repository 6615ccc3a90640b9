import { describe, expect, test } from 'vitest'
import { claudeCode } from '#core/agents/claude-code/index.ts'
import type { EventOf } from '#core/session/event.ts'
import { Event } from '#core/session/event.ts'
import { SessionHeader } from '#core/session/session.ts'
import { fixtureFiles, fixturePaths, parsed, told } from './fixtures.ts'

describe('a session of the current version', () => {
  const session = parsed('current')

  test('is told event by event, subagents in between', () => {
    expect(told(session.events)).toEqual([
      'prompt Add a basket with a total',
      'context instructions:CLAUDE.md',
      'context instructions:~/.claude/CLAUDE.md',
      'reasoning A basket is a list of prices.',
      'usage msg_A claude-opus-5-5 60',
      'message I add the basket.',
      'call Write (edit) src/basket.ts',
      'result ok create src/basket.ts',
      'call Bash (shell) npm test',
      'usage msg_B claude-opus-5-5 40',
      'result failed 1',
      'call Edit (edit) src/basket.ts',
      'usage msg_C claude-opus-5-5 45',
      'result ok update src/basket.ts',
      'call Bash (shell) npm test',
      'usage msg_D claude-opus-5-5 40',
      'result ok 0',
      'call Agent (subagent)',
      'usage msg_E claude-opus-5-5 30',
      'subagent a1 general-purpose claude-haiku-4-5 toolu_5',
      'a1: context subagent-task',
      'result ok',
      'a1: call Edit (edit) src/basket.ts',
      'a1: usage msg_S1 claude-haiku-4-5 25',
      'call Read (read) .env',
      'usage msg_F claude-opus-5-5 30',
      'a1: result ok update src/basket.ts',
      'result denied',
      'denial by rule',
      'a1: message Looks fine.',
      'a1: usage msg_S2 claude-haiku-4-5 30',
      'context task-notification',
      "call Bash (shell) git commit --no-verify -m 'Add basket'",
      'usage msg_G claude-opus-5-5 30',
      'result denied',
      'denial by hook',
      'prompt Use a short message',
      "call Bash (shell) git commit -m 'Add basket'",
      'usage msg_H claude-opus-5-5 30',
      'result ok 0',
      'commit 608b65c',
      'message Done: the total works.',
      'usage msg_I claude-opus-5-5 35',
    ])
  })

  test('has a header that says the same', () => {
    expect(session).toMatchObject({
      id: 'claude-code:current',
      agent: { id: 'claude-code', version: '2.1.328' },
      entrypoint: 'cli',
      startedAt: '2026-11-02T09:00:00.500Z',
      endedAt: '2026-11-02T09:00:26.000Z',
      branches: ['feature/basket'],
      usage: {
        uncachedInput: 1100,
        cacheRead: 55_000,
        cacheWrite5m: 4400,
        cacheWrite1h: 2200,
        output: 395,
        reasoning: 0,
      },
      tools: [
        { tool: 'Agent', calls: 1, failures: 0, denials: 0 },
        { tool: 'Bash', calls: 4, failures: 1, denials: 1 },
        { tool: 'Edit', calls: 2, failures: 0, denials: 0 },
        { tool: 'Read', calls: 1, failures: 0, denials: 1 },
        { tool: 'Write', calls: 1, failures: 0, denials: 0 },
      ],
      files: [{ path: 'src/basket.ts', edits: 3, linesAdded: 5, linesRemoved: 2 }],
      subagents: [
        { agentId: 'a1', type: 'general-purpose', description: 'Review the basket', model: 'claude-haiku-4-5' },
      ],
      commits: ['608b65c'],
      permissionModes: ['acceptEdits'],
      prompts: 2,
      parse: { records: 34, malformed: 0, unrecognised: {} },
      warnings: [],
    })
    expect(session.models.map(({ model, requests }) => [model, requests])).toEqual([
      ['claude-haiku-4-5', 2],
      ['claude-opus-5-5', 9],
    ])
  })

  test('has edits with their lines, also where a subagent records no outcome', () => {
    const edits = results(session.events).flatMap((event) => event.edits)
    expect(edits).toEqual([
      {
        path: 'src/basket.ts',
        kind: 'create',
        userModified: false,
        hunks: [
          {
            oldStart: 0,
            oldLines: 0,
            newStart: 1,
            newLines: 3,
            lines: ['+export function total(prices: number[]) {', '+  return 0', '+}'],
          },
        ],
      },
      {
        path: 'src/basket.ts',
        kind: 'update',
        userModified: true,
        hunks: [
          expect.objectContaining({
            lines: [
              ' export function total(prices: number[]) {',
              '-  return 0',
              '+  return prices.reduce((a, b) => a + b, 0)',
              ' }',
            ],
          }),
        ],
      },
      {
        path: 'src/basket.ts',
        kind: 'update',
        userModified: null,
        hunks: [
          {
            oldStart: 1,
            oldLines: 3,
            newStart: 1,
            newLines: 3,
            lines: [
              ' export function total(prices: number[]) {',
              '-  return prices.reduce((a, b) => a + b, 0)',
              '+  return prices.reduce((sum, price) => sum + price, 0)',
              ' }',
            ],
          },
        ],
      },
    ])
  })

  test('carries nothing of the vendor and nothing of the home folder', () => {
    const text = JSON.stringify(session)
    expect(text).not.toContain('INTERNAL')
    expect(text).not.toContain('/home/ada')
  })
})

test('usage of an answer is counted once, with its last figure, and priced as the agent prices it', () => {
  const session = parsed('priced')
  expect(session.usage).toMatchObject({ uncachedInput: 1750, cacheRead: 55_000, cacheWrite5m: 6144, output: 455 })
  expect(session.cost).toEqual({ microUsd: 57_820, unpricedModels: [], priceTable: '@pydantic/genai-prices@0.1.8' })
  expect(told(session.events)).toContain('context agent-error')
  expect(session.models.map(({ model }) => model)).toEqual(['claude-opus-5-5'])
})

test('what the program puts into the user role is no prompt', () => {
  const session = parsed('compacted')
  expect(session.prompts).toBe(2)
  expect(session.permissionModes).toEqual(['default', 'plan'])
  expect(told(session.events)).toEqual([
    'prompt First question',
    'message First answer',
    'usage msg_K1 claude-opus-5-5 50',
    'compaction auto 150000 2834',
    'context compact-summary',
    'context local-command',
    'context command',
    'context local-command',
    'context meta',
    'prompt Second question\n[BINARY:image:4:sha256:63c1dd951ffedf6f7fd968ad4efa39b8ed584f162f46e715114ee184f8de9201]',
    'message Second answer',
    'usage msg_K2 claude-opus-5-5 50',
    'compaction auto 9000 5000',
    'context api-error',
  ])
})

describe('a forked session', () => {
  test('is proved by the events of its parent, and tells only what is its own', () => {
    const parent = parsed('compacted')
    const knownEvents = new Map(parent.events.map((event) => [event.id, parent.id]))
    const fork = parsed('forked', { knownEvents })
    expect(fork.forkedFrom).toBe('claude-code:compacted')
    expect(told(fork.events)).toEqual([
      'prompt Third question',
      'message Third answer',
      'usage msg_K3 claude-opus-5-5 50',
    ])
    expect(fork.warnings).toEqual(['2 records repeat claude-code:compacted and are told there.'])
  })

  test('does not count messages that were counted elsewhere', () => {
    const fork = parsed('forked', { countedMessages: new Set(['msg_K2']) })
    expect(fork.forkedFrom).toBeNull()
    expect(fork.usage?.output).toBe(50)
    expect(fork.models[0]?.requests).toBe(1)
  })

  test('is not its own parent when it is read a second time', () => {
    const first = parsed('compacted')
    const again = parsed('compacted', { knownEvents: new Map(first.events.map((event) => [event.id, first.id])) })
    expect(again).toEqual(first)
  })
})

test('who stopped or refused what', () => {
  const session = parsed('interrupted')
  const outcomes = results(session.events).map(({ callId, outcome, exitCode }) => [callId, outcome, exitCode])
  expect(outcomes).toEqual([
    ['toolu_r1', 'denied', null],
    ['toolu_r2', 'interrupted', null],
    ['toolu_r3', 'denied', null],
    ['toolu_r4', 'denied', null],
    // In the background: it has not ended.
    ['toolu_r5', 'ok', null],
    // An exit code that was explained away is not 0.
    ['toolu_r6', 'ok', null],
    ['toolu_r7', 'interrupted', null],
  ])
  expect(session.events.filter((event) => event.kind === 'denial').map(({ callId, by }) => [callId, by])).toEqual([
    ['toolu_r1', 'user'],
    ['toolu_r3', 'classifier'],
    // Nobody was asked, whatever `toolDenialKind` says.
    ['toolu_r4', 'rule'],
  ])
  expect(session.events.filter((event) => event.kind === 'interruption')).toHaveLength(1)
  expect(session.prompts).toBe(2)
})

describe('older versions', () => {
  const session = parsed('older')

  test('have subagents in the main file', () => {
    expect(session.subagents).toEqual([
      { agentId: 'sidechain-older-03', type: 'Explore', description: 'Look around', model: 'claude-haiku-4-5' },
    ])
    expect(told(session.events).filter((line) => line.startsWith('sidechain'))).toEqual([
      'sidechain-older-03: context subagent-task',
      'sidechain-older-03: call Grep (search) .',
      'sidechain-older-03: usage msg_O2 claude-haiku-4-5 20',
      'sidechain-older-03: result ok',
      'sidechain-older-03: message One file.',
      'sidechain-older-03: usage msg_O3 claude-haiku-4-5 50',
    ])
  })

  test('refuse in words only, which count in refusals only', () => {
    const denied = results(session.events).filter((event) => event.outcome === 'denied')
    expect(denied.map((event) => event.callId)).toEqual(['toolu_o6'])
    expect(results(session.events).find((event) => event.callId === 'toolu_o9')?.outcome).toBe('ok')
    expect(results(session.events).find((event) => event.callId === 'toolu_o8')?.exitCode).toBe(7)
  })

  test('edit several places and notebooks', () => {
    expect(session.files).toEqual([
      { path: 'a.ts', edits: 1, linesAdded: 2, linesRemoved: 2 },
      { path: 'n.ipynb', edits: 1, linesAdded: 1, linesRemoved: 1 },
      { path: '~/notes.txt', edits: 1, linesAdded: 1, linesRemoved: 0 },
    ])
  })

  test('put subagents of all sessions beside them; only its own count', () => {
    const beside = parsed('beside')
    expect(told(beside.events).at(-2)).toBe('b1: message 12')
    expect(beside.events.some((event) => event.thread === 'c9')).toBe(false)
    expect(beside.parse.records).toBe(5)
    expect(beside.subagents).toMatchObject([{ agentId: 'b1', type: 'Explore', description: 'Count' }])
  })
})

test('damage is counted and named, and costs nothing else', () => {
  const session = parsed('damaged')
  expect(session.parse).toEqual({
    records: 10,
    malformed: 3,
    unrecognised: { 'assistant.dance': 1, 'attachment.smell': 1, hologram: 2, 'system.earthquake': 1 },
  })
  expect(session.prompts).toBe(2)
  const kept = session.events.filter((event) => event.kind === 'unrecognised').map((event) => event.record)
  expect(JSON.stringify(kept[0])).toContain('"[__proto__]":{"polluted":true}')
  expect(JSON.stringify(kept[1])).toMatch(/characters left out/)
  expect(JSON.stringify(session)).not.toContain('\\u0000')
})

test('compares its total with the one that Claude Code wrote', () => {
  const files = fixtureFiles('current').map((file) => ({
    ...file,
    text: file.text.replace('"outputTokens": 340', '"outputTokens": 453'),
  }))
  const session = claudeCode.parse(files, { roots: [], home: '/home/ada', capture: 'hook', countedMessages: new Set() })
  expect(session?.warnings).toEqual([
    'Claude Code counted 113 output tokens that no record shows, as hidden calls such as compaction do.',
  ])
})

const sessions = [...claudeCode.groupTranscripts(fixturePaths).keys()]

test.each(sessions)('%s has the form of a session, with unique ids, the same at every reading', (name) => {
  const session = parsed(name)
  const { events, ...header } = session
  expect(SessionHeader.parse(header)).toEqual(header)
  for (const event of events) expect(Event.parse(event)).toEqual(event)
  expect(new Set(events.map((event) => event.id)).size).toBe(events.length)
  expect(parsed(name)).toEqual(session)
})

test('groups files by session', () => {
  expect(
    claudeCode.groupTranscripts([
      'b.jsonl',
      'a.jsonl',
      'a/subagents/agent-1.jsonl',
      'a/subagents/agent-1.meta.json',
      'a/subagents/workflows/wf_1/agent-2.jsonl',
      'a/subagents/workflows/wf_1/journal.jsonl',
      'notes.txt',
      'a/tool-results/x.jsonl',
    ]),
  ).toEqual(
    new Map([
      [
        'a',
        [
          'a.jsonl',
          'a/subagents/agent-1.jsonl',
          'a/subagents/agent-1.meta.json',
          'a/subagents/workflows/wf_1/agent-2.jsonl',
        ],
      ],
      ['b', ['b.jsonl']],
    ]),
  )
})

test('knows where transcripts lie', () => {
  expect(claudeCode.transcriptFolders('/srv/a_b/c.d', '/home/ada', {})).toEqual([
    '/home/ada/.claude/projects/-srv-a-b-c-d',
  ])
  expect(claudeCode.transcriptFolders('/srv', '/home/ada', { CLAUDE_CONFIG_DIR: '/etc/c' })).toEqual([
    '/etc/c/projects/-srv',
  ])
})

function results(events: readonly Event[]): EventOf<'toolResult'>[] {
  return events.filter((event) => event.kind === 'toolResult')
}
