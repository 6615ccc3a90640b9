import { describe, expect, test } from 'vitest'
import { opencode } from '#core/agents/opencode/index.ts'
import { PLUGIN, PLUGIN_MARK } from '#core/agents/opencode/plugin.ts'

const hookFile = opencode.hookFile
if (hookFile === null) throw new Error('OpenCode has a plugin')
const base = { sessionID: 'ses_1', cwd: '/home/ada/shop' }

describe('readHook', () => {
  test.each([
    ['session.created', 'sessionStart'],
    ['chat.message', 'prompt'],
    ['session.idle', 'turnEnd'],
    ['session.compacted', 'other'],
  ])('%s', (name, event) => {
    expect(opencode.readHook({ ...base, event: name })).toEqual({
      agent: 'opencode',
      session: 'opencode:ses_1',
      event,
      callId: null,
      category: null,
      paths: [],
      transcriptPath: null,
      workingDirectory: '/home/ada/shop',
      model: null,
    })
  })

  test.each([
    [
      'tool.execute.before',
      'beforeTool',
      'write',
      { filePath: '/home/ada/shop/a.ts' },
      'edit',
      ['/home/ada/shop/a.ts'],
    ],
    ['tool.execute.after', 'afterTool', 'edit', { filePath: 'b.ts' }, 'edit', ['/home/ada/shop/b.ts']],
    ['tool.execute.after', 'afterTool', 'bash', { command: 'npm test' }, 'shell', []],
    ['tool.execute.before', 'beforeTool', 'tracker_close_issue', { id: 1 }, 'mcp', []],
    [
      'tool.execute.before',
      'beforeTool',
      'apply_patch',
      { patchText: '*** Begin Patch\n*** Delete File: c.ts\n*** End Patch' },
      'edit',
      ['/home/ada/shop/c.ts'],
    ],
  ])('%s of %s', (name, event, tool, args, category, paths) => {
    const note = opencode.readHook({ ...base, event: name, callID: 'call_1', tool, args })
    expect(note).toMatchObject({ event, category, paths, callId: 'call_1' })
  })

  test.each([null, 7, 'text', [], {}, { event: 'session.idle' }, { sessionID: '../../etc', event: 'session.idle' }])(
    'refuses %j',
    (payload) => expect(opencode.readHook(payload)).toBeNull(),
  )
})

test('its payloads are told from others by themselves', () => {
  expect(opencode.isCaller({}, { ...base, event: 'session.idle' })).toBe(true)
  expect(opencode.isCaller({ CLAUDECODE: '1' }, { ...base, event: 'session.idle' })).toBe(true)
  expect(opencode.isCaller({}, { session_id: 'x', hook_event_name: 'Stop' })).toBe(false)
})

describe('the hook file', () => {
  test('is a plugin of its own, and nothing remains of it', () => {
    expect(hookFile.path).toBe('.opencode/plugin/stemma.js')
    expect(hookFile.install(null)).toBe(PLUGIN)
    expect(hookFile.isInstalled(PLUGIN)).toBe(true)
    expect(hookFile.uninstall(PLUGIN)).toBeNull()
    expect(hookFile.isInstalled(null)).toBe(false)
  })
  test('of another version is replaced', () => {
    const other = `${PLUGIN_MARK}\nexport const Stemma = async () => ({})\n`
    expect(hookFile.isInstalled(other)).toBe(false)
    expect(hookFile.install(other)).toBe(PLUGIN)
    expect(hookFile.uninstall(other)).toBeNull()
  })
  test('of somebody else is left alone', () => {
    const foreign = 'export const Mine = async () => ({})\n'
    expect(() => hookFile.install(foreign)).toThrow('somebody else’s')
    expect(hookFile.uninstall(foreign)).toBe(foreign)
  })
  test('loads no module but Node’s own', () => {
    const modules = [...PLUGIN.matchAll(/(?:from|import|require)\s*\(?\s*['"]([^'"]+)['"]/g)].map(([, name]) => name)
    expect(modules).toEqual(['node:child_process'])
  })
})
