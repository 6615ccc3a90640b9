import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { createMachine } from './machine.ts'
import { createTestServer } from './server.ts'

const machines: ReturnType<typeof createMachine>[] = []
const servers: Awaited<ReturnType<typeof createTestServer>>[] = []

function machine() {
  const made = createMachine()
  machines.push(made)
  return made
}

async function server() {
  const made = await createTestServer()
  servers.push(made)
  return made
}

afterEach(async () => {
  for (const made of machines.splice(0)) made.remove()
  for (const made of servers.splice(0)) await made.stop()
})

describe('stemma init', () => {
  it('shows the diff of every file, then writes exactly that', async () => {
    const { stemma, write, read, root } = machine()
    write('.claude/settings.json', '{\n  // ours\n  "permissions": { "allow": ["Bash(ls)"] }\n}\n')
    const dry = await stemma(['init', '--dry-run', '--diff'])
    expect(dry.code).toBe(0)
    expect(dry.stdout).toContain('+++ b/.stemma.yml')
    expect(dry.stdout).toContain('+++ b/.claude/settings.json')
    expect(dry.stdout).toContain('pre-push')
    expect(existsSync(join(root, '.stemma.yml'))).toBe(false)

    const done = await stemma(['init'])
    expect(done.code).toBe(0)
    for (const line of read('.stemma.yml')
      .split('\n')
      .filter((text) => text !== ''))
      expect(dry.stdout).toContain(`+${line}`)
    expect(read('.claude/settings.json')).toContain('stemma hook claude-code')
    expect(read('.claude/settings.json')).toContain('// ours')
    expect(statSync(join(root, '.git/hooks/pre-push')).mode & 0o111).not.toBe(0)
    expect(done.stdout).toContain('git add .stemma.yml .claude/settings.json')
  })

  it('says in a line for each file what it writes and why, and at the end how to undo it', async () => {
    const { stemma, json, write, root } = machine()
    write('.claude/settings.json', '{ "permissions": { "allow": ["Bash(ls)"] } }\n')
    write('.git/hooks/pre-push', '#!/bin/sh\nexit 0\n')
    const dry = await stemma(['init', '--dry-run', '--agent', 'claude-code'])
    expect(dry.stdout.split('\n').filter((line) => line !== '')).toEqual([
      expect.stringMatching(/^\+ new {6}\.stemma\.yml {12}\d+ lines +settings, /),
      expect.stringMatching(/^~ changed {2}\.claude\/settings\.json {2}\+\d+ −1 +lets Claude Code tell Stemma /),
      expect.stringMatching(
        /^~ changed {2}\.git\/hooks +4 hooks +commit-msg, .*; your own pre-push still runs, before ours$/,
      ),
    ])
    expect(dry.stderr).toContain('`stemma init --dry-run --diff`')
    const told = await json(['init', '--dry-run', '--agent', 'claude-code'])
    expect(told).toMatchObject({
      applied: false,
      files: [
        { path: '.stemma.yml', isNew: true, removed: 0, reason: expect.any(String) },
        { path: '.claude/settings.json', isNew: false, removed: 1, diff: expect.stringContaining('+++ b/.claude') },
      ],
      gitHooks: [{}, {}, {}, { name: 'pre-push', chains: true }],
      undo: 'stemma uninstall',
    })
    expect(existsSync(join(root, '.stemma.yml'))).toBe(false)
    expect((await stemma(['init', '--agent', 'claude-code'])).stdout).toMatch(
      /^ {2}stemma uninstall {2}puts every file back/m,
    )
    // A hook that was moved aside is there still.
    expect((await stemma(['doctor'])).stdout).toContain('4 installed, after your own pre-push')
  })

  it('changes nothing the second time', async () => {
    const { stemma, snapshot, git } = machine()
    await stemma(['init', '--yes'])
    const before = snapshot()
    const again = await stemma(['init', '--yes'])
    expect(again.stdout).toContain('already set up; nothing changed')
    // Written by the first, and still to be committed.
    expect(again.stdout).toMatch(/git add \.stemma\.yml \.claude\/settings\.json .* && git commit/)
    expect(snapshot()).toEqual(before)
    git('add', '-A')
    git('commit', '-q', '--no-verify', '-m', 'Set up')
    expect((await stemma(['init', '--yes'])).stdout).not.toContain('git add')
  })

  it('is taken back byte for byte by uninstall', async () => {
    const { stemma, write, snapshot } = machine()
    write('.claude/settings.json', '{"permissions":{"allow":["Bash(ls)"]}}  \n\n')
    write('.git/hooks/pre-push', '#!/bin/sh\nexit 0\n')
    const before = snapshot()
    await stemma(['init', '--yes'])
    expect(snapshot()).not.toEqual(before)
    const out = await stemma(['uninstall', '--yes'])
    expect(out.code).toBe(0)
    expect(out.stdout).toContain('.claude/settings.json: restored byte for byte')
    expect(out.stdout).not.toContain('keys of this machine')
    expect(snapshot()).toEqual(before)
  })

  it('leaves no trace of files and folders that were not there before', async () => {
    const { stemma, snapshot, root } = machine()
    const before = snapshot()
    await stemma(['init', '--yes'])
    await stemma(['init', '--yes'])
    await stemma(['uninstall', '--yes', '--purge'])
    expect(snapshot()).toEqual(before)
    expect(existsSync(join(root, '.claude'))).toBe(false)
    expect(existsSync(join(root, '.git/stemma'))).toBe(false)
  })

  it('keeps what people edited after it, and says so', async () => {
    const { stemma, read, write } = machine()
    await stemma(['init', '--yes'])
    write('.claude/settings.json', read('.claude/settings.json').replace('{', '{\n  "model": "opus",'))
    write('.stemma.yml', `${read('.stemma.yml')}# a note of the team\n`)
    const out = await stemma(['uninstall', '--yes'])
    expect(out.stdout).toContain('.claude/settings.json: edited since')
    expect(read('.claude/settings.json')).toContain('"model": "opus"')
    expect(read('.claude/settings.json')).not.toContain('stemma')
    expect(read('.stemma.yml')).toContain('# a note of the team')
  })

  it('enrols a key that its owner alone can read, and names the organisation', async () => {
    const { url, enrolmentToken, requests } = await server()
    const { stemma, read, home } = machine()
    const done = await stemma(['init', '--yes', '--server', `${url}/`, '--token', enrolmentToken])
    expect(done.code, done.stderr).toBe(0)
    expect(requests).toEqual(['POST /v1/keys'])
    expect(read('.stemma.yml')).toContain(`server: ${url}\norganisation: Acme\n`)
    const path = join(home, '.config/stemma/keys', `${encodeURIComponent(url)}.json`)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({
      server: url,
      enrolment: { person: { name: 'Ada' } },
    })
    expect(done.stdout).toMatch(/key \S+ enrolled · Acme · Ada/)
  })

  it('changes nothing where the token is refused', async () => {
    const { url } = await server()
    const { stemma, snapshot } = machine()
    const before = snapshot()
    const refused = await stemma(['init', '--yes', '--server', url, '--token', 'wrong'])
    expect(refused.code).toBe(2)
    expect(refused.stderr).toMatch(/^stemma: /m)
    expect(refused.stderr).toMatch(/^hint: /m)
    expect(snapshot()).toEqual(before)
  })

  it('sends nothing over the network in the clear', async () => {
    const { stemma } = machine()
    const refused = await stemma(['init', '--yes', '--server', 'http://stemma.example.com', '--token', 'secret'])
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain('https is needed')
  })

  it('refuses to write through a link that leaves the repository', async () => {
    const { stemma, home, git, root } = machine()
    const { symlinkSync, mkdirSync, writeFileSync } = await import('node:fs')
    writeFileSync(join(home, 'settings.json'), '{}\n')
    mkdirSync(join(root, '.claude'))
    symlinkSync(join(home, 'settings.json'), join(root, '.claude/settings.json'))
    const refused = await stemma(['init', '--yes'])
    expect(refused.code).toBe(2)
    expect(readFileSync(join(home, 'settings.json'), 'utf8')).toBe('{}\n')
    expect(git('status', '--short')).not.toContain('stemma.yml.')
  })
})

describe('stemma doctor', () => {
  it('fails before the set-up, repairs hooks, and is content after it', async () => {
    const { stemma, json, write, root } = machine()
    const before = await stemma(['doctor'])
    expect(before.code).toBe(1)
    expect(before.stdout).toMatch(/✗ failed\s+\.stemma\.yml\s+not there\n\s+fix: stemma init/)
    expect(before.stdout).toMatch(/✗ failed\s+Git hooks .*\n\s+fix: stemma init\n/)
    expect(before.stdout).toMatch(/- skipped hooks of 6 agents\s+not set up here yet/)
    // Nobody has asked for hooks yet.
    expect((await json(['doctor', '--fix', '--agents']))['agents']).toHaveLength(7)
    await stemma(['doctor', '--fix'])
    expect(existsSync(join(root, '.git/hooks/pre-push'))).toBe(false)
    await stemma(['init', '--yes'])
    write('.git/hooks/pre-push', '#!/bin/sh\nexit 0\n')
    expect((await stemma(['doctor'])).stdout).toContain('pre-push missing')
    const path = { PATH: `${join(import.meta.dirname, '../../cli')}:${process.env['PATH']}` }
    const fixed = await json(['doctor', '--fix'], { environment: path })
    expect(fixed['repaired']).toEqual(['Git hooks'])
  })

  it('sees the folder that Git takes hooks from, also where it is moved after the set-up', async () => {
    const { stemma, git } = machine()
    await stemma(['init', '--yes', '--agent', 'claude-code'])
    git('config', 'core.hooksPath', '.githooks')
    expect((await stemma(['doctor'])).stdout).toMatch(
      /✗ failed\s+Git hooks\s+commit-msg missing, .*\n\s+fix: stemma doctor --fix/,
    )
    expect((await stemma(['doctor', '--fix'])).stdout).toMatch(
      /✓ ok\s+Git hooks\s+4 installed in \.githooks, for core\.hooksPath is \.githooks/,
    )
  })

  it('tells a key that others can read, and takes the right away', async () => {
    const { url, enrolmentToken } = await server()
    const { stemma, home } = machine()
    await stemma(['init', '--yes', '--server', url, '--token', enrolmentToken])
    const path = join(home, '.config/stemma/keys', `${encodeURIComponent(url)}.json`)
    const { chmodSync } = await import('node:fs')
    chmodSync(path, 0o644)
    expect((await stemma(['doctor'])).stdout).toMatch(/✗ failed\s+device key/)
    await stemma(['doctor', '--fix'])
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect((await stemma(['doctor'])).stdout).toMatch(/✓ ok\s+enrolment\s+Acme · Ada/)
    const out = await stemma(['uninstall', '--yes'])
    expect(out.stdout).toContain(`the keys of this machine stay in ${join(home, '.config/stemma/keys')}`)
  })

  it('asks for hooks of agents of the repository, and only mentions those of the machine', async () => {
    const { stemma, json, write, home, root } = machine()
    await stemma(['init', '--yes', '--agent', 'claude-code'])
    mkdirSync(join(home, '.gemini'))
    write('.codex/config.toml', '')
    const { checks } = (await stemma(['doctor', '--json']).then(({ stdout }) => JSON.parse(stdout))) as {
      checks: readonly { name: string; state: string; detail: string; fix: string | null }[]
    }
    const named = (name: string) => checks.find((check) => check.name === name)
    expect(named('hooks of Codex CLI')).toMatchObject({ state: 'failed', fix: 'stemma doctor --fix' })
    expect(named('hooks of Gemini CLI')).toMatchObject({ state: 'warning', fix: 'stemma init --agent gemini-cli' })
    expect(named('local guard')).toMatchObject({ state: 'skipped', detail: expect.stringContaining('stemma guard on') })
    await stemma(['guard', 'on', '--agent', 'gemini-cli'])
    expect(await json(['guard', 'status'])).toMatchObject({ agents: ['gemini-cli'], withoutHooks: ['gemini-cli'] })
    expect((await stemma(['guard', 'status'])).stdout).toContain('stemma init --agent gemini-cli')
    expect((await stemma(['doctor'])).stdout).toMatch(/! warning local guard .*none of them has hooks here/)
    await stemma(['guard', 'on', '--agent', 'claude-code'])
    expect((await stemma(['doctor'])).stdout).toMatch(/✓ ok\s+local guard\s+on for claude-code, gemini-cli/)
    const at = new Date().toISOString()
    const broke = { at, session: null, callId: null, tool: '', command: null, paths: [], policies: [], reason: 'x' }
    mkdirSync(join(root, '.git/stemma/decisions'))
    const line = `${JSON.stringify({ ...broke, decision: 'allow', failed: true })}\n`
    writeFileSync(join(root, `.git/stemma/decisions/${at.slice(0, 10)}.jsonl`), line)
    expect((await stemma(['doctor'])).stdout).toMatch(
      /! warning local guard .*broke for 1 call .*\n\s+fix: stemma guard status/,
    )
  })

  it('names file and line of a setting that is wrong', async () => {
    const { stemma, write } = machine()
    write('.stemma.yml', 'apiVersion: stemma.dev/v1\n\n# where to\nserver: https://stemma.example.com\ntear: full\n')
    const checked = await stemma(['doctor'])
    expect(checked.code).toBe(1)
    expect(checked.stdout).toContain('.stemma.yml:5: unknown key `tear`')
  })
})
