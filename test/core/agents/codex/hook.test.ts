import { parse } from 'jsonc-parser'
import { describe, expect, test } from 'vitest'
import { claudeCode } from '#core/agents/claude-code/index.ts'
import { codex } from '#core/agents/codex/index.ts'

const id = '01a203a2-f46b-7533-96ea-886ec9548cec'
const base = {
  session_id: id,
  transcript_path: `/home/ada/.codex/sessions/2026/11/02/rollout-2026-11-02T10-00-00-${id}.jsonl`,
  cwd: '/home/ada/shop',
  model: 'gpt-5.5',
  permission_mode: 'default',
}

describe('readHook', () => {
  test.each([
    ['SessionStart', 'sessionStart'],
    ['SessionEnd', 'sessionEnd'],
    ['UserPromptSubmit', 'prompt'],
    ['Stop', 'turnEnd'],
    ['SubagentStop', 'turnEnd'],
    ['PreCompact', 'other'],
  ])('%s', (name, event) => {
    expect(codex.readHook({ ...base, hook_event_name: name })).toEqual({
      agent: 'codex',
      session: `codex:${id}`,
      event,
      callId: null,
      category: null,
      paths: [],
      transcriptPath: base.transcript_path,
      workingDirectory: base.cwd,
      model: 'gpt-5.5',
    })
  })

  test('names every file of a patch', () => {
    const command =
      '*** Begin Patch\n*** Add File: a.ts\n+x\n*** Update File: /srv/b.ts\n*** Move to: c.ts\n@@\n-x\n+y\n*** End Patch'
    const payload = { ...base, hook_event_name: 'PreToolUse', tool_name: 'apply_patch', tool_input: { command } }
    expect(codex.readHook({ ...payload, tool_use_id: 'call_1' })).toMatchObject({
      event: 'beforeTool',
      category: 'edit',
      callId: 'call_1',
      paths: ['/home/ada/shop/a.ts', '/srv/b.ts', '/home/ada/shop/c.ts'],
    })
  })

  test('knows a command', () => {
    const payload = { ...base, hook_event_name: 'PostToolUse', tool_name: 'Bash', tool_input: { command: 'npm test' } }
    expect(codex.readHook(payload)).toMatchObject({ event: 'afterTool', category: 'shell', paths: [] })
  })

  test.each([null, 7, 'text', [], {}, { session_id: '../../etc', hook_event_name: 'Stop' }])('refuses %j', (payload) =>
    expect(codex.readHook(payload)).toBeNull(),
  )
})

describe('isCaller', () => {
  const turn = { ...base, hook_event_name: 'PreToolUse', turn_id: 't' }
  test('is known by the turn, and by the transcript where there is none', () => {
    expect(codex.isCaller({}, turn)).toBe(true)
    expect(codex.isCaller({}, { ...turn, transcript_path: null })).toBe(true)
    expect(codex.isCaller({}, { ...base, hook_event_name: 'SessionStart' })).toBe(true)
  })
  test('is known inside of Claude Code, which does not take it for its own', () => {
    expect(codex.isCaller({ CLAUDECODE: '1' }, turn)).toBe(true)
    expect(claudeCode.isCaller({ CLAUDECODE: '1' }, turn)).toBe(false)
  })
  test.each([
    ['Claude Code', { ...base, hook_event_name: 'Stop', transcript_path: '/home/ada/.claude/projects/x/y.jsonl' }],
    ['Cursor', { ...turn, cursor_version: '3' }],
    ['nobody', { turn_id: 't' }],
  ])('is not %s', (_, payload) => expect(codex.isCaller({ CODEX_HOME: '/c' }, payload)).toBe(false))
})

describe('the hook file', () => {
  const { install, uninstall, isInstalled } = codex.hookFile
  test('has `hooks` as its only root key, and a constant command', () => {
    const written = parse(install(null)) as { hooks: Record<string, { hooks: { command: string }[] }[]> }
    expect(Object.keys(written)).toEqual(['hooks'])
    const commands = new Set(
      Object.values(written.hooks).flatMap((groups) => groups[0]?.hooks.map((hook) => hook.command)),
    )
    expect([...commands]).toEqual(['command -v stemma >/dev/null 2>&1 && stemma hook codex || true'])
    expect(written.hooks['PreToolUse']?.[0]).toMatchObject({ matcher: 'Bash|apply_patch|mcp__.*' })
  })
  test('comes and goes without a trace', () => {
    const others = '{\n  "hooks": {\n    "Stop": [{ "hooks": [{ "type": "command", "command": "lint" }] }]\n  }\n}\n'
    for (const text of ['{}', others]) expect(uninstall(install(text))).toBe(text)
    expect(uninstall(install(null))).toBeNull()
    expect(isInstalled(install(others))).toBe(true)
    expect(isInstalled(others)).toBe(false)
  })
  test('does not take the hook of another agent for its own', () => {
    const foreign = install(null).replaceAll('stemma hook codex', 'stemma hook codex-cloud')
    expect(isInstalled(foreign)).toBe(false)
    expect(uninstall(foreign)).toBe(foreign)
  })
  test('says which file cannot be read', () => {
    expect(() => install('{')).toThrowError(
      expect.objectContaining({ message: expect.stringContaining('.codex/hooks.json') }),
    )
  })
})
