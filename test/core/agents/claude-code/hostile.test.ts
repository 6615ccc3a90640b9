import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { claudeCode } from '#core/agents/claude-code/index.ts'
import { Event } from '#core/session/event.ts'
import { SessionHeader } from '#core/session/session.ts'
import { readSession, writeSession } from '#core/session/session-text.ts'
import { context, parsedText } from './fixtures.ts'

const words = fc.constantFrom(
  'user',
  'assistant',
  'system',
  'attachment',
  'tool_use',
  'tool_result',
  'text',
  'thinking',
  'compact_boundary',
  'Edit',
  'Write',
  'MultiEdit',
  'NotebookEdit',
  'Bash',
  'Agent',
  'queued_command',
  'instructions',
  '<synthetic>',
  'create',
  '',
  '__proto__',
  'constructor',
  'main',
  'toolu_1',
  'a.ts',
  'one',
  '2026-11-02T09:00:00Z',
  '\0',
  '\ud800',
)
const names = fc.constantFrom(
  'type',
  'subtype',
  'message',
  'content',
  'uuid',
  'parentUuid',
  'sessionId',
  'timestamp',
  'toolUseResult',
  'usage',
  'id',
  'name',
  'input',
  'file_path',
  'old_string',
  'new_string',
  'edits',
  'replace_all',
  'structuredPatch',
  'lines',
  'text',
  'attachment',
  'files',
  'agentId',
  'isSidechain',
  'is_error',
  'tool_use_id',
  'model',
  'output_tokens',
  'originalFile',
  'filePath',
  'prompt',
  'permissionDecision',
  'decision',
  'toolDenialKind',
  'gitOperation',
  'commit',
  'sha',
  '__proto__',
  'toString',
  'compactMetadata',
  'thinking',
  'cwd',
  'gitBranch',
)
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 5, depthSize: 'small' },
    words,
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.double(),
    fc.integer(),
    fc.constantFrom(null, true, false, -1, Number.MAX_SAFE_INTEGER, 1e300),
    fc.array(tie('json'), { maxLength: 4 }),
    fc.dictionary(names, tie('json'), { maxKeys: 6 }),
  ),
}))
const record = fc.record(
  {
    type: fc.constantFrom('user', 'assistant', 'system', 'attachment', 'cost-state', 'other'),
    uuid: words,
    parentUuid: words,
    isSidechain: fc.boolean(),
    timestamp: fc.oneof(words, fc.double()),
    message: fc.record({
      id: words,
      model: words,
      content: fc.oneof(
        json,
        fc.array(
          fc.record({
            type: words,
            id: words,
            tool_use_id: words,
            name: words,
            input: json,
            text: words,
            content: json,
            is_error: fc.boolean(),
          }),
          { maxLength: 4 },
        ),
      ),
      usage: json,
    }),
    toolUseResult: json,
    attachment: json,
  },
  { requiredKeys: ['type'] },
)

describe('the parser never throws, and what it gives has the form of a session', () => {
  test('for any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => check(text)))
  })
  test('for any JSON lines', () => {
    fc.assert(
      fc.property(fc.array(json, { maxLength: 8 }), (lines) =>
        check(lines.map((line) => JSON.stringify(line)).join('\n')),
      ),
    )
  })
  test('for records of every type with anything in them', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 12 }), (lines) =>
        check(lines.map((line) => JSON.stringify(line)).join('\n')),
      ),
      { numRuns: 500 },
    )
  })
  test('for a record cut at any place', () => {
    const whole = JSON.stringify({ type: 'user', uuid: 'u1', message: { role: 'user', content: 'Ä "quoted" \\ text' } })
    for (let end = 0; end <= whole.length; end++) check(whole.slice(0, end))
  })
})

describe('work and size are bounded', () => {
  test('for JSON nested a hundred thousand levels deep', () => {
    const deep = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`
    check(
      `{"type":"user","uuid":"u1","toolUseResult":${deep},"message":{"content":[{"type":"tool_use","id":"x","input":${deep}}]}}`,
    )
    check(
      `{"type":"assistant","uuid":"u2","message":{"content":[{"type":"tool_use","id":"x","name":"Bash","input":${deep}}]}}`,
    )
    check(`{"type":"strange","uuid":"u3","deep":${deep}}`)
  })

  test('for an output of ten million characters', () => {
    const huge = 'x'.repeat(10_000_000)
    const session = parsedText(
      JSON.stringify({
        type: 'user',
        uuid: 'u1',
        message: { content: [{ type: 'tool_result', tool_use_id: 't', content: `head${huge}tail` }] },
      }),
    )
    const [event] = session?.events ?? []
    expect(event?.kind).toBe('toolResult')
    if (event?.kind !== 'toolResult') return
    expect(event.output.length).toBeLessThan(66_000)
    expect(event.output).toMatch(/^head/)
    expect(event.output).toMatch(/tail$/)
    expect(event.output).toContain(`\n… ${10_000_008 - 65_536} characters left out …\n`)
  })

  test('for replacements that would grow without end', () => {
    const edits = Array.from({ length: 60 }, () => ({ old_string: 'a', new_string: 'aaaaaaaaaa', replace_all: true }))
    const call = {
      type: 'assistant',
      uuid: 'u1',
      message: { content: [{ type: 'tool_use', id: 't', name: 'MultiEdit', input: { file_path: '/a', edits } }] },
    }
    const result = {
      type: 'user',
      uuid: 'u2',
      toolUseResult: { filePath: '/a', originalFile: 'aaaa' },
      message: { content: [{ type: 'tool_result', tool_use_id: 't', content: 'ok' }] },
    }
    check(`${JSON.stringify(call)}\n${JSON.stringify(result)}`)
  })

  test('a long transcript is read to its end', () => {
    const line = (number: number) =>
      JSON.stringify({
        type: 'user',
        uuid: `u${number}`,
        timestamp: '2026-11-02T09:00:00Z',
        message: { content: 'word '.repeat(50) },
      })
    const text = Array.from({ length: 40_000 }, (_, number) => line(number)).join('\n')
    expect(parsedText(text)?.events).toHaveLength(40_000)
  })
})

test('usage is the sum over distinct message ids of their largest figure', () => {
  const answer = fc.record({
    id: fc.constantFrom('m1', 'm2', 'm3', 'm4'),
    output: fc.nat(1000),
    sidechain: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(answer, { minLength: 1, maxLength: 20 }), fc.subarray(['m1', 'm2']), (answers, counted) => {
      const text = answers
        .map(({ id, output, sidechain }, number) =>
          JSON.stringify({
            type: 'assistant',
            uuid: `u${number}`,
            isSidechain: sidechain,
            message: { id, model: 'claude-opus-5-5', content: [], usage: { output_tokens: output } },
          }),
        )
        .join('\n')
      const session = claudeCode.parse([{ path: 'made.jsonl', text }], {
        ...context,
        countedMessages: new Set(counted),
      })
      const largest = new Map<string, number>()
      for (const { id, output } of answers) largest.set(id, Math.max(largest.get(id) ?? 0, output))
      for (const id of counted) largest.delete(id)
      expect(session?.usage?.output).toBe([...largest.values()].reduce((sum, output) => sum + output, 0))
      expect(session?.models[0]?.requests ?? 0).toBe(largest.size)
    }),
  )
})

test('a person is named by no path', () => {
  const home = parsedText(
    JSON.stringify({
      type: 'user',
      uuid: 'u1',
      cwd: '/home/ada/shop',
      message: { content: 'see /home/ada/x, /home/ada and "/home/ada/y", not /home/adam or /mnt/home/ada' },
    }),
  )
  expect(home?.events[0]).toMatchObject({ text: 'see ~/x, ~ and "~/y", not /home/adam or /mnt/home/ada' })
})

function check(text: string): void {
  const session = parsedText(text)
  if (session === null) return
  const { events, ...header } = session
  expect(SessionHeader.safeParse(header).error).toBeUndefined()
  for (const event of events) expect(Event.safeParse(event).error).toBeUndefined()
  expect(new Set(events.map((event) => event.id)).size).toBe(events.length)
  expect(readSession(writeSession(session))).toEqual(session)
}
