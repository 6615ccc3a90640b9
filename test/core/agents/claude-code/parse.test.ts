import { describe, expect, test } from 'vitest'
import { claudeCode } from '#core/agents/claude-code/index.ts'
import { Event } from '#core/session/event.ts'
import { SessionHeader } from '#core/session/session.ts'
import { fixtureFiles, fixturePaths, parsed, resultsOf, told } from './fixtures.ts'

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
  const outcomes = resultsOf(session).map(({ callId, outcome, exitCode }) => [callId, outcome, exitCode])
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
    const denied = resultsOf(session).filter((event) => event.outcome === 'denied')
    expect(denied.map((event) => event.callId)).toEqual(['toolu_o6'])
    expect(resultsOf(session).find((event) => event.callId === 'toolu_o9')?.outcome).toBe('ok')
    expect(resultsOf(session).find((event) => event.callId === 'toolu_o8')?.exitCode).toBe(7)
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
