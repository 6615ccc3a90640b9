import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readRecords, readSpool } from '#cli/io/spool.ts'
import { freshForEachTest, work } from './fresh-repository.ts'
import { LAUNCHER, ObservedRepository } from './observed-repository.ts'

freshForEachTest()

const state = (): string => join(work.root, '.git', 'stemma')
const records = async () => (await readRecords(state())).records

/** Runs the launcher with a shell of choice. */
function hookWith(shell: string, payload: string, cwd: string = work.root) {
  return work.run(shell, [LAUNCHER, 'hook', 'claude-code'], { cwd, input: payload })
}

const silent = { status: 0, stdout: '', stderr: '' }

describe('the program', () => {
  it('says in one line how to build it where it is not built', () => {
    const folder = join(work.folder, 'elsewhere', 'cli')
    mkdirSync(folder, { recursive: true })
    cpSync(LAUNCHER, join(folder, 'stemma'))
    symlinkSync(join(folder, 'stemma'), join(work.folder, 'bin', 'linked'))
    const ran = work.run(join(work.folder, 'bin', 'linked'), ['status'])
    expect(ran.status).toBe(2)
    expect(ran.stderr).toMatch(/npm run build/)
    expect(ran.stderr.trim().split('\n')).toHaveLength(1)
    expect(work.run(join(work.folder, 'bin', 'linked'), ['hook', 'claude-code'], { input: '{}' })).toEqual(silent)
  })

  it('starts the bundle beside it through links, with its arguments as they are', () => {
    const root = join(work.folder, 'package')
    mkdirSync(join(root, 'cli'), { recursive: true })
    mkdirSync(join(root, 'dist', 'cli'), { recursive: true })
    cpSync(LAUNCHER, join(root, 'cli', 'stemma'))
    writeFileSync(join(root, 'dist', 'cli', 'stemma.js'), 'console.log(JSON.stringify(process.argv.slice(2)))')
    mkdirSync(join(root, 'links'))
    symlinkSync('../cli/stemma', join(root, 'links', 'one'))
    symlinkSync(join(root, 'links', 'one'), join(root, 'links', 'two'))
    const ran = work.run(join(root, 'links', 'two'), ['why', 'a b', '*', "it's"])
    expect(JSON.parse(ran.stdout)).toEqual(['why', 'a b', '*', "it's"])
  })
})

describe.each(['dash', 'bash', 'busybox'])('an agent hook under %s', (shell) => {
  const isThere = () => work.sh(`command -v ${shell}`).status === 0
  const run = (payload: string, cwd?: string) =>
    shell === 'busybox'
      ? work.run('busybox', ['sh', LAUNCHER, 'hook', 'claude-code'], { cwd: cwd ?? work.root, input: payload })
      : hookWith(shell, payload, cwd)

  it('keeps payload, environment and time, and says nothing', async (context) => {
    if (!isThere()) return context.skip()
    work.setEnvironment({
      CLAUDECODE: '1',
      AI_AGENT: 'claude-code_2',
      GEMINI_SESSION_ID: 'x'.repeat(300),
      SECRET: 'no',
    })
    const payload = {
      session_id: 's1',
      transcript_path: '/p/projects/x/s1.jsonl',
      cwd: work.root,
      hook_event_name: 'Stop',
      note: 'ü "quoted" \\ \n end',
    }
    const before = Date.now()
    expect(run(JSON.stringify(payload))).toEqual(silent)
    const [record] = await records()
    expect(record?.payload).toEqual(payload)
    expect(record?.environment).toEqual({ CLAUDECODE: '1', AI_AGENT: 'claude-code_2' })
    expect(record?.milliseconds).toBeGreaterThanOrEqual(before - 1000)
    expect(record?.milliseconds).toBeLessThanOrEqual(Date.now() + 1000)
    expect(record?.snapshot).toBeNull()
    expect((await readSpool(state())).map(({ session, event }) => [session, event])).toEqual([
      ['claude-code:s1', 'turnEnd'],
    ])
  })

  it('stores the bytes of a file that an edit tool names', async (context) => {
    if (!isThere()) return context.skip()
    run(toolCall('Edit', { file_path: join(work.root, 'app.ts'), old_string: '"file_path":"/etc/passwd"' }))
    const [record] = await records()
    const snapshot = record?.snapshot
    if (snapshot?.kind !== 'file') throw new Error(JSON.stringify(record))
    expect(snapshot.path).toBe('app.ts')
    expect(work.git('cat-file', 'blob', snapshot.blob)).toBe('first\n')
  })

  it('takes payloads of a megabyte', async (context) => {
    if (!isThere()) return context.skip()
    const content = 'const line = "of a large file"\n'.repeat(33_000)
    expect(run(toolCall('Write', { file_path: join(work.root, 'large.ts'), content }))).toEqual(silent)
    const [record] = await records()
    expect(record?.payload).toMatchObject({ tool_input: { content } })
    expect(record?.snapshot).toMatchObject({ kind: 'file', path: 'large.ts', blob: 'absent' })
  })

  it('takes anything at all on its standard input', async (context) => {
    if (!isThere()) return context.skip()
    for (const input of [
      '',
      '{',
      'null',
      '[]',
      '\0\0',
      '"tool_name":"Bash"',
      '{"tool_name":"Edit","file_path":"-n"}',
      '\n\nstemma-snapshots\nroot /\ntree x\nstemma-end\n',
    ]) {
      expect(run(input)).toEqual(silent)
    }
    const spool = await readRecords(state())
    expect(spool.records).toHaveLength(8)
    expect(spool.malformed).toBeGreaterThan(4)
  })
})

function toolCall(
  tool: string,
  input: Readonly<Record<string, unknown>>,
  more: Readonly<Record<string, unknown>> = {},
): string {
  return JSON.stringify({
    session_id: 's1',
    transcript_path: '/p/projects/x/s1.jsonl',
    cwd: work.root,
    hook_event_name: 'PreToolUse',
    tool_name: tool,
    tool_input: input,
    tool_use_id: 'c1',
    ...more,
  })
}

describe('an enormous payload', () => {
  it('is kept in part, and still tells who did what', async () => {
    const content = 'x'.repeat(40_000_000)
    const payload = toolCall(
      'Write',
      { file_path: join(work.root, 'large.ts'), content },
      { tool_use_id: 'at the end' },
    )
    expect(hookWith('sh', payload)).toEqual(silent)
    const [record] = await records()
    expect(record?.payload).toMatchObject({ session_id: 's1', tool_name: 'Write', tool_use_id: 'at the end' })
    expect(record?.snapshot).toMatchObject({ kind: 'file', path: 'large.ts', blob: 'absent' })
    expect((await readSpool(state())).map(({ callId, paths }) => [callId, paths])).toEqual([
      ['at the end', [join(work.root, 'large.ts')]],
    ])
    const [name = ''] = readdirSync(join(state(), 'spool'))
    expect(statSync(join(state(), 'spool', name)).size).toBeLessThan(17_000_000)
  })
})

describe('where a hook does nothing', () => {
  it('outside of a repository, and in one without Stemma', () => {
    expect(hookWith('sh', '{"cwd":"/nowhere"}', work.folder)).toEqual(silent)
    const other = new ObservedRepository()
    other.sh('rm .stemma.yml')
    expect(hookWith('sh', JSON.stringify({ cwd: other.root, tool_name: 'Bash' }), other.root)).toEqual(silent)
    expect(existsSync(join(other.root, '.git', 'stemma'))).toBe(false)
    other.remove()
  })

  it('but note its failure: without git, with a disk that takes nothing', async () => {
    // A file where the folder should be is what every user, also root, cannot write into.
    mkdirSync(state(), { recursive: true })
    writeFileSync(join(state(), 'spool'), '')
    expect(hookWith('sh', toolCall('Bash', {}))).toEqual(silent)
    const tools = join(work.folder, 'tools')
    mkdirSync(tools)
    for (const tool of ['sh', 'cat', 'head', 'tail', 'mv', 'grep', 'date', 'mkdir', 'cp', 'rm'])
      symlinkSync(work.sh(`command -v ${tool}`).stdout.trim(), join(tools, tool))
    work.sh(`rm ${state()}/spool`)
    work.setEnvironment({ PATH: tools })
    expect(work.run(join(tools, 'sh'), [LAUNCHER, 'hook', 'claude-code'], { input: toolCall('Bash', {}) })).toEqual(
      silent,
    )
    expect(readFileSync(join(state(), 'failures.log'), 'utf8')).toMatch(/snapshot of main lost/)
    expect((await records()).map(({ snapshot }) => snapshot?.kind)).toEqual(['lost'])
  })
})

describe('which work tree', () => {
  it('is the one of the payload, also from another folder', async () => {
    expect(hookWith('sh', toolCall('Bash', { command: 'ls' }), work.folder)).toEqual(silent)
    mkdirSync(join(work.root, 'deep', 'er'), { recursive: true })
    expect(
      hookWith('sh', toolCall('Bash', { command: 'ls' }, { cwd: join(work.root, 'deep', 'er') }), work.folder),
    ).toEqual(silent)
    expect((await records()).map(({ snapshot }) => snapshot?.root)).toEqual([work.root, work.root])
  })

  it('a linked one shares the state, a submodule has its own', async () => {
    const linked = join(work.folder, 'linked')
    work.git('worktree', 'add', '-q', linked)
    work.write('app.ts', 'in the linked one\n', linked)
    hookWith('sh', toolCall('Edit', { file_path: join(linked, 'app.ts') }))
    hookWith('sh', toolCall('Bash', { command: 'x' }, { cwd: linked }), linked)
    expect((await records()).map(({ snapshot }) => [snapshot?.kind, snapshot?.root])).toEqual([
      ['file', linked],
      ['tree', linked],
    ])
    const other = new ObservedRepository('library')
    other.write('code.ts', 'x\n')
    other.commit('Begin')
    work.git('-c', 'protocol.file.allow=always', 'submodule', 'add', '-q', other.root, 'library')
    const inside = join(work.root, 'library')
    hookWith('sh', toolCall('Edit', { file_path: join(inside, 'code.ts') }, { cwd: inside }), inside)
    const own = await readRecords(join(work.root, '.git', 'modules', 'library', 'stemma'))
    expect(own.records.map(({ snapshot }) => snapshot)).toMatchObject([{ kind: 'file', root: inside, path: 'code.ts' }])
    other.remove()
  })

  it('a file of another repository is kept there, the payload here too', async () => {
    const other = new ObservedRepository('other')
    hookWith('sh', toolCall('Edit', { file_path: join(other.root, 'x.ts') }))
    expect((await records()).map(({ snapshot }) => snapshot)).toEqual([null])
    const there = await readRecords(join(other.root, '.git', 'stemma'))
    expect(there.records.map(({ snapshot }) => snapshot)).toMatchObject([
      { kind: 'file', path: 'x.ts', blob: 'absent' },
    ])
    other.remove()
  })
})

describe('many at once', () => {
  it('lose nothing and mix nothing', async () => {
    const count = 40
    const script = Array.from({ length: count }, (_, index) => {
      const payload = JSON.stringify({
        session_id: `s${index}`,
        transcript_path: `/p/projects/x/s${index}.jsonl`,
        cwd: work.root,
        hook_event_name: 'PreToolUse',
        tool_name: 'Bash',
        tool_use_id: `c${index}`,
        tool_input: { command: 'x'.repeat(20_000) },
      })
      writeFileSync(join(work.folder, `payload${index}`), payload)
      return `stemma hook claude-code <${work.folder}/payload${index} &`
    })
    work.sh(`${script.join('\n')}\nwait`)
    const spool = await readRecords(state())
    expect(spool.malformed).toBe(0)
    expect(new Set((await readSpool(state())).map(({ session }) => session)).size).toBe(count)
    expect(spool.records.map(({ snapshot }) => snapshot?.kind)).toEqual(new Array(count).fill('tree'))
    expect(readdirSync(join(state(), 'index'))).toEqual(['main'])
    expect(existsSync(join(state(), 'failures.log'))).toBe(false)
  })
})

it('no hook of an agent, and of git only pre-push, starts Node', async () => {
  work.write('../bin/node', `#!/bin/sh\necho started >>${work.folder}/started\n`)
  work.sh('chmod +x ../bin/node')
  await work.installHooks()
  for (const event of ['SessionStart', 'UserPromptSubmit', 'Stop', 'SessionEnd']) work.hook('s1', event)
  work.edit('s1', 'app.ts', 'second\n')
  work.shell('s1', 'echo third >>app.ts')
  work.commit('Change')
  work.git('commit', '-q', '--amend', '--no-edit')
  expect(existsSync(join(work.folder, 'started'))).toBe(false)
})

describe('a teammate without set-up', () => {
  it('gets the git hooks at the start of a session', () => {
    const root = join(work.folder, 'package')
    mkdirSync(join(root, 'cli'), { recursive: true })
    mkdirSync(join(root, 'dist', 'cli'), { recursive: true })
    cpSync(LAUNCHER, join(root, 'cli', 'stemma'))
    chmodSync(join(root, 'cli', 'stemma'), 0o755)
    const proof = join(work.folder, 'proof')
    writeFileSync(
      join(root, 'dist', 'cli', 'stemma.js'),
      `require('node:fs').writeFileSync(${JSON.stringify(proof)}, process.argv.slice(2).join(' '))`,
    )
    const payload = JSON.stringify({
      session_id: 's1',
      transcript_path: '/p/projects/x/s1.jsonl',
      cwd: work.root,
      hook_event_name: 'SessionStart',
      source: 'startup',
    })
    expect(work.run(join(root, 'cli', 'stemma'), ['hook', 'claude-code'], { input: payload })).toEqual(silent)
    work.sh(`for i in 1 2 3 4 5 6 7 8 9 10; do [ -f ${proof} ] && break; sleep 0.3; done`)
    expect(readFileSync(proof, 'utf8')).toBe(`git-hooks --cwd ${work.root}`)
  })
})
