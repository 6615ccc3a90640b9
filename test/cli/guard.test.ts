import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readDecisions } from '#cli/guard/decisions.ts'
import { readSpool } from '#cli/io/spool.ts'
import { defaultContract } from '#core/policy/contract.ts'
import { freshForEachTest, work } from './fresh-repository.ts'
import { launcher } from './installed-launcher.ts'

freshForEachTest()

const state = () => join(work.root, '.git', 'stemma')
const stemma = (...words: readonly string[]) => work.run(launcher, words)
const decisions = () => readDecisions(state())

function ask(tool: string, input: object, more: object = {}) {
  const payload = {
    session_id: 's1',
    transcript_path: '/home/ada/.claude/projects/-work/s1.jsonl',
    cwd: work.root,
    hook_event_name: 'PreToolUse',
    tool_name: tool,
    tool_input: input,
    tool_use_id: 'c1',
    ...more,
  }
  return work.run(launcher, ['hook', 'claude-code'], { input: JSON.stringify(payload) })
}
const bypass = (more: object = {}) => ask('Bash', { command: 'git commit --no-verify -m x' }, more)

const silent = { status: 0, stdout: '', stderr: '' }
const denied = expect.objectContaining({ permissionDecision: 'deny' })
const answerOf = ({ status, stdout, stderr }: { status: number; stdout: string; stderr: string }) => {
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return JSON.parse(stdout).hookSpecificOutput
}

describe('off, as it is by default', () => {
  it('says nothing, starts no Node and keeps no record of what only a guard wants to hear of', async () => {
    work.write('bin/node', '#!/bin/sh\necho started >>"$HOME/node-started"\n')
    work.sh('chmod +x bin/node')
    work.setEnvironment({ PATH: `${join(work.root, 'bin')}:${process.env['PATH']}` })
    expect(bypass()).toEqual(silent)
    expect(ask('Read', { file_path: join(work.root, '.env') })).toEqual(silent)
    expect(ask('mcp__weather__today', {})).toEqual(silent)
    expect(existsSync(join(work.folder, 'home', 'node-started'))).toBe(false)
    expect(await readSpool(state())).toHaveLength(1)
    expect(readdirSync(join(state(), 'spool'))).toHaveLength(1)
    expect(await decisions()).toEqual([])
  })
})

describe('on', () => {
  it('denies in the agent’s own form, keeps the record and the decision, and is silent again when off', async () => {
    const on = stemma('guard', 'on')
    expect(on.status, on.stderr).toBe(0)
    expect(on.stdout).toMatch(/^guard {6}on for claude-code, codex, /)
    // Who expects more of it than the contract says is told so at once.
    expect(on.stdout).toMatch(
      /^not asked {2}no-secret-access, protected-paths, .*: contract default does not name them/m,
    )
    const answer = answerOf(bypass())
    expect(answer).toEqual(denied)
    expect(answer.permissionDecisionReason).toMatch(/policy no-hook-bypass: .* Instead: Let the hook run/)
    expect(ask('Bash', { command: 'npm test' })).toEqual(silent)
    expect(await readSpool(state())).toHaveLength(2)
    expect(await decisions()).toEqual([
      expect.objectContaining({
        session: 'claude-code:s1',
        callId: 'c1',
        command: 'git commit --no-verify -m x',
        decision: 'deny',
        policies: ['no-hook-bypass'],
        failed: false,
      }),
    ])
    expect(bypass({ hook_event_name: 'PostToolUse', tool_response: {} })).toEqual(silent)
    expect(JSON.parse(stemma('guard', 'status', '--json').stdout)).toMatchObject({
      on: true,
      settings: { unsure: 'allow', failure: 'allow' },
      policies: [
        { policy: 'no-hook-bypass', gate: true },
        { policy: 'no-dangerous-commands', gate: true },
      ],
      decisions: [{ decision: 'deny' }],
    })
    expect(stemma('guard', 'status').stdout).toMatch(
      /^ {2}✗ \S+ \S+ {2}denied {7}claude-code: git commit --no-verify -m x \(no-hook-bypass\)$/m,
    )
    expect(stemma('guard', 'off').status).toBe(0)
    expect(bypass()).toEqual(silent)
  })

  it('follows the contract that was kept, offline', () => {
    stemma('guard', 'on')
    keepContract({ ...defaultContract, policies: [{ policy: 'no-secret-access', with: {}, gate: true }] })
    expect(bypass()).toEqual(silent)
    expect(answerOf(ask('Read', { file_path: join(work.root, '.env') }))).toEqual(denied)
  })

  it('guards the named agent alone', () => {
    stemma('guard', 'on', '--agent', 'codex')
    expect(bypass()).toEqual(silent)
    const payload = { session_id: 's1', turn_id: 't1', cwd: work.root, hook_event_name: 'PreToolUse' }
    const call = { ...payload, tool_name: 'Bash', tool_input: { command: 'git commit -n -m x' } }
    expect(answerOf(work.run(launcher, ['hook', 'codex'], { input: JSON.stringify(call) }))).toEqual(denied)
    stemma('guard', 'on', '--agent', 'claude-code')
    stemma('guard', 'off', '--agent', 'codex')
    expect(JSON.parse(stemma('guard', 'status', '--json').stdout).agents).toEqual(['claude-code'])
  })

  it.each([['--agent', 'nobody'], ['--force']])('refuses %s %s', (...words) => {
    const ran = stemma('guard', 'on', ...words)
    expect(ran.status).toBe(2)
    expect(ran.stderr).toContain('hint:')
  })

  it('is not switched on where nothing would ask it', () => {
    rmSync(join(work.root, '.stemma.yml'))
    const ran = stemma('guard', 'on')
    expect(ran.status).toBe(2)
    expect(ran.stderr).toContain('stemma init')
  })
})

describe('a guard that breaks', () => {
  const breaks: Readonly<Record<string, () => void>> = {
    'its contract is no JSON': () => writeFileSync(join(state(), 'contract.json'), '{'),
    'its contract is of another form': () => writeFileSync(join(state(), 'contract.json'), '{"contract":{"name":1}}'),
    'the program fails': () => standIn('exit 3'),
    'the program is killed': () => standIn('kill -9 $$'),
  }

  it.each(Object.entries(breaks))('lets the call through where %s, and keeps that it did', async (_, breakIt) => {
    stemma('guard', 'on')
    breakIt()
    expect(bypass()).toEqual(silent)
    expect(await decisions()).toEqual([
      expect.objectContaining({
        session: 'claude-code:s1',
        callId: 'c1',
        decision: 'allow',
        failed: true,
        policies: [],
      }),
    ])
    expect(readFileSync(join(state(), 'failures.log'), 'utf8')).toMatch(/guard: ended with \d+/)
  })

  it('stops the call where the contract says so, in the agent’s own form', async () => {
    keepContract({ ...defaultContract, guard: { unsure: 'allow', failure: 'deny' } })
    stemma('guard', 'on')
    // The first call that goes well brings the switch in step with the contract that was kept.
    expect(ask('Bash', { command: 'ls' })).toEqual(silent)
    standIn('exit 3')
    const answer = answerOf(bypass())
    expect(answer).toEqual(denied)
    expect(answer.permissionDecisionReason).toContain('could not decide')
    expect((await decisions()).at(-1)).toMatchObject({ decision: 'deny', failed: true })
  })

  it('decides the same from compiled code, from damaged code and without any', () => {
    stemma('guard', 'on')
    const first = bypass()
    const cache = join(state(), 'guard.cache')
    expect(existsSync(cache)).toBe(true)
    expect(bypass()).toEqual(first)
    writeFileSync(cache, readFileSync(cache).subarray(0, 2_000))
    expect(bypass()).toEqual(first)
  })
})

function keepContract(contract: object): void {
  mkdirSync(state(), { recursive: true })
  writeFileSync(join(state(), 'contract.json'), JSON.stringify({ server: 's', repository: null, contract }))
}

/** A node that does something else, first on PATH. */
function standIn(script: string): void {
  const folder = join(work.folder, 'stand-in')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'node'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  work.setEnvironment({ PATH: `${folder}:${process.env['PATH']}` })
}
