import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AgentEvent, EVENT_SCHEMA } from '#core/agents/generic/format.ts'
import { generic } from '#core/agents/generic/index.ts'
import { ownAgents } from '#core/agents/generic/parse.ts'
import { HOOK_STREAM, writeHookStream } from '#core/agents/hook-stream.ts'
import { agents } from '#core/agents/registry.ts'
import type { Session } from '#core/session/session.ts'
import { context, expectWellFormed, fixtureFolder } from '../fixture-folder.ts'
import { hostileJson, jsonLines } from '../hostile-json.ts'
import { told } from '../told.ts'

const base = { schema: EVENT_SCHEMA, sessionId: 's1' }
const parsed = (lines: readonly unknown[], changes: object = {}): Session => {
  const session = generic.parse([{ path: 's1.jsonl', text: jsonLines(lines) }], { ...context, ...changes })
  if (session === null) throw new Error('no session')
  return session
}

describe('a session in a file', () => {
  const session = fixtureFolder(generic).parsed('build-7')
  test('is told line for line; what is told twice, once', () => {
    expect(told(session.events)).toEqual([
      'context instructions',
      'prompt Add a basket',
      'call write (edit) basket.ts',
      'result ok create basket.ts',
      'call bash (shell) npm test',
      'result failed 1',
      'call fileEdit (edit) basket.ts',
      'result ok update basket.ts',
      'usage m1 claude-sonnet-4-5 5',
      'denial by rule',
      'subagent a1 tester null null',
      'a1: message Tested.',
      'commit abcdef1234',
      'interruption interrupted',
      'compaction auto 9 null',
    ])
    expectWellFormed(session)
  })
  test('says who did it, on whose behalf, and what it used', () => {
    expect(session).toMatchObject({
      id: 'generic:build-7',
      agent: { id: 'aider', version: '0.90' },
      entrypoint: 'ci',
      branches: ['feature/SHOP-12'],
      permissionModes: ['auto'],
      delegation: { parent: 'claude-code:s1', orchestrator: 'nightly ~/run.sh', human: 'Ada' },
      startedAt: '2026-11-02T09:00:00.000Z',
      endedAt: '2026-11-02T09:05:00.000Z',
      usage: { uncachedInput: 10, cacheRead: 100, output: 5 },
    })
    expect(session.files).toEqual([{ path: 'basket.ts', edits: 2, linesAdded: 3, linesRemoved: 1 }])
  })
  test('names the lines that are not in the format, and keeps the rest', () => {
    expect(session.parse).toMatchObject({ records: 22, malformed: 4 })
    expect(session.warnings).toEqual([
      expect.stringMatching(/^Line 10 of build-7\.jsonl does not have the format at exitCode: /),
      'Line 12 of build-7.jsonl is not a JSON object.',
      'Line 18 of build-7.jsonl belongs to another session (other).',
      expect.stringMatching(/^Line 19 of build-7\.jsonl does not have the format: .*mood/),
    ])
  })
})

describe('a session told to the hook', () => {
  const stream = (list: readonly unknown[]) => ({
    path: HOOK_STREAM,
    text: writeHookStream(list.map((payload, index) => ({ at: 1_777_000_000_000 + index, payload }))),
  })
  const lines = [
    { ...base, kind: 'sessionStart', model: 'qwen-3' },
    { ...base, kind: 'prompt', text: 'Go', id: 'p' },
    JSON.stringify({ ...base, kind: 'message', text: 'Gone' }),
    '{ cut',
  ]
  test('has the time of the call, and says which event was wrong', () => {
    const session = generic.parse([stream(lines)], context)
    expect(session).toMatchObject({ id: 'generic:s1', usage: null, namedModels: ['qwen-3'] })
    expect(session?.events.map(({ at }) => at)).toEqual(['2026-04-24T03:06:40.001Z', '2026-04-24T03:06:40.002Z'])
    expect(session?.warnings).toEqual(['Event 4 given to the hook is not a JSON object.'])
  })
  test('is one session with its file', () => {
    const file = { path: 's1.jsonl', text: jsonLines([{ ...base, kind: 'prompt', text: 'Go', id: 'p' }]) }
    const session = generic.parse([file, stream(lines)], context)
    expect(told(session?.events ?? [])).toEqual(['prompt Go', 'message Gone'])
    expectWellFormed(session)
  })
})

test('an agent that Stemma reads itself is not believed by name', () => {
  const session = parsed([{ ...base, kind: 'sessionStart', agent: { id: 'claude-code', version: '2' } }])
  expect(session.agent).toEqual({ id: 'generic', version: null })
  expect(session.warnings).toEqual([expect.stringContaining('claude-code')])
  const others = agents.filter(({ id }) => id !== 'generic')
  for (const { id } of others) expect(ownAgents).toContain(id)
})

test('many wrong lines are counted and not all named', () => {
  const session = parsed(Array.from({ length: 50 }, () => 'x'))
  expect(session.warnings).toHaveLength(21)
  expect(session.warnings.at(-1)).toBe('30 more lines are not in the format.')
})

test.each([
  [
    'toolCall',
    { tool: 'x', category: 'shell', callId: 'c', paths: ['a.ts', '/b'], cwd: '/r' },
    'beforeTool',
    'shell',
    ['/r/a.ts', '/b'],
  ],
  ['toolResult', { callId: 'c' }, 'afterTool', 'other', []],
  ['fileEdit', { path: '/r/a.ts', change: 'create' }, 'afterTool', 'edit', ['/r/a.ts']],
  ['prompt', { text: 'x' }, 'prompt', null, []],
  ['usage', {}, 'other', null, []],
])('readHook of %s', (kind, fields, event, category, paths) => {
  const payload = { ...base, kind, ...fields }
  const note = { agent: 'generic', session: 'generic:s1', event, category, paths }
  expect(generic.readHook(payload)).toMatchObject(note)
  expect(generic.readHook(`garbage\n${JSON.stringify(payload)}\n`)).toMatchObject(note)
  expect(generic.readHook({ ...payload, sessionId: '../x' })).toBeNull()
})

test('file names that are no session ids are left alone', () => {
  expect([
    ...generic.groupTranscripts(['a.jsonl', 'b.json', 'c/d.jsonl', '-x.jsonl', '.jsonl', HOOK_STREAM]).keys(),
  ]).toEqual(['a'])
})

test('whatever the lines hold, the parser never throws, and gives the form of a session', () => {
  const kinds = AgentEvent.options.map(({ shape }) => shape.kind.value)
  const names = [
    'text',
    'callId',
    'tool',
    'input',
    'edits',
    'diff',
    'path',
    'change',
    'usage',
    'agent',
    'at',
    'id',
    'thread',
  ]
  const json = hostileJson(names, ['create', 'c1', 'a.ts', '@@ -1 +1 @@\n-x\n+y'])
  const line = fc.oneof(
    json,
    fc
      .tuple(fc.constantFrom(...kinds), fc.dictionary(fc.constantFrom(...names), json, { maxKeys: 5 }))
      .map(([kind, fields]) => ({ ...fields, ...base, kind })),
    fc.record({
      schema: fc.constant(EVENT_SCHEMA),
      sessionId: fc.constant('s1'),
      kind: fc.constant('fileEdit'),
      path: fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
      change: fc.constantFrom('create', 'update', 'delete'),
      diff: fc.string({ unit: 'binary' }),
    }),
    fc.record({
      schema: fc.constant(EVENT_SCHEMA),
      sessionId: fc.constant('s1'),
      kind: fc.constant('toolCall'),
      callId: fc.constantFrom('c1', 'c2'),
      tool: fc.string({ unit: 'binary', minLength: 1 }),
      input: fc.dictionary(fc.string(), json),
    }),
  )
  fc.assert(
    fc.property(fc.array(line, { maxLength: 10 }), (lines) => {
      expectWellFormed(parsed(lines))
      for (const payload of lines) generic.readHook(payload)
    }),
  )
})
