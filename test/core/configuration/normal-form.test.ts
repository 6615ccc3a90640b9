import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { assemble, configurationHash, digestsOnly, listed } from '#core/configuration/assemble.ts'
import { driftBetween, driftInWords } from '#core/configuration/drift.ts'
import { type Facts, factsOf } from '#core/configuration/facts.ts'
import { configuredAgents } from '#core/configuration/registry.ts'
import { risksIn, summaries } from '#core/configuration/summary.ts'
import { mapTexts } from '#core/configuration/texts.ts'
import { configurationOf, type Files } from './sample.ts'

const settings = (value: unknown) => JSON.stringify(value)
const files: Files = {
  'CLAUDE.md': 'Use tabs.\n',
  '.claude/settings.json': settings({ permissions: { allow: ['Read', 'Bash(npm test:*)'], defaultMode: 'plan' } }),
  '.mcp.json': settings({ mcpServers: { a: { command: 'a' }, b: { url: 'https://b.example.com' } } }),
  '.claude/skills/x/SKILL.md': 'x\n',
  '.claude/skills/x/run.sh': 'run\n',
}

const word = fc.string({ maxLength: 6 })
const facts: fc.Arbitrary<Facts> = fc
  .record({
    permissions: fc.array(
      fc.record({ effect: fc.constantFrom('allow', 'deny'), rule: word, line: fc.constant(null) }),
      { maxLength: 3 },
    ),
    settings: fc.array(
      fc.record({
        kind: fc.constantFrom('model', 'sandbox', 'permission-mode'),
        name: word,
        value: fc.option(word),
        line: fc.constant(null),
      }),
      { maxLength: 3 },
    ),
  })
  .map((parts) => factsOf(parts))
const readFiles = fc.uniqueArray(
  fc.record({
    path: fc.stringMatching(/^[a-c]{1,2}(\/SKILL\.md)?$/),
    layer: fc.constant('repository' as const),
    kind: fc.constantFrom('settings', 'skill', 'instructions'),
    digest: fc.constantFrom('1'.repeat(64), '2'.repeat(64)),
    facts,
  }),
  { selector: ({ path }) => path, maxLength: 6 },
)

describe('the hash', () => {
  test('does not depend on the order in which files and agents were found', async () => {
    await fc.assert(
      fc.asyncProperty(
        readFiles.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
        async ([first, second]) => {
          const build = (list: typeof first) => assemble('claude-code', { files: list, unread: [], accepted: null })
          const [left, right] = await Promise.all([build(first), build(second)])
          expect(left).toEqual(right)
          const other = { ...left, agent: 'codex' }
          expect(await configurationHash([left, other])).toBe(await configurationHash([other, right]))
        },
      ),
      { numRuns: 100 },
    )
  })

  test('is another for every change of a file', async () => {
    const before = await configurationHash([await configurationOf('claude-code', files)])
    for (const path of Object.keys(files)) {
      const text = path.endsWith('.json') ? `${files[path]}\n` : `${files[path]}more\n`
      expect(await configurationHash([await configurationOf('claude-code', { ...files, [path]: text })])).not.toBe(
        before,
      )
    }
  })

  test('leaves out what the configuration is compared with', async () => {
    const configuration = await configurationOf('claude-code', files)
    const accepted = { ...configuration, accepted: configuration.files }
    expect(await configurationHash([accepted])).toBe(await configurationHash([configuration]))
  })
})

describe('drift', () => {
  const drift = async (before: Files, after: Files) => {
    const [left, right] = await Promise.all([
      configurationOf('claude-code', before),
      configurationOf('claude-code', after),
    ])
    return driftBetween([left], [right]).map(driftInWords)
  }

  test('is named item by item', async () => {
    const after: Files = {
      ...files,
      '.claude/settings.json': settings({
        permissions: { allow: ['Read', 'Bash(*)'], defaultMode: 'bypassPermissions' },
      }),
      '.mcp.json': settings({ mcpServers: { b: { url: 'https://c.example.com' } } }),
      '.claude/skills/x/run.sh': 'run more\n',
    }
    expect(await drift(files, after)).toEqual([
      '.claude/settings.json changed',
      '.claude/settings.json: permission Bash(*) added (allow)',
      '.claude/settings.json: permission Bash(npm test:*) removed (allow)',
      '.claude/settings.json: setting permissions.defaultMode changed (plan -> bypassPermissions)',
      '.claude/skills/x/SKILL.md: skill x changed',
      '.claude/skills/x/run.sh changed',
      '.mcp.json changed',
      '.mcp.json: server a removed (stdio a)',
      '.mcp.json: server b changed (http b.example.com -> http c.example.com)',
    ])
  })

  test('is none between a configuration and itself, and complete against nothing', async () => {
    const configuration = await configurationOf('claude-code', files)
    expect(driftBetween([configuration], [configuration])).toEqual([])
    const [added, removed] = [driftBetween([], [configuration]), driftBetween([configuration], [])]
    expect(added.map(({ change }) => change)).toEqual(added.map(() => 'added'))
    expect(added.filter(({ item }) => item === 'file')).toHaveLength(configuration.files.length)
    expect(removed).toHaveLength(added.length)
  })

  test('is not told of parts that were not sent', async () => {
    const configuration = await configurationOf('claude-code', files)
    expect(driftBetween([configuration], [digestsOnly(configuration)])).toEqual([])
  })
})

test('of tier metadata only files and digests are left', async () => {
  const configuration = digestsOnly(await configurationOf('claude-code', files))
  const { files: kept, skills, agent, accepted, unread, ...rest } = configuration
  expect(kept).toHaveLength(5)
  expect(skills).toHaveLength(1)
  expect(Object.values(rest)).toEqual(Object.values(rest).map(() => null))
  // Not recorded, and not none.
  expect(summaries([configuration])).toEqual([
    { agent: 'claude-code', files: 5, servers: null, hooks: null, permissionMode: null, risks: null, notes: null },
  ])
})

test('a risk that several agents share is named once', async () => {
  const servers = { '.mcp.json': settings({ mcpServers: { a: { url: 'http://a.example.com' } } }) }
  const agents = await Promise.all(['claude-code', 'copilot-cli'].map((agent) => configurationOf(agent, servers)))
  expect(risksIn(agents).map(({ risk, agents: of }) => [risk, of])).toEqual([
    ['plain-server', ['claude-code', 'copilot-cli']],
    ['network-server', ['claude-code', 'copilot-cli']],
  ])
})

test('every text can be exchanged, each in its place', async () => {
  const configuration = await configurationOf('claude-code', {
    ...files,
    '.claude/agents/a.md': '---\nmodel: opus\n---\n',
    '.claude/settings.local.json': settings({ hooks: { Stop: [{ hooks: [{ command: 'x' }] }] }, env: { A: 'b' } }),
  })
  const same = mapTexts(configuration, { text: (text) => text, path: (path) => path })
  expect(same).toEqual(configuration)
  const gone = mapTexts({ ...configuration, accepted: configuration.files }, { text: () => 'T', path: () => 'P' })
  const left = JSON.stringify(gone).replace(/[0-9a-f]{64}/g, 'D')
  for (const trace of ['Bash', 'CLAUDE.md', 'defaultMode', 'opus', 'example.com', '"x"', 'skills/'])
    expect(left).not.toContain(trace)
})

describe('readers', () => {
  const texts = fc.oneof(
    fc.string(),
    fc.json(),
    fc.constantFrom(
      '[['.repeat(50_000),
      '{"a":'.repeat(50_000),
      '---\n',
      '---\n&a [*a]\n---\n',
      'a.b = 1\na.b.c = 2',
      '\ud800',
      '{"mcpServers":{"\\ud800":{"url":"\\ud800"}}}',
    ),
    fc
      .record({
        key: fc.constantFrom(
          'hooks',
          'mcpServers',
          'permissions',
          'env',
          'mcp',
          'permission',
          'tools',
          'agent',
          '__proto__',
        ),
        value: fc.json(),
      })
      .map(({ key, value }) => `{${JSON.stringify(key)}:${value}}`),
  )

  test('give facts that can be signed, or none, whatever the text is', async () => {
    const reads = (await configuredAgents()).flatMap(({ repository }) =>
      repository.flatMap(({ read }) => (read === undefined ? [] : [read])),
    )
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        for (const read of new Set(reads)) {
          let found: Facts | null = null
          try {
            found = read(text, { root: '/' })
          } catch {
            // The collector names such a file as malformed.
            continue
          }
          if (found === null) continue
          const file = {
            path: 'x',
            layer: 'repository' as const,
            kind: 'settings' as const,
            digest: '1'.repeat(64),
            facts: found,
          }
          const configuration = await assemble('claude-code', { files: [file], unread: [], accepted: null })
          expect(await configurationHash(listed([configuration]))).toMatch(/^[0-9a-f]{64}$/)
        }
      }),
      { numRuns: 150 },
    )
  })
})
