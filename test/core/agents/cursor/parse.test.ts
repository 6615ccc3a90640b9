import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cursor } from '#core/agents/cursor/index.ts'
import { HOOK_STREAM, writeHookStream } from '#core/agents/hook-stream.ts'
import { approvedModels } from '#core/policy/rules/approved-models.ts'
import type { Session } from '#core/session/session.ts'
import { context, expectWellFormed, fixtureFolder } from '../fixture-folder.ts'
import { hostileJson, jsonLines } from '../hostile-json.ts'
import { told } from '../told.ts'

const payloads = readFileSync(join(import.meta.dirname, '../../../fixtures/agents/cursor/payloads.jsonl'), 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line): Record<string, unknown> => JSON.parse(line))
const start = Date.parse('2026-11-02T09:00:00Z')
const streamOf = (list: readonly unknown[]) => ({
  path: HOOK_STREAM,
  text: writeHookStream(list.map((payload, index) => ({ at: start + index * 1_000, payload }))),
})
const parsed = (list: readonly unknown[], more: readonly { path: string; text: string }[] = []): Session => {
  const session = cursor.parse([streamOf(list), ...more], context)
  if (session === null) throw new Error('no session')
  return session
}
const { parsed: fixture } = fixtureFolder(cursor)

describe('a session of which the hooks tell', () => {
  const session = parsed(payloads)
  test('is told in order, each call once with what became of it', () => {
    expect(told(session.events)).toEqual([
      'prompt Add a basket, see SHOP-12',
      'call Write (edit) basket.ts',
      'result ok create basket.ts',
      'call StrReplace (edit) basket.ts',
      'result ok update basket.ts',
      'call Shell (shell) npm test',
      'result failed 1',
      'call Shell (shell) git push --force',
      'result denied',
      'denial by unknown',
      'call MCP:close_issue (mcp)',
      'result unknown',
      'call Shell (shell) ls',
      'result unknown',
      'subagent sa1 explore gpt-5 t5',
      'compaction auto 120000 null',
      'message The basket is there.',
      'unrecognised afterTeleport',
      'interruption aborted',
    ])
    expectWellFormed(session)
  })
  test('knows neither tokens nor cost, which is not zero of them, and still names the model', () => {
    expect(session).toMatchObject({
      id: 'cursor:5f0e2b1c-0000-4000-8000-0000000000aa',
      agent: { id: 'cursor', version: '3.5.38' },
      entrypoint: 'agent',
      usage: null,
      cost: { microUsd: null },
      models: [],
      namedModels: ['claude-4.5-sonnet'],
      startedAt: '2026-11-02T09:00:00.000Z',
      endedAt: '2026-11-02T09:00:20.000Z',
    })
    const judged = (allow: readonly string[]) =>
      approvedModels.evaluate({ session, commits: [], pullRequest: null, configuration: null }, { allow: [...allow] })
    expect(judged(['gpt-*']).findings.map(({ message }) => message)).toEqual([
      'The model `claude-4.5-sonnet` is not approved.',
    ])
    expect(judged(['claude-*', 'gpt-*'])).toMatchObject({ findings: [], doubts: [] })
  })
  test('says what each edit did', () => {
    const edits = session.events.flatMap((event) => (event.kind === 'toolResult' ? event.edits : []))
    expect(edits.map(({ hunks }) => hunks.map(({ newStart, lines }) => [newStart, ...lines]))).toEqual([
      [[1, '+one', '+two']],
      [[0, '-two', '+three']],
    ])
  })
  test('names nobody', () => expect(JSON.stringify(session)).not.toContain('ada@'))
  test('takes what the transcript adds, and nothing twice', () => {
    const line = (role: string, text: string) => ({ role, message: { content: [{ type: 'text', text }] } })
    const text = jsonLines([
      line('user', '<user_query>\nAdd a basket, see SHOP-12\n</user_query>'),
      line('assistant', 'The basket is there.'),
      line('assistant', 'And tested.'),
      {
        role: 'assistant',
        message: { content: [{ type: 'tool_use', name: 'Shell', input: { command: 'npm test' } }] },
      },
    ])
    const path = '5f0e2b1c-0000-4000-8000-0000000000aa.jsonl'
    expect(told(parsed(payloads, [{ path, text }]).events).slice(19)).toEqual(['message And tested.'])
  })
  test('is the same session when Cursor speaks as Claude Code does', () => {
    const base = { session_id: 's1', cursor_version: '3.5.38', cwd: '/home/ada/shop' }
    const call = { ...base, tool_name: 'Write', tool_use_id: 't1', tool_input: { file_path: 'a.ts', content: 'x' } }
    const session = parsed([
      { ...base, hook_event_name: 'UserPromptSubmit', prompt: 'Go' },
      { ...call, hook_event_name: 'PreToolUse' },
      { ...call, hook_event_name: 'PostToolUse', tool_output: 'ok' },
    ])
    expect(session.id).toBe('cursor:s1')
    expect(told(session.events)).toEqual(['prompt Go', 'call Write (edit) a.ts', 'result ok update a.ts'])
  })
})

describe('a transcript without hooks', () => {
  const session = fixture('c7d3e1aa-0000-4000-8000-00000000c0de')
  test('tells words and calls, and says what it cannot tell', () => {
    expect(told(session.events)).toEqual([
      'prompt Rename the basket',
      'message I look first.',
      'call Shell (shell) ls',
      'call StrReplace (edit) basket.ts',
      'unrecognised turn_ended',
      'sub-1: context subagent-task',
    ])
    expect(session).toMatchObject({ startedAt: null, usage: null, parse: { malformed: 1 } })
    expect(session).not.toHaveProperty('namedModels')
    expect(session.warnings).toHaveLength(1)
    expectWellFormed(session)
  })
  test('lies in a folder named after the work tree', () => {
    expect(cursor.transcriptFolders('/home/ada/my.shop', '/home/ada', {})).toEqual([
      '/home/ada/.cursor/projects/home-ada-my-shop/agent-transcripts',
    ])
  })
})

describe('readHook', () => {
  test.each([
    [
      'preToolUse',
      { tool_name: 'Write', tool_input: { file_path: 'a.ts' }, tool_use_id: 't' },
      'beforeTool',
      'edit',
      ['/r/a.ts'],
    ],
    ['postToolUseFailure', { tool_name: 'Shell', tool_input: { command: 'x' } }, 'afterTool', 'shell', []],
    ['afterFileEdit', { file_path: '/r/a.ts', edits: [] }, 'afterTool', 'edit', ['/r/a.ts']],
    ['afterShellExecution', { command: 'x' }, 'other', 'shell', []],
    ['beforeSubmitPrompt', { prompt: 'x' }, 'prompt', null, []],
    ['stop', { status: 'completed' }, 'turnEnd', null, []],
    ['afterMCPExecution', { tool_name: 'x' }, 'other', 'mcp', []],
  ])('%s', (hook_event_name, fields, event, category, paths) => {
    const payload = {
      conversation_id: 'c',
      generation_id: 'g',
      model: 'default',
      workspace_roots: ['/r'],
      hook_event_name,
      ...fields,
    }
    expect(cursor.readHook(payload)).toMatchObject({
      agent: 'cursor',
      session: 'cursor:c',
      event,
      category,
      paths,
      model: null,
    })
  })
  test.each([null, 'text', {}, { conversation_id: '../x', hook_event_name: 'stop' }])('refuses %j', (payload) =>
    expect(cursor.readHook(payload)).toBeNull(),
  )
})

describe('the hook file', () => {
  const { install, uninstall, isInstalled } = cursor.hookFile
  test('is one entry an event, and goes again', () => {
    const written = JSON.parse(install(null))
    expect(written.version).toBe(1)
    expect(written.hooks.stop).toEqual([
      { command: "command -v stemma >/dev/null 2>&1 && stemma hook cursor || echo '{}'", timeout: 10 },
    ])
    expect(isInstalled(install(null))).toBe(true)
    expect(uninstall(install(null))).toBeNull()
  })
  test('keeps other hooks', () => {
    const text = '{\n  "version": 1,\n  "hooks": {\n    "stop": [{ "command": "./audit.sh" }]\n  }\n}\n'
    expect(install(text)).toContain('./audit.sh')
    expect(isInstalled(text)).toBe(false)
    expect(uninstall(install(text))).toBe(text)
  })
  test('renews hooks that another version wrote', () => {
    const old = '{ "version": 1, "hooks": { "stop": [{ "command": "stemma hook cursor" }] } }'
    expect(isInstalled(old)).toBe(false)
    expect(isInstalled(install(old))).toBe(true)
    expect(install(old).match(/stemma hook cursor/g)).toHaveLength(17)
  })
})

test('whatever hooks and transcripts hold, the parser never throws, and gives the form of a session', () => {
  const names = [
    'tool_name',
    'tool_input',
    'tool_output',
    'file_path',
    'edits',
    'old_string',
    'new_string',
    'command',
    'text',
    'prompt',
    'output',
  ]
  const json = hostileJson(names, ['Write', 'Shell', 'a.ts', '{"exitCode":1}'])
  const event = fc.record({
    conversation_id: fc.constant('c'),
    hook_event_name: fc.constantFrom(
      ...payloads.map((payload) => String(payload['hook_event_name'])),
      'beforeSubmitPrompt',
    ),
    tool_use_id: fc.oneof(fc.constantFrom('t1', 't2'), json),
    tool_name: fc.oneof(fc.constantFrom('Write', 'Shell', 'ApplyPatch'), json),
    tool_input: json,
    tool_output: json,
    file_path: fc.oneof(fc.constant('a.ts'), json),
    edits: fc.oneof(fc.array(fc.record({ old_string: json, new_string: json }), { maxLength: 2 }), json),
    command: json,
    text: json,
    prompt: json,
    workspace_roots: json,
  })
  const line = fc.oneof(
    fc.record({ role: fc.constantFrom('user', 'assistant'), message: fc.record({ content: json }) }),
    json,
  )
  fc.assert(
    fc.property(fc.array(event, { maxLength: 8 }), fc.array(line, { maxLength: 4 }), (list, lines) => {
      const files = [streamOf(list), { path: 'c.jsonl', text: jsonLines(lines) }]
      cursor.workingDirectories?.(files)
      expectWellFormed(cursor.parse(files, context))
      for (const payload of list) cursor.readHook(payload)
    }),
  )
})
