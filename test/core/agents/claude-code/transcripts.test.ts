/** Where Claude Code keeps transcripts, and which files make one session. */
import { expect, test } from 'vitest'
import { claudeCode } from '#core/agents/claude-code/index.ts'

test('groups files by session', () => {
  expect(
    claudeCode.groupTranscripts([
      'b.jsonl',
      'a.jsonl',
      'a/subagents/agent-1.jsonl',
      'a/subagents/agent-1.meta.json',
      'a/subagents/workflows/wf_1/agent-2.jsonl',
      'a/subagents/workflows/wf_1/journal.jsonl',
      'notes.txt',
      'a/tool-results/x.jsonl',
    ]),
  ).toEqual(
    new Map([
      [
        'a',
        [
          'a.jsonl',
          'a/subagents/agent-1.jsonl',
          'a/subagents/agent-1.meta.json',
          'a/subagents/workflows/wf_1/agent-2.jsonl',
        ],
      ],
      ['b', ['b.jsonl']],
    ]),
  )
})

test('knows where transcripts lie', () => {
  expect(claudeCode.transcriptFolders('/srv/a_b/c.d', '/home/ada', {})).toEqual([
    '/home/ada/.claude/projects/-srv-a-b-c-d',
  ])
  expect(claudeCode.transcriptFolders('/srv', '/home/ada', { CLAUDE_CONFIG_DIR: '/etc/c' })).toEqual([
    '/etc/c/projects/-srv',
  ])
})
