/** One session of the current version of Claude Code, told whole. */
import { describe, expect, test } from 'vitest'
import { parsed, resultsOf, told } from './fixtures.ts'

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
    const edits = resultsOf(session).flatMap((event) => event.edits)
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
