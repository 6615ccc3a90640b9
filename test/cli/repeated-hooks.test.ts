import { describe, expect, it } from 'vitest'
import { withoutRepeats } from '#cli/io/repeated-hooks.ts'
import { noteOf } from '#cli/io/spool.ts'
import type { SpoolRecord } from '#cli/io/spool-record.ts'

const COPILOT = { COPILOT_CLI: '1' }
const call = { session_id: 's1', hook_event_name: 'PreToolUse', turn_id: 't', tool_name: 'Bash', cwd: '/r' }

function record(agent: string, milliseconds: number, payload: unknown = call, seen = true): SpoolRecord {
  const snapshot = seen ? ({ kind: 'tree', root: '/r', tree: 'a'.repeat(40) } as const) : null
  return {
    name: `${agent}-${milliseconds}`,
    milliseconds,
    agent,
    argument: '',
    folder: '/r',
    environment: COPILOT,
    payload,
    snapshot,
  }
}
const kept = (records: readonly SpoolRecord[]) => withoutRepeats(records, noteOf).map(({ name }) => name)

describe('an event of which two configurations tell', () => {
  it('counts once', () => {
    expect(kept([record('codex', 1), record('claude-code', 30)])).toEqual(['codex-1'])
  })
  it('is kept with its snapshot, whoever took it', () => {
    expect(kept([record('codex', 1, call, false), record('claude-code', 30)])).toEqual(['claude-code-30'])
  })
  it('is kept as the agent’s own hooks tell it, whichever came first', () => {
    expect(kept([record('claude-code', 1), record('codex', 30)])).toEqual(['codex-30'])
    expect(kept([record('claude-code', 1), record('codex', 30), record('cursor', 40)])).toEqual(['codex-30'])
  })
  it('is not another event of the same kind', () => {
    const both = [record('codex', 1), record('claude-code', 5), record('codex', 900), record('claude-code', 905)]
    expect(kept(both)).toEqual(['codex-1', 'codex-900'])
    expect(kept([record('codex', 1), record('codex', 5), record('claude-code', 9)])).toEqual(['codex-1', 'codex-5'])
    expect(kept([record('codex', 1), record('claude-code', 20_000)])).toHaveLength(2)
  })
  it('is not a call with another id, on another file, or of another session', () => {
    const other = (changes: object) => [
      record('codex', 1, { ...call, tool_use_id: 'one' }),
      record('claude-code', 9, { ...call, ...changes }),
    ]
    expect(kept(other({ tool_use_id: 'two' }))).toHaveLength(2)
    expect(kept(other({ session_id: 's2' }))).toHaveLength(2)
    expect(kept(other({ hook_event_name: 'PostToolUse' }))).toHaveLength(2)
    expect(kept(other({}))).toHaveLength(1)
    const edit = (path: string) => ({
      ...call,
      tool_name: 'apply_patch',
      tool_input: { command: `*** Begin Patch\n*** Delete File: ${path}\n*** End Patch` },
    })
    expect(kept([record('codex', 1, edit('a')), record('claude-code', 9, edit('b'))])).toHaveLength(2)
    expect(kept([record('codex', 1, edit('a')), record('claude-code', 9, edit('a'))])).toHaveLength(1)
  })
  it('stays where nobody knows whose it is', () => {
    expect(kept([record('codex', 1, null), record('claude-code', 2, null)])).toHaveLength(2)
  })
})
