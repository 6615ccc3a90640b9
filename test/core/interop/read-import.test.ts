import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isFault } from '#core/fault.ts'
import { claimedLines } from '#core/interop/imported.ts'
import { readImport } from '#core/interop/read-import.ts'

const one = async (value: unknown) => {
  const [record] = await readImport(typeof value === 'string' ? value : JSON.stringify(value))
  if (record === undefined) throw new TypeError('nothing was read')
  return record
}

const trace = {
  version: '1.0',
  id: '550e8400-e29b-41d4-a716-446655440000',
  timestamp: '2026-01-25T10:00:00Z',
  vcs: { type: 'git', revision: 'b'.repeat(40) },
  tool: { name: 'cursor', version: '2.4.0' },
  files: [
    {
      path: 'src/app.ts',
      conversations: [
        {
          url: 'https://example.com/conversations/1',
          contributor: { type: 'ai', model_id: 'anthropic/claude-opus-4-5' },
          ranges: [
            { start_line: 10, end_line: 12, contributor: { type: 'mixed' }, content_hash: 'murmur3:9f2e8a1b' },
            { start_line: 1, end_line: 4 },
            { start_line: 9, end_line: 8 },
          ],
        },
        { ranges: [{ start_line: 20, end_line: 20 }] },
      ],
    },
  ],
  somethingNew: true,
}

const note = `src/main.rs
  s_a76964380084ef::t_a3a130d3e145e3 1-4,9
  h_dca485b1adf836 3,7-8
"with space.rs"
  d9978a8723e02b52 5-6
  q_unheard 7
---
{"schema_version":"authorship/3.0.0","git_ai_version":"1.6.24","base_commit_sha":"${'c'.repeat(40)}",
 "sessions":{"s_a76964380084ef":{"agent_id":{"tool":"claude","id":"u-1","model":"claude-opus-5"},"human_author":"A"}},
 "humans":{"h_dca485b1adf836":{"author":"A"}},"prompts":{}}`

const session = {
  'chainloop.material.evidence.id': 'CHAINLOOP_AI_CODING_SESSION',
  schema: 'https://schemas.chainloop.dev/aicodingsession/0.1/ai-coding-session.schema.json',
  data: {
    schema_version: '0.1',
    agent: { name: 'claude-code', version: '2.1.0' },
    session: { id: 'u-2', started_at: '2026-09-01T10:00:00Z', duration_seconds: 60 },
    git_context: { commits: ['d'.repeat(40), { sha: 'e'.repeat(40) }, 7, '--all'] },
    code_changes: {
      files: [
        {
          path: 'a.ts',
          status: 'modified',
          attribution: 'ai',
          line_ranges: [
            { start: 1, end: 3 },
            { start: 0, end: 2 },
          ],
        },
        { path: 'b.ts', status: 'modified', attribution: 'human', line_ranges: [{ start: 2, end: 2 }] },
      ],
    },
    model: { primary: 'claude-sonnet-4-5' },
    raw_session: { main: [] },
  },
}

const configuration = {
  'chainloop.material.evidence.id': 'CHAINLOOP_AI_AGENT_CONFIG',
  data: {
    schema_version: '0.1',
    agent: { name: 'claude' },
    config_hash: 'x',
    captured_at: '2026-09-01T10:00:00Z',
    git_context: { commit_sha: 'f'.repeat(40) },
    config_files: [
      // "hello\n"
      {
        path: 'CLAUDE.md',
        kind: 'instruction',
        sha256: '5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03',
        size: 6,
        content: 'aGVsbG8K',
      },
      { path: 'AGENTS.md', kind: 'instruction', sha256: '0'.repeat(64), size: 6, content: 'aGVsbG8K' },
    ],
  },
}

describe('what is read', () => {
  it('Agent Trace', async () => {
    const record = await one(trace)
    expect(record).toMatchObject({ source: 'agent-trace', version: '1.0', commit: 'b'.repeat(40), signedBy: null })
    expect(record.tool).toEqual({ name: 'cursor', version: '2.4.0' })
    const url = 'https://example.com/conversations/1'
    expect(record.files[0]?.ranges).toEqual([
      { start: 1, end: 4, claim: 'ai', session: url, model: 'anthropic/claude-opus-4-5' },
      { start: 10, end: 12, claim: 'mixed', session: url, model: null },
      { start: 20, end: 20, claim: 'unknown', session: null, model: null },
    ])
    expect(record.warnings).toEqual(['src/app.ts: the range 9-8 ends before it begins.'])
  })

  it('Agent Trace, one record a line', async () => {
    const records = await readImport(`${JSON.stringify(trace)}\n${JSON.stringify({ ...trace, vcs: undefined })}\n`)
    expect(records.map(({ commit }) => commit)).toEqual(['b'.repeat(40), null])
  })

  it('git-ai, with keys of every generation', async () => {
    const record = await one(note)
    expect(record).toMatchObject({ source: 'git-ai', version: 'authorship/3.0.0', commit: 'c'.repeat(40) })
    const [main, spaced] = record.files
    const claude = { session: 'claude-code:u-1', model: 'claude-opus-5' }
    const person = { session: null, model: null }
    expect(main).toMatchObject({ path: 'src/main.rs' })
    expect(main?.ranges).toEqual([
      { start: 1, end: 2, claim: 'ai', ...claude },
      { start: 3, end: 3, claim: 'mixed', ...claude },
      { start: 4, end: 4, claim: 'ai', ...claude },
      { start: 7, end: 8, claim: 'human', ...person },
      { start: 9, end: 9, claim: 'ai', ...claude },
    ])
    expect(claimedLines(main?.ranges ?? [])).toEqual({ ai: 4, human: 2, mixed: 1, unknown: 0 })
    expect(spaced?.path).toBe('with space.rs')
    expect(spaced?.ranges.map(({ claim }) => claim)).toEqual(['ai', 'unknown'])
    expect(record.warnings).toHaveLength(2)
  })

  it('Chainloop’s sessions, whose lines are of no commit', async () => {
    for (const value of [session, session.data]) {
      const record = await one(value)
      expect(record).toMatchObject({
        source: 'chainloop-ai-session',
        commit: null,
        sessions: [{ id: 'claude-code:u-2' }],
      })
      expect(record.relatedCommits).toEqual(['d'.repeat(40), 'e'.repeat(40)])
      expect(record.files.map(({ ranges }) => ranges.map(({ claim }) => claim))).toEqual([['ai'], ['human']])
      expect(record.warnings).toHaveLength(1)
    }
  })

  it('Chainloop’s configuration, its digests checked', async () => {
    const record = await one(configuration)
    expect(record).toMatchObject({ source: 'chainloop-ai-config', commit: 'f'.repeat(40) })
    expect(record.files.map(({ path }) => path)).toEqual(['CLAUDE.md', 'AGENTS.md'])
    expect(record.warnings).toEqual(['AGENTS.md: its content has another digest.'])
  })
})

describe('what is refused', () => {
  const malformed: Readonly<Record<string, unknown>> = {
    'a trace without files': { ...trace, files: undefined },
    'a trace with line 0': {
      ...trace,
      files: [{ path: 'a', conversations: [{ ranges: [{ start_line: 0, end_line: 1 }] }] }],
    },
    'a trace with an unheard contributor': {
      ...trace,
      files: [{ path: 'a', conversations: [{ contributor: { type: 'dog' }, ranges: [] }] }],
    },
    'a note whose metadata is cut': note.slice(0, -20),
    'a note with lines before any path': `  d9978a8723e02b52 1\n${note}`,
    'a note with lines backwards': note.replace('5-6', '6-5'),
    'a session without an id': { ...session, data: { ...session.data, session: {} } },
    'a configuration without files': { ...configuration, data: { ...configuration.data, config_files: 7 } },
    'a bad line among good ones': `${JSON.stringify(trace)}\n{"version":\n${JSON.stringify(trace)}`,
    'a bad record among good ones': [trace, { ...trace, id: 7 }],
    'a list of nothing': [],
    'a number in a list': [7],
  }
  it.each(Object.entries(malformed))('%s', async (_, value) => {
    await expect(one(value)).rejects.toMatchObject({
      code: 'import-malformed',
      hint: expect.stringContaining('Nothing was imported'),
    })
  })

  const unsupported: Readonly<Record<string, unknown>> = {
    'a later major version': { ...trace, version: '2.0.0' },
    'another authorship log': note.replace('3.0.0', '4.0.0'),
    'another evidence of Chainloop': { ...session, 'chainloop.material.evidence.id': 'SBOM' },
    'a later session': { ...session, data: { ...session.data, schema_version: '0.2' } },
    'a picture': '\u0089PNG',
    'any JSON': { hello: 'world' },
    nothing: '',
  }
  it.each(Object.entries(unsupported))('%s', async (_, value) => {
    await expect(one(value)).rejects.toMatchObject({ code: 'import-unsupported' })
  })

  it('says where', async () => {
    await expect(one(malformed['a bad line among good ones'])).rejects.toThrow(/line 2/)
    await expect(one(malformed['a bad record among good ones'])).rejects.toThrow(/record 2: .*`id`/)
  })

  it('anything else with a Fault, never with another error', async () => {
    const keys = fc.constantFrom('version', 'files', 'schema_version', 'data', 'vcs', 'path', 'conversations', 'ranges')
    const json = fc.oneof(fc.jsonValue(), fc.dictionary(keys, fc.jsonValue()))
    const text = fc.oneof(
      fc.string(),
      json.map((value) => JSON.stringify(value)),
      fc.string().map((tail) => `a\n  ${tail}\n---\n${tail}`),
    )
    await fc.assert(
      fc.asyncProperty(text, async (given) => {
        try {
          await readImport(given)
        } catch (problem) {
          expect(isFault(problem), String(problem)).toBe(true)
        }
      }),
      { numRuns: 400 },
    )
  })
})
