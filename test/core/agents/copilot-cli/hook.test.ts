import { parse } from 'jsonc-parser'
import { describe, expect, test } from 'vitest'
import { copilotCli } from '#core/agents/copilot-cli/index.ts'

const hookFile = copilotCli.hookFile
if (hookFile === null) throw new Error('Copilot CLI has a hook file')
const id = '0f35fe8f-8844-4be1-99c2-e360b9aa7a18'
const native = { sessionId: id, timestamp: 1_795_364_563_256, cwd: '/home/ada/shop' }
const asClaude = { session_id: id, timestamp: '2026-11-22T16:22:43.256Z', cwd: '/home/ada/shop' }
const log = `/home/ada/.copilot/session-state/${id}/events.jsonl`

describe('readHook', () => {
  test.each([
    ['sessionStart', { source: 'new', initialPrompt: 'Go' }, 'SessionStart', { source: 'new', initial_prompt: 'Go' }],
    ['prompt', { prompt: 'Go' }, 'UserPromptSubmit', { prompt: 'Go' }],
    [
      'turnEnd',
      { transcriptPath: log, stopReason: 'end_turn' },
      'Stop',
      { transcript_path: log, stop_reason: 'end_turn' },
    ],
    ['sessionEnd', { reason: 'complete' }, 'SessionEnd', { reason: 'complete' }],
    ['other', { trigger: 'manual' }, 'PreCompact', { trigger: 'manual' }],
  ])('%s, the same through both configurations', (event, own, name, claude) => {
    const note = copilotCli.readHook({ ...native, ...own })
    expect(note).toEqual({
      agent: 'copilot-cli',
      session: `copilot-cli:${id}`,
      event,
      callId: null,
      category: null,
      paths: [],
      // A session is a folder.
      transcriptPath: event === 'turnEnd' ? `/home/ada/.copilot/session-state/${id}` : null,
      workingDirectory: '/home/ada/shop',
      model: null,
    })
    expect(copilotCli.readHook({ ...asClaude, hook_event_name: name, ...claude })).toEqual(note)
  })

  test.each([
    ['create', 'Write', { path: '/home/ada/shop/a.ts', file_text: 'x' }, 'edit', ['/home/ada/shop/a.ts']],
    ['edit', 'Edit', { path: 'b.ts', old_str: 'x', new_str: 'y' }, 'edit', ['/home/ada/shop/b.ts']],
    ['bash', 'Bash', { command: 'npm test' }, 'shell', []],
    ['view', 'Read', { path: 'b.ts' }, 'read', ['/home/ada/shop/b.ts']],
  ])('%s before and after, the same through both configurations', (tool, claudeTool, input, category, paths) => {
    const called = { ...native, toolName: tool, toolArgs: input }
    const claude = { ...asClaude, tool_name: claudeTool, tool_input: input }
    const before = copilotCli.readHook(called)
    expect(before).toMatchObject({ event: 'beforeTool', category, paths })
    expect(copilotCli.readHook({ ...claude, hook_event_name: 'PreToolUse' })).toEqual(before)
    const after = copilotCli.readHook({ ...called, toolResult: { resultType: 'success', textResultForLlm: '' } })
    expect(after).toMatchObject({ event: 'afterTool', category, paths })
    expect(
      copilotCli.readHook({ ...claude, hook_event_name: 'PostToolUse', tool_result: { result_type: 'success' } }),
    ).toEqual(after)
  })

  test('a failed edit, arguments as a text, and a request for permission', () => {
    const called = { ...native, toolName: 'edit', toolArgs: JSON.stringify({ path: '/home/ada/shop/a.ts' }) }
    expect(copilotCli.readHook({ ...called, error: 'No match found' })).toMatchObject({
      event: 'afterTool',
      paths: ['/home/ada/shop/a.ts'],
    })
    expect(copilotCli.readHook({ ...called, hookName: 'permissionRequest' })?.event).toBe('other')
  })

  test.each([null, 7, 'text', [], {}, { sessionId: '../../etc' }, { session_id: '../x', hook_event_name: 'Stop' }])(
    'refuses %j',
    (payload) => expect(copilotCli.readHook(payload)).toBeNull(),
  )
})

describe('the hook file', () => {
  test('names the event in its command, since the payload does not', () => {
    const written = parse(hookFile.install(null)) as { version: number; hooks: Record<string, object[]> }
    expect(written.version).toBe(1)
    expect(Object.keys(written.hooks)).toEqual([
      'sessionStart',
      'userPromptSubmitted',
      'preToolUse',
      'postToolUse',
      'postToolUseFailure',
      'agentStop',
      'subagentStop',
      'sessionEnd',
    ])
    for (const [event, hooks] of Object.entries(written.hooks)) {
      expect(hooks).toEqual([
        {
          type: 'command',
          command: `command -v stemma >/dev/null 2>&1 && stemma hook copilot-cli ${event} || true`,
          timeoutSec: 10,
        },
      ])
    }
  })
  test('is taken back byte for byte, also where others wrote into it', () => {
    expect(hookFile.uninstall(hookFile.install(null))).toBeNull()
    const text =
      '{\n  "version": 1,\n  // ours\n  "hooks": {\n    "preToolUse": [{ "type": "command", "bash": "x" }]\n  }\n}\n'
    const installed = hookFile.install(text)
    expect(hookFile.isInstalled(text)).toBe(false)
    expect(hookFile.isInstalled(installed)).toBe(true)
    expect(installed).toContain('// ours')
    expect(hookFile.uninstall(installed)).toBe(text)
  })
})
