import { parse } from 'jsonc-parser'
import { describe, expect, test } from 'vitest'
import { claudeCode } from '#core/agents/claude-code/index.ts'
import { geminiCli } from '#core/agents/gemini-cli/index.ts'

const id = 'b76b4c42-037c-4ed3-a3ec-e6bea0edd724'
const base = {
  session_id: id,
  transcript_path: '/home/ada/.gemini/tmp/shop/chats/session-2026-11-02T09-00-b76b4c42.jsonl',
  cwd: '/home/ada/shop',
  timestamp: '2026-11-02T09:00:00.000Z',
}

describe('readHook', () => {
  test.each([
    ['SessionStart', 'sessionStart'],
    ['SessionEnd', 'sessionEnd'],
    ['BeforeAgent', 'prompt'],
    ['AfterAgent', 'turnEnd'],
    ['PreCompress', 'other'],
  ])('%s', (name, event) => {
    expect(geminiCli.readHook({ ...base, hook_event_name: name })).toEqual({
      agent: 'gemini-cli',
      session: `gemini-cli:${id}`,
      event,
      callId: null,
      category: null,
      paths: [],
      transcriptPath: base.transcript_path,
      workingDirectory: base.cwd,
      model: null,
    })
  })

  test.each([
    ['BeforeTool', 'beforeTool', 'write_file', { file_path: '/home/ada/shop/a.ts' }, 'edit', ['/home/ada/shop/a.ts']],
    ['AfterTool', 'afterTool', 'replace', { file_path: 'b.ts' }, 'edit', ['/home/ada/shop/b.ts']],
    ['AfterTool', 'afterTool', 'run_shell_command', { command: 'npm test' }, 'shell', []],
    ['BeforeTool', 'beforeTool', 'mcp_tracker_close', { id: 1 }, 'mcp', []],
  ])('%s of %s', (name, event, tool, input, category, paths) => {
    const payload = { ...base, hook_event_name: name, tool_name: event && tool, tool_input: input }
    expect(geminiCli.readHook(payload)).toMatchObject({ event, category, paths })
  })

  test.each([null, 7, 'text', [], {}, { session_id: '../../etc', hook_event_name: 'Stop' }])('refuses %j', (payload) =>
    expect(geminiCli.readHook(payload)).toBeNull(),
  )
})

describe('isCaller', () => {
  const payload = { ...base, hook_event_name: 'BeforeTool' }
  test('is known by its session, and by the transcript', () => {
    expect(geminiCli.isCaller({ GEMINI_SESSION_ID: id }, { ...payload, transcript_path: '' })).toBe(true)
    expect(geminiCli.isCaller({}, payload)).toBe(true)
    expect(claudeCode.isCaller({ CLAUDECODE: '1', GEMINI_SESSION_ID: id }, payload)).toBe(false)
  })
  test('is not the agent that it started, which inherits its environment', () => {
    const transcript_path = '/home/ada/.claude/projects/x/y.jsonl'
    expect(geminiCli.isCaller({ GEMINI_SESSION_ID: id }, { ...payload, session_id: 'other', transcript_path })).toBe(
      false,
    )
    expect(geminiCli.isCaller({ GEMINI_SESSION_ID: id }, null)).toBe(false)
  })
})

describe('the hook file', () => {
  const { install, uninstall, isInstalled } = geminiCli.hookFile
  test('gives the timeout in milliseconds, and every hook a name', () => {
    const written = parse(install(null)) as { hooks: Record<string, { matcher?: string; hooks: object[] }[]> }
    expect(Object.keys(written.hooks)).toEqual([
      'SessionStart',
      'BeforeAgent',
      'BeforeTool',
      'AfterTool',
      'AfterAgent',
      'SessionEnd',
    ])
    for (const [group] of Object.values(written.hooks)) {
      expect(group?.hooks).toEqual([
        {
          name: 'stemma',
          type: 'command',
          command: 'command -v stemma >/dev/null 2>&1 && stemma hook gemini-cli || true',
          timeout: 10_000,
        },
      ])
    }
    expect(written.hooks['BeforeTool']?.[0]?.matcher).toBe(
      'write_file|replace|run_shell_command|read_file|read_many_files|mcp_.*',
    )
  })
  test('keeps comments and other settings', () => {
    const text = '{\n  // ours\n  "ui": { "theme": "Dark" },\n}\n'
    expect(install(text)).toContain('// ours')
    expect(isInstalled(install(text))).toBe(true)
    expect(uninstall(install(text))).toBe(text)
    expect(uninstall(install(null))).toBeNull()
  })
})
