import { describe, expect, test } from 'vitest'
import { claudeCode } from '#core/agents/claude-code/index.ts'
import { agentById, agents } from '#core/agents/registry.ts'

const base = {
  session_id: '0719df64-8bfc-44a2-bfed-30f3a36f5a99',
  transcript_path: '/home/ada/.claude/projects/-home-ada-shop/0719df64-8bfc-44a2-bfed-30f3a36f5a99.jsonl',
  cwd: '/home/ada/shop',
}

describe('readHook', () => {
  test.each([
    ['SessionStart', 'sessionStart', { source: 'startup', model: 'claude-opus-5-5' }],
    ['SessionEnd', 'sessionEnd', { reason: 'other' }],
    ['UserPromptSubmit', 'prompt', { prompt: 'hello' }],
    ['UserPromptSubmit', 'other', { prompt: '<task-notification>\n<task-id>a1</task-id>' }],
    ['Stop', 'turnEnd', { stop_hook_active: false }],
    ['SubagentStop', 'turnEnd', { agent_id: 'a1' }],
    ['PreCompact', 'other', { trigger: 'manual', custom_instructions: null }],
    ['InstructionsLoaded', 'other', { file_path: '/x' }],
  ])('%s', (name, event, extra) => {
    expect(claudeCode.readHook({ ...base, hook_event_name: name, ...extra })).toEqual({
      agent: 'claude-code',
      session: `claude-code:${base.session_id}`,
      event,
      callId: null,
      category: null,
      paths: [],
      transcriptPath: base.transcript_path,
      workingDirectory: base.cwd,
      model: name === 'SessionStart' ? 'claude-opus-5-5' : null,
    })
  })

  test.each([
    ['PreToolUse', 'beforeTool', 'Edit', { file_path: '/home/ada/shop/a.ts' }, 'edit', ['/home/ada/shop/a.ts']],
    ['PostToolUse', 'afterTool', 'Write', { file_path: 'b.ts' }, 'edit', ['/home/ada/shop/b.ts']],
    ['PostToolUse', 'afterTool', 'NotebookEdit', { notebook_path: '/n.ipynb' }, 'edit', ['/n.ipynb']],
    ['PostToolUseFailure', 'afterTool', 'Bash', { command: 'npm test' }, 'shell', []],
    ['PreToolUse', 'beforeTool', 'mcp__tracker__close', { id: 1 }, 'mcp', []],
  ])('%s of %s', (name, event, tool, input, category, paths) => {
    const note = claudeCode.readHook({
      ...base,
      hook_event_name: name,
      tool_name: event && tool,
      tool_input: input,
      tool_use_id: 'toolu_1',
    })
    expect(note).toMatchObject({ event, category, paths, callId: 'toolu_1' })
  })

  test.each([
    null,
    7,
    'text',
    [],
    {},
    { session_id: '../../etc', hook_event_name: 'Stop' },
    { session_id: 5, hook_event_name: 'Stop' },
  ])('refuses %j', (payload) => expect(claudeCode.readHook(payload)).toBeNull())
})

describe('isCaller', () => {
  const claude = { CLAUDECODE: '1', CLAUDE_CODE_SESSION_ID: base.session_id }
  const payload = { ...base, hook_event_name: 'PreToolUse' }

  test('knows itself', () => expect(claudeCode.isCaller(claude, payload)).toBe(true))
  test('knows itself inside another agent', () =>
    expect(claudeCode.isCaller({ COPILOT_CLI: '1', CURSOR_VERSION: '3', ...claude }, payload)).toBe(true))
  test('knows itself by the transcript where the environment says nothing', () =>
    expect(claudeCode.isCaller({}, payload)).toBe(true))
  test.each([
    [
      'Copilot, which has no transcript path',
      { COPILOT_CLI: '1', CLAUDE_PROJECT_DIR: '/x' },
      { hook_event_name: 'PreToolUse', session_id: 's', cwd: '/x', tool_name: 'Write', tool_input: { path: 'a' } },
    ],
    [
      'Copilot inside Claude Code',
      { ...claude, COPILOT_CLI: '1' },
      { hook_event_name: 'PreToolUse', session_id: 's', cwd: '/x' },
    ],
    ['Cursor', { CURSOR_VERSION: '3.1' }, { ...payload, conversation_id: 'c', cursor_version: '3.1' }],
    [
      'Cursor by its transcript',
      { CURSOR_VERSION: '3.1' },
      { ...payload, transcript_path: '/home/ada/.cursor/projects/x/agent-transcripts/y/y.jsonl' },
    ],
    [
      'Codex',
      {},
      { ...payload, turn_id: 't', transcript_path: '/home/ada/.codex/sessions/2026/11/02/rollout-x.jsonl' },
    ],
    [
      'Gemini',
      { GEMINI_SESSION_ID: 'g' },
      { ...payload, transcript_path: '/home/ada/.gemini/tmp/shop/chats/session-1.jsonl' },
    ],
    [
      'Codex inside Claude Code',
      claude,
      { ...payload, turn_id: 't', transcript_path: '/home/ada/.codex/sessions/2026/11/02/rollout-x.jsonl' },
    ],
    ['nothing', claude, null],
    ['an empty payload', claude, {}],
  ])('is not %s', (_, environment, other) => {
    const variables: Record<string, string> = { ...environment }
    expect(claudeCode.isCaller(variables, other)).toBe(false)
  })
})

test('the registry finds agents by id', () => {
  expect(agentById('claude-code')).toBe(claudeCode)
  expect(agentById('nobody')).toBeNull()
  expect(new Set(agents.map((agent) => agent.id)).size).toBe(agents.length)
})
