import { expect, test } from 'vitest'
import { eachRecord, type RolloutRecord } from '#core/agents/codex/records.ts'
import { pathsOf } from '#core/agents/codex/tools.ts'

test('a record has the id of its item, else that of its call, else that of its line', () => {
  const item = (payload: object) => JSON.stringify({ type: 'response_item', payload })
  const records: RolloutRecord[] = []
  const text = [
    item({ type: 'function_call', id: 'fc_1', call_id: 'c1' }),
    item({ type: 'function_call', call_id: 'c1' }),
    item({ type: 'function_call_output', call_id: 'c1' }),
    item({ type: 'message', role: 'user' }),
    JSON.stringify({ type: 'event_msg', payload: { type: 'patch_apply_end', id: 'p1', call_id: 'c1' } }),
    JSON.stringify({ type: 'event_msg', payload: { type: 'user_message', id: 'p1', call_id: 'not/safe' } }),
  ].join('\n')
  expect(eachRecord(`${text}\n{"cut`, 's1', (record) => records.push(record))).toBe(1)
  expect(records.map(({ id, callId }) => [id, callId])).toEqual([
    ['fc_1', 'c1'],
    ['call:c1', 'c1'],
    ['result:c1', 'c1'],
    ['s1:4', null],
    ['s1:5', 'c1'],
    ['s1:6', null],
  ])
})

test('a call names each file once, those of its patch first', () => {
  const input = '*** Begin Patch\n*** Update File: a.ts\n@@\n-x\n+y\n*** Delete File: b.ts\n*** End Patch'
  expect(pathsOf('edit', { input, path: 'c.ts', file_path: 'a.ts' })).toEqual(['a.ts', 'b.ts', 'c.ts'])
  expect(pathsOf('read', { path: '', file_path: 'd.ts' })).toEqual(['d.ts'])
})
