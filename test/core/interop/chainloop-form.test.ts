import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import { describe, expect, it } from 'vitest'
import { isFault } from '#core/fault.ts'
import { readImport } from '#core/interop/read-import.ts'

const ajv = new Ajv({ allErrors: true })
addFormats.default(ajv)
const schemaOf = (name: string) => {
  const path = join(import.meta.dirname, `../../fixtures/interop/chainloop-${name}-0.1.schema.json`)
  return ajv.compile(JSON.parse(readFileSync(path, 'utf8')))
}

type Json = { [key: string]: unknown }
const session: Json = {
  schema_version: '0.1',
  agent: { name: 'claude-code', version: '2.1.0' },
  session: {
    id: 'u-2',
    slug: 's',
    mode: 'coding',
    started_at: '2026-09-01T10:00:00Z',
    ended_at: '2026-09-01T10:01:00Z',
    duration_seconds: 60,
  },
  spec: [{ kind: 'ticket', uri: 'https://t/1', digest: `sha256:${'a'.repeat(64)}`, captured_at: '2026-09-01' }],
  git_context: { commits: ['d'.repeat(40)], commit_count: 1 },
  code_changes: {
    files_modified: 1,
    ai_lines_added: 3,
    files: [
      {
        path: 'a.ts',
        status: 'modified',
        lines_added: 3,
        attribution: 'ai',
        line_ranges: [{ start: 1, end: 3 }],
        session_ids: ['u-2'],
      },
    ],
  },
  model: { primary: 'claude-sonnet-4-5' },
  usage: { input_tokens: 1 },
  tools_used: {},
  conversation: {},
  subagents: [{ id: 'x' }],
  raw_session: { main: [{}] },
  warnings: ['w'],
}
const configuration: Json = {
  schema_version: '0.1',
  agent: { name: 'claude', version: '2' },
  config_hash: 'x',
  captured_at: '2026-09-01T10:00:00Z',
  git_context: { repository: 'r', branch: 'b', commit_sha: 'f'.repeat(40) },
  config_files: [{ path: 'CLAUDE.md', kind: 'instruction', sha256: 'a'.repeat(64), size: 6, content: 'aGVsbG8K' }],
  permissions: {},
  mcp_servers: [],
  subagents: [],
}

/** Each document of one change to this one: a member gone, of another type, or one more. */
function changed(value: unknown, way: readonly string[] = []): readonly (readonly [string, unknown])[] {
  if (Array.isArray(value)) {
    return value.flatMap((item, index) =>
      changed(item, [...way, `${index}`]).map(
        ([what, one]) => [what, value.map((own, at) => (at === index ? one : own))] as const,
      ),
    )
  }
  if (typeof value !== 'object' || value === null) return []
  const own = Object.entries(value).flatMap(([key, member]) => {
    const { [key]: _, ...rest } = value as Json
    const name = [...way, key].join('.')
    return [
      [`${name} gone`, rest] as const,
      [`${name} a truth`, { ...value, [key]: true }] as const,
      ...changed(member, [...way, key]).map(([what, one]) => [what, { ...value, [key]: one }] as const),
    ]
  })
  return [[`${[...way, 'x'].join('.')} more`, { ...value, x: [] }], ...own]
}

describe.each([
  ['ai-coding-session', 'CHAINLOOP_AI_CODING_SESSION', session, 60],
  ['ai-agent-config', 'CHAINLOOP_AI_AGENT_CONFIG', configuration, 30],
] as const)('the published schema of %s', (name, kind, sample, least) => {
  const isValid = schemaOf(name)
  const read = async (data: unknown) => {
    try {
      const [record] = await readImport(JSON.stringify({ 'chainloop.material.evidence.id': kind, data }))
      return record?.warnings.some((said) => said.startsWith('Not in the published schema')) ? 'told' : 'read'
    } catch (problem) {
      if (!isFault(problem)) throw problem
      return 'refused'
    }
  }

  it('is what is read: all that it allows, and nothing else without a word', async () => {
    expect(isValid(sample), JSON.stringify(isValid.errors)).toBe(true)
    expect(await read(sample)).toBe('read')
    const cases = changed(sample)
    expect(cases.length).toBeGreaterThan(least)
    for (const [what, data] of cases) {
      const wanted = isValid(data) ? 'read' : what.endsWith(' more') ? 'told' : 'refused'
      expect([what, await read(data)]).toEqual([what, wanted])
    }
  })
})

it('names what it left out, and reads the rest', async () => {
  const data = { ...session, tomorrow: 1, session: { ...(session['session'] as Json), mood: 'good' } }
  const [record] = await readImport(JSON.stringify(data))
  expect(record?.sessions).toEqual([{ id: 'claude-code:u-2', model: 'claude-sonnet-4-5' }])
  expect(record?.warnings).toEqual(['w', 'Not in the published schema, and not read: session.mood, tomorrow.'])
})
