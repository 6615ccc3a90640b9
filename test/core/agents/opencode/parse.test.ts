import { describe, expect, test } from 'vitest'
import { opencode } from '#core/agents/opencode/index.ts'
import type { Session } from '#core/session/session.ts'
import { context, expectWellFormed } from '../fixture-folder.ts'
import { told } from '../told.ts'
import {
  delegated,
  delegating,
  filesOf,
  fork,
  forkedFrom,
  honest,
  older,
  olderSubagent,
  parsed,
  patched,
  resumed,
  rowsOf,
  storedPaths,
} from './fixtures.ts'

const withoutUsage = (session: Session): string[] => told(session.events).filter((line) => !/(^|: )usage /.test(line))
const editsIn = (session: Session) =>
  session.events.flatMap((event) => (event.kind === 'toolResult' ? event.edits : []))

describe('a session of the database', () => {
  const session = parsed(rowsOf(honest))

  test('is told event by event', () => {
    expect(withoutUsage(session)).toEqual([
      'prompt "Please greet people."',
      'reasoning A greeting is a word and a name.',
      'message A module first, then its test.',
      'call write (edit) source/greet.js',
      'result ok create source/greet.js',
      'call write (edit) test/greet.test.js',
      'result ok create test/greet.test.js',
      'call bash (shell) npm test',
      'result failed 1',
      'message The comma is missing.',
      'call read (read) source/greet.js',
      'result ok',
      'call edit (edit) source/greet.js',
      'result ok update source/greet.js',
      'call bash (shell) npm test',
      'result ok 0',
      'call bash (shell) git add -A && git commit -q -m "Greet people"',
      'result ok 0',
      'message Greeting works, and all tests pass.',
    ])
  })

  test('has a header with the tokens that the provider sent, counted once', () => {
    expect(session).toMatchObject({
      id: `opencode:${honest}`,
      agent: { id: 'opencode', version: '1.18.33' },
      startedAt: '2026-11-22T16:28:12.046Z',
      endedAt: '2026-11-22T16:28:19.409Z',
      // Eight answers: 107 to 156 without cache, 5013 to 5104 from it, 43 to 64 out, of which 12 to 19 were thought.
      usage: { uncachedInput: 1052, cacheRead: 40_468, cacheWrite5m: 0, cacheWrite1h: 0, output: 428, reasoning: 124 },
      models: [{ model: 'claude-sonnet-4-5', provider: 'anthropic', requests: 8 }],
      branches: [],
      permissionModes: ['agent:build'],
      prompts: 1,
      parse: { records: 41, malformed: 0, unrecognised: {} },
      warnings: [],
    })
  })

  test('has edits with the lines that were written', () => {
    expect(session.files).toEqual([
      { path: 'source/greet.js', edits: 2, linesAdded: 4, linesRemoved: 1 },
      { path: 'test/greet.test.js', edits: 1, linesAdded: 7, linesRemoved: 0 },
    ])
    expect(editsIn(session)[2]?.hunks).toEqual([
      {
        oldStart: 1,
        oldLines: 3,
        newStart: 1,
        newLines: 3,
        lines: [' export function greet(name) {', "-  return 'Hello ' + name", "+  return 'Hello, ' + name", ' }'],
      },
    ])
  })

  test('says where it ran', () => {
    expect(opencode.workingDirectories?.(rowsOf(honest))).toEqual(['/home/ada/shop'])
    expect(opencode.workingDirectories?.([{ path: 'x.jsonl', text: '{' }])).toBeNull()
  })

  test('warns where the program counted more than its messages show', () => {
    const [file] = rowsOf(honest)
    const text = (file?.text ?? '').replace('\\"output\\":428', '\\"output\\":500')
    expect(parsed([{ path: 'x.jsonl', text }]).warnings).toEqual([
      'OpenCode counted 72 output tokens that no message shows.',
    ])
  })
})

test('a subagent is a thread of the session that started it', () => {
  const session = parsed(rowsOf(delegating, delegated))
  const lines = withoutUsage(session)
  const start = lines.indexOf('call task (subagent)')
  expect(lines.slice(start, start + 8)).toEqual([
    'call task (subagent)',
    `subagent ${delegated} general claude-sonnet-4-5 call_86468b195fc547cfa8632f66`,
    `${delegated}: context subagent-task`,
    `${delegated}: call read (read) source/a.js`,
    `${delegated}: result ok`,
    `${delegated}: call write (edit) source/sub.js`,
    `${delegated}: result ok create source/sub.js`,
    `${delegated}: message Looks fine.`,
  ])
  expect(session).toMatchObject({ prompts: 1, usage: { output: 714 }, models: [{ requests: 12 }] })
  // What another plugin threw is an error like any other; a tool that there is not has failed.
  expect(session.tools).toEqual([
    { tool: 'bash', calls: 3, failures: 2, denials: 0 },
    { tool: 'edit', calls: 1, failures: 1, denials: 0 },
    { tool: 'invalid', calls: 1, failures: 1, denials: 0 },
    { tool: 'read', calls: 3, failures: 1, denials: 1 },
    { tool: 'task', calls: 1, failures: 0, denials: 0 },
    { tool: 'write', calls: 3, failures: 0, denials: 0 },
  ])
  // Whichever comes first.
  expect(parsed(rowsOf(delegated, delegating)).id).toBe(`opencode:${delegating}`)
})

test('a resumed session goes on, with another model', () => {
  const session = parsed(rowsOf(resumed))
  expect(session.models.map(({ model, requests }) => [model, requests])).toEqual([
    ['claude-sonnet-4-5', 7],
    ['gpt-5.1', 1],
  ])
  expect(session.prompts).toBe(2)
  // Written twice: the second time it is known what was there. A command that ran out of time has failed.
  expect(editsIn(session).map(({ kind, hunks }) => [kind, hunks[0]?.lines])).toEqual([
    ['create', ['+export const a = 1', '+export const z = 9']],
    ['update', ['-export const a = 1', '+export const a = 2', ' export const z = 9']],
    ['update', ['-export const a = 2', '+export const a = 3', ' export const z = 9']],
  ])
  expect(withoutUsage(session)).toContain('result failed')
})

test('a patch of several files is as many edits', () => {
  expect(editsIn(parsed(rowsOf(patched))).map(({ path, kind, hunks }) => [path, kind, hunks[0]?.lines ?? []])).toEqual([
    ['source/n.js', 'create', ['+export const n = 1', '+export const m = 1']],
    ['source/n.js', 'update', ['-export const n = 1', '+export const n = 2', ' export const m = 1']],
    ['source/o.js', 'create', ['+export const o = 1']],
    ['source/n.js', 'delete', []],
    ['source/p.js', 'update', ['-export const n = 2', '+export const n = 3', ' export const m = 1']],
    ['source/o.js', 'delete', ['-export const o = 1']],
  ])
})

test('a fork tells and counts only what came after it', () => {
  const parent = parsed(rowsOf(forkedFrom))
  const knownEvents = new Map(parent.events.map(({ id }) => [id, parent.id]))
  const counted = parent.events.flatMap((event) => (event.kind === 'usage' ? [event.messageId] : []))
  const session = parsed(rowsOf(fork), { knownEvents, countedMessages: new Set(counted) })
  expect(withoutUsage(session)).toEqual(['prompt Forked', 'message forked'])
  expect(session).toMatchObject({ forkedFrom: parent.id, usage: { output: 43 }, models: [{ requests: 1 }] })
})

describe('a session in files of the version before the database', () => {
  const session = parsed(filesOf(older))

  test('is told event by event', () => {
    expect(told(session.events)).toEqual([
      'prompt Mend the total, see ~/plan.md',
      'context program',
      'context file',
      'reasoning A sum.',
      'message I mend it.',
      'call edit (edit) total.ts',
      'result ok update total.ts',
      'call bash (shell) npm test',
      'result failed 1',
      'usage assistant-1762077601000-1762077601900 claude-sonnet-4-5 41',
      'call bash (shell) rm -rf build',
      'result denied',
      'denial by rule',
      'call bash (shell) git push',
      'result denied',
      'denial by user',
      'call bash (shell) git commit --no-verify',
      'result denied',
      'denial by hook',
      'call tracker_close_issue (mcp)',
      'result ok',
      'context agent-error',
      'unrecognised hologram',
      'usage assistant-1762077603000-1762077603900 claude-sonnet-4-5 32',
      'call bash (shell) sleep 40',
      'result interrupted',
      'call write (edit) x.ts',
      'usage assistant-1762077605000-1762077605900 claude-sonnet-4-5 33',
      'interruption The operation was aborted.',
      'compaction auto null null',
      'context compact-summary',
      'usage assistant-1762077608000-1762077608900 claude-sonnet-4-5 50',
      'prompt Thanks',
      'context agent-error',
    ])
  })

  test('has its tokens: what was thought is output, what was cached is apart', () => {
    expect(session.usage).toEqual({
      uncachedInput: 1206,
      cacheRead: 15_300,
      cacheWrite5m: 200,
      cacheWrite1h: 0,
      output: 156,
      reasoning: 10,
    })
  })

  test('carries nothing of the home folder, and says where it ran', () => {
    expect(JSON.stringify(session)).not.toContain('/home/ada')
    expect(opencode.workingDirectories?.(filesOf(older))).toEqual(['/home/ada/shop'])
  })

  test('leaves a subagent to itself, with the name of the session that started it', () => {
    const subagent = parsed(filesOf(olderSubagent))
    expect(subagent.delegation?.parent).toBe(`opencode:${older}`)
    expect(told(subagent.events)).toEqual(['context subagent-task'])
    expect(subagent.prompts).toBe(0)
  })

  test('counts a file that is cut, and reads the others', () => {
    const files = filesOf(older).map((file) =>
      file.path.startsWith('part/msg_o03/prt_o031') ? { ...file, text: '{' } : file,
    )
    expect(parsed(files).parse.malformed).toBe(1)
    expect(parsed(files).eventCount).toBe(session.eventCount - 3)
  })
})

test('files are grouped by the session that their message belongs to', () => {
  const groups = opencode.groupTranscripts([
    ...storedPaths,
    'part/unknown/p.json',
    'message/none/m.json',
    'session_diff/x.json',
  ])
  expect([...groups.keys()].sort()).toEqual([older, olderSubagent])
  expect([...groups.values()].flat().sort()).toEqual(storedPaths)
  expect(opencode.transcriptFolders('/srv', '/home/ada', {})).toEqual(['/home/ada/.local/share/opencode/storage'])
  expect(opencode.database?.path('/home/ada', {})).toBe('/home/ada/.local/share/opencode/opencode.db')
  expect(opencode.database?.path('/home/ada', { XDG_DATA_HOME: '/d' })).toBe('/d/opencode/opencode.db')
})

test.each([honest, delegating, resumed, patched, fork])(
  '%s has the form of a session, the same at every reading',
  (id) => {
    expectWellFormed(parsed(rowsOf(id)))
    expect(parsed(rowsOf(id))).toEqual(parsed(rowsOf(id)))
  },
)

test('what is no session is none', () => {
  expect(opencode.parse([], context)).toBeNull()
  expect(opencode.parse([{ path: 'x.jsonl', text: '' }], context)).toBeNull()
})
