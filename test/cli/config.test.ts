import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { configurationHash } from '#core/configuration/assemble.ts'
import type { AgentConfiguration } from '#core/configuration/configuration.ts'
import { basket, freshForEachTest, machine, server, session, setUp } from './enrolled.ts'

freshForEachTest()

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`
/** No rule knows it by its form. */
const secret = 'Plum-Kestrel-Quorum-77'
const known = 'Walnut-Harbour-Ember-42'

function writeHome(path: string, text: string): void {
  const file = join(machine.home, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

/** A repository and a home as people have them, with secrets in them. */
function configure(): void {
  machine.write('CLAUDE.md', 'Use tabs. See @docs/style.md\n')
  machine.write('docs/style.md', 'Two spaces.\n')
  machine.write('packages/api/CLAUDE.md', 'Fast.\n')
  machine.write('.env', `SERVICE_PASSWORD=${known}\n`)
  machine.write('.gitignore', '.env\n.claude/settings.local.json\n')
  machine.write(
    '.mcp.json',
    json({
      mcpServers: {
        tracker: { url: `https://mcp.example.com/${secret}`, headers: { Authorization: `Bearer ${secret}` } },
        files: { command: 'npx', args: ['-y', 'files', '--token', secret], env: { TOKEN: secret } },
      },
    }),
  )
  machine.write(
    '.claude/settings.local.json',
    json({
      permissions: { allow: ['Bash(*)'] },
      hooks: { Stop: [{ hooks: [{ type: 'command', command: `deploy --password ${known}` }] }] },
    }),
  )
  machine.write('.claude/skills/release/SKILL.md', 'Tag it.\n')
  mkdirSync(join(machine.root, '.cursor'))
  symlinkSync(join(machine.home, '.gitconfig'), join(machine.root, '.cursor/mcp.json'))
  symlinkSync('CLAUDE.md', join(machine.root, 'AGENTS.md'))
  writeHome('.claude/CLAUDE.md', `My key is ${secret}.\n`)
  writeHome('.claude.json', json({ oauthAccount: { token: secret }, mcpServers: { notes: { command: 'notes' } } }))
  writeHome('.codex/config.toml', `approval_policy = "never"\n[projects."${machine.root}"]\ntrust_level = "trusted"\n`)
}

const agentsOf = (shown: Record<string, unknown>) => shown['agents'] as AgentConfiguration[]
const byName = (agents: readonly AgentConfiguration[], name: string) => agents.find(({ agent }) => agent === name)

describe('stemma config', () => {
  it('shows files, servers, hooks and risks of every agent, before there is any server or commit', async () => {
    configure()
    machine.git('add', 'packages/api/CLAUDE.md')
    const shown = await machine.json(['config'])
    expect(shown).toMatchObject({ previous: null, drift: null, tier: 'full', repository: 'acme/shop' })
    const agents = agentsOf(shown)
    expect(agents.map(({ agent }) => agent)).toEqual([
      'claude-code',
      'codex',
      'copilot-cli',
      'cursor',
      'gemini-cli',
      'opencode',
    ])
    const claude = byName(agents, 'claude-code')
    expect(claude?.files.map(({ path }) => path).sort()).toEqual([
      '.claude/settings.local.json',
      '.claude/skills/release/SKILL.md',
      '.mcp.json',
      'CLAUDE.md',
      'docs/style.md',
      'packages/api/CLAUDE.md',
      '~/.claude.json',
      '~/.claude/CLAUDE.md',
    ])
    expect(claude?.mcpServers?.map(({ name }) => name).sort()).toEqual(['files', 'notes', 'tracker'])
    expect(byName(agents, 'codex')).toMatchObject({ permissionMode: 'never' })
    // A link within the repository is followed, one out of it is named.
    expect(byName(agents, 'codex')?.files.map(({ path }) => path)).toContain('AGENTS.md')
    expect(byName(agents, 'cursor')?.unread).toEqual([
      { path: '.cursor/mcp.json', layer: 'repository', reason: 'symlink' },
    ])
    expect(shown['hash']).toBe(await configurationHash(agents))
    const text = JSON.stringify(shown)
    for (const trace of [secret, known, machine.root, machine.home]) expect(text).not.toContain(trace)
    expect(shown['risks']).toContainEqual(
      expect.objectContaining({ risk: 'wide-permission', file: '.claude/settings.local.json', line: 4 }),
    )

    const again = await machine.json(['config'])
    expect(again['hash']).toBe(shown['hash'])
    // The second look goes by times and sizes, and must see a change of content all the same.
    machine.write('CLAUDE.md', 'Use spaces.\n')
    expect((await machine.json(['config']))['hash']).not.toBe(shown['hash'])

    const words = await machine.stemma(['config'])
    expect(words.stdout).toContain('Bash(*)` allows nearly anything')
    expect(words.stdout).toContain('not recorded')
  })
})

describe('push', () => {
  it('sends the configuration before the first session, again where it changed, and never a secret', async () => {
    configure()
    await setUp()
    session('s1')
    machine.commit({ 'basket.ts': basket }, 'Add a basket')
    const pushed = await machine.stemma(['push'])
    expect(pushed.code, pushed.stderr + pushed.stdout).toBe(0)
    expect(server.configurations).toHaveLength(1)
    expect(server.evidence).toHaveLength(1)
    const [first] = server.configurations
    const posted = server.bodies.findIndex((body) => body.includes('ai-config/v1'))
    expect(posted).toBeLessThan(server.bodies.findIndex((body) => body.includes('ai-session/v1')))
    expect(posted).toBeGreaterThanOrEqual(0)
    expect(first?.statement.predicate).toMatchObject({ repository: 'acme/shop', previous: null, tier: 'full' })
    expect(first?.statement.subject).toEqual([
      { name: 'acme/shop', digest: { sha256: first?.statement.predicate.hash } },
      { name: 'acme/shop', digest: { gitCommit: machine.git('rev-parse', 'HEAD') } },
    ])
    const bodies = server.bodies.join('\n')
    for (const trace of [secret, known]) expect(bodies.includes(trace)).toBe(false)
    const configured = JSON.stringify(first?.statement)
    for (const trace of [machine.root, machine.home]) expect(configured.includes(trace)).toBe(false)
    // What the remote's default branch holds is what was accepted: Stemma's own hooks are, the person's settings are not.
    const claude = byName(first?.statement.predicate.agents ?? [], 'claude-code')
    expect(claude?.accepted?.map(({ path }) => path)).toContain('.claude/settings.json')
    expect(claude?.accepted?.map(({ path }) => path)).not.toContain('.claude/settings.local.json')

    session('s2', 'other.ts')
    machine.commit({ 'other.ts': basket }, 'Add another')
    await machine.stemma(['push'])
    expect(server.evidence).toHaveLength(2)
    expect(server.configurations).toHaveLength(1)

    machine.write('.claude/settings.local.json', json({ permissions: { allow: ['Bash(npm test:*)'] } }))
    const shown = await machine.stemma(['config'])
    expect(shown.stdout).toContain('.claude/settings.local.json: permission Bash(*) removed')
    session('s3', 'third.ts')
    machine.commit({ 'third.ts': basket }, 'Add a third')
    await machine.stemma(['push'])
    expect(server.configurations).toHaveLength(2)
    expect(server.configurations[1]?.statement.predicate.previous).toBe(first?.statement.predicate.hash)
    expect((await machine.json(['config']))['drift']).toEqual([])
    // Each receipt verifies like any other evidence.
    const verified = await machine.stemma(['verify', server.configurations[1]?.id ?? ''])
    expect(verified.code, verified.stdout).toBe(0)
  })

  it('of tier metadata sends digests and nothing that a file says', async () => {
    configure()
    await setUp()
    machine.write('.stemma.yml', machine.read('.stemma.yml').replace(/^tier: \w+$/m, 'tier: metadata'))
    session('s1')
    machine.commit({ 'basket.ts': basket }, 'Add a basket')
    await machine.stemma(['push'])
    const [sent] = server.configurations
    expect(sent?.statement.predicate.tier).toBe('metadata')
    for (const one of sent?.statement.predicate.agents ?? []) {
      const { permissions, mcpServers, hooks, settings, permissionMode, sandbox } = one
      expect([permissions, mcpServers, hooks, settings, permissionMode, sandbox]).toEqual(Array(6).fill(null))
    }
    expect(sent?.envelope && JSON.stringify(sent.statement)).not.toMatch(/mcp\.example\.com|Bash/)
  })

  it('says nothing of configuration where no session contributed', async () => {
    await setUp()
    machine.commit({ 'notes.md': 'by somebody\n' }, 'Write notes')
    await machine.stemma(['push'])
    expect(server.configurations).toEqual([])
  })

  it('lets check decide by the configuration that is there', async () => {
    configure()
    await setUp()
    session('s1')
    machine.commit({ 'basket.ts': basket }, 'Add a basket')
    machine.write(
      '../contract.yml',
      'apiVersion: stemma.dev/v1\nkind: Contract\nmetadata:\n  name: configuration\nspec:\n  policies:\n    - policy: risky-config\n      gate: true\n',
    )
    const checked = await machine.stemma(['check', '-f', '../contract.yml'])
    expect(checked.stdout + checked.stderr).toContain('Bash(*)')
    expect(checked.code).toBe(1)
  })
})
