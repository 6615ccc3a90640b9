import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { callerOf, callsAs } from '#core/agents/caller.ts'
import { hostileJson } from './hostile-json.ts'

const uuid = '01a203a2-f46b-7533-96ea-886ec9548cec'
const claude = { CLAUDECODE: '1', CLAUDE_CODE_SESSION_ID: 'outer', AI_AGENT: 'claude-code_2-1-328_harness' }
const copilot = { COPILOT_CLI: '1', COPILOT_CLI_BINARY_VERSION: '1.0.102' }
const gemini = { GEMINI_SESSION_ID: 'outer', GEMINI_CWD: '/r' }
const cursor = { CURSOR_VERSION: '3.5', CURSOR_PROJECT_DIR: '/r' }

const transcripts = {
  claude: '/home/ada/.claude/projects/-r/s1.jsonl',
  codex: `/home/ada/.codex/sessions/2026/11/02/rollout-2026-11-02T10-00-00-${uuid}.jsonl`,
  gemini: '/home/ada/.gemini/tmp/r/chats/session-2026-11-02T09-00-b76b4c42.jsonl',
  cursor: '/home/ada/.cursor/projects/r/agent-transcripts/s1/s1.jsonl',
  copilot: '/home/ada/.copilot/session-state/s1/events.jsonl',
}
const form = { session_id: 's1', hook_event_name: 'PreToolUse', cwd: '/r', tool_name: 'Bash' }
const fromClaudeSettings = { ...form, timestamp: '2026-11-02T09:00:00.000Z', tool_input: { command: 'ls' } }
const native = { sessionId: 's1', timestamp: 1_777_000_000_000, cwd: '/r', toolName: 'bash', toolArgs: '{}' }

describe('callerOf', () => {
  test.each([
    ['Claude Code', claude, { ...form, transcript_path: transcripts.claude }, 'claude-code'],
    [
      'Claude Code in a moved folder',
      { CLAUDECODE: '1' },
      { ...form, transcript_path: '/elsewhere/s1.jsonl' },
      'claude-code',
    ],
    ['Codex by its turn', {}, { ...form, turn_id: 't1' }, 'codex'],
    ['Codex by its transcript', {}, { ...form, transcript_path: transcripts.codex }, 'codex'],
    ['Codex on Windows', {}, { ...form, transcript_path: `C:\\x\\rollout-2026-11-02-${uuid}.jsonl` }, 'codex'],
    ['Gemini by its transcript', {}, { ...form, transcript_path: transcripts.gemini }, 'gemini-cli'],
    ['Gemini by its session', { GEMINI_SESSION_ID: 's1' }, form, 'gemini-cli'],
    ['Copilot by its own hooks', copilot, native, 'copilot-cli'],
    ['Copilot through Claude Code’s settings', copilot, fromClaudeSettings, 'copilot-cli'],
    ['Copilot by its result', {}, { ...form, tool_result: { result_type: 'success' } }, 'copilot-cli'],
    ['Copilot by its transcript', {}, { sessionId: 's1', transcriptPath: transcripts.copilot }, 'copilot-cli'],
    [
      'Cursor',
      cursor,
      { conversation_id: 'c', generation_id: 'g', hook_event_name: 'stop', cursor_version: '3.5' },
      'cursor',
    ],
    ['Cursor, an older version', {}, { conversation_id: 'c', generation_id: 'g', hook_event_name: 'stop' }, 'cursor'],
    [
      'Cursor through Claude Code’s settings',
      cursor,
      { ...form, cursor_version: '3.5', transcript_path: transcripts.cursor },
      'cursor',
    ],
    ['another program', {}, { schema: 'stemma.event/v1', kind: 'prompt', sessionId: 's1' }, 'generic'],
    // One agent inside of another: the environment of the outer one is inherited whole.
    [
      'Claude Code inside Copilot',
      { ...copilot, ...claude },
      { ...form, transcript_path: transcripts.claude },
      'claude-code',
    ],
    [
      'Claude Code inside Gemini, its folder moved',
      { ...gemini, ...claude, CLAUDE_CODE_SESSION_ID: 's1' },
      { ...form, transcript_path: '/elsewhere/s1.jsonl' },
      'claude-code',
    ],
    ['Copilot inside Claude Code', { ...claude, ...copilot }, fromClaudeSettings, 'copilot-cli'],
    ['Copilot’s own hooks inside Claude Code', { ...claude, ...copilot }, native, 'copilot-cli'],
    ['Codex inside Claude Code', claude, { ...form, turn_id: 't1', transcript_path: transcripts.codex }, 'codex'],
    ['Codex inside Gemini', gemini, { ...form, turn_id: 't1', transcript_path: transcripts.codex }, 'codex'],
    ['Gemini inside Claude Code', { ...claude, GEMINI_SESSION_ID: 's1' }, form, 'gemini-cli'],
    ['Gemini inside Cursor’s terminal', cursor, { ...form, transcript_path: transcripts.gemini }, 'gemini-cli'],
    [
      'Claude Code inside Cursor’s terminal',
      { ...cursor, ...claude },
      { ...form, transcript_path: transcripts.claude },
      'claude-code',
    ],
    [
      'another program inside Claude Code',
      claude,
      { schema: 'stemma.event/v1', kind: 'prompt', sessionId: 's1' },
      'generic',
    ],
    // Nothing tells.
    [
      'a transcript nobody knows, two agents around it',
      { ...claude, ...gemini },
      { ...form, transcript_path: '/x/y' },
      null,
    ],
    ['no environment', {}, form, null],
    ['no session', claude, { hook_event_name: 'Stop' }, null],
    ['no payload', claude, null, null],
    ['an empty session', { GEMINI_SESSION_ID: '' }, { ...form, session_id: '' }, null],
  ])('%s', (_, environment, payload, agent) => {
    expect(callerOf(environment, payload)).toBe(agent)
  })

  test('is one agent at most, for anything', () => {
    const json = hostileJson(
      ['session_id', 'transcript_path', 'cursor_version', 'turn_id', 'schema'],
      ['s1', transcripts.cursor],
    )
    const ids = ['claude-code', 'codex', 'gemini-cli', 'cursor', 'copilot-cli', 'generic']
    fc.assert(
      fc.property(json, (payload) => {
        const callers = ids.filter((id) => callsAs(id)({ ...claude, ...copilot }, payload))
        expect(callers.length).toBe(callerOf({ ...claude, ...copilot }, payload) === null ? 0 : 1)
      }),
    )
  })
})
