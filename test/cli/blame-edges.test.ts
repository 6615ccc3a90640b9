/** `stemma blame`, `stats` and `why` on files and repositories as they come: one repository, a row for each. */
import { execFileSync, spawnSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { Blame, Stats } from './agreed-forms.ts'
import { createMachine, type Machine } from './machine.ts'

const LAUNCHER = join(import.meta.dirname, '../../cli/stemma')
/** What the agent runs: names and contents of all kinds. */
const SCRIPT = `
mkdir -p sub "$(printf 'd\\351p')"
printf 'ein\\nzwei\\n' >"$(printf 'caf\\351.txt')"
printf 'tief\\n' >"$(printf 'd\\351p/x.txt')"
printf 'eins\\n' >"$(printf 'twin\\351')"
printf 'andres\\n' >"$(printf 'twin\\350')"
printf 'na\\357ve\\nplain\\n' >sub/latin1.txt
printf 'one\\r\\ntwo\\r\\n' >sub/crlf.txt
printf 'a\\000b\\n' >sub/bytes.dat
printf 'no end' >sub/no-newline.txt
: >sub/empty.txt
printf 'q\\n' >'a "quote".txt'
printf 'n\\n' >'new
line.txt'
printf 's\\n' >'*.txt'
printf 'c\\n' >a:b.txt
ln -s sub/crlf.txt link
`

let machine: Machine

function hook(event: string, extra: object): void {
  const call = { tool_name: 'Bash', tool_input: { command: 'sh make.sh' }, tool_use_id: 'call-1', ...extra }
  const payload = { session_id: 's1', cwd: machine.root, hook_event_name: event, ...call }
  execFileSync(LAUNCHER, ['hook', 'claude-code'], {
    cwd: machine.root,
    env: { PATH: process.env['PATH'] ?? '', HOME: machine.home },
    input: JSON.stringify(payload),
  })
}

function commitSeen(message: string): string {
  const commit = machine.commit({}, message)
  execFileSync(LAUNCHER, ['hook', 'git', 'post-commit'], {
    cwd: machine.root,
    env: { PATH: process.env['PATH'] ?? '', HOME: machine.home },
  })
  return commit
}

/** Words of which the shell makes the bytes: no string of Node's holds a name that is no UTF-8. */
function typed(words: string, cwd = machine.root) {
  const [path, environment] = machine.program
  const { status, stdout, stderr } = spawnSync('sh', ['-c', `"$0" "$1" ${words}`, process.execPath, path], {
    cwd,
    env: { ...environment },
    encoding: 'utf8',
  })
  return { code: status, stdout, stderr }
}

async function blamed(words: readonly string[], cwd = machine.root) {
  const ran = await machine.stemma(['blame', '--json', ...words], { cwd })
  expect(ran.code, ran.stderr).toBe(0)
  return Blame.parse(JSON.parse(ran.stdout))
}

const classes = ({ lines }: z.infer<typeof Blame>): readonly string[] => lines.map((line) => line.class)

beforeAll(async () => {
  machine = createMachine()
  machine.commit({ '.gitignore': 'make.sh\n' }, 'Begin')
  expect((await machine.stemma(['init', '--yes', '--agent', 'claude-code'])).code).toBe(0)
  machine.commit({}, 'Set up')
  machine.write('make.sh', SCRIPT)
  hook('PreToolUse', {})
  execFileSync('sh', ['make.sh'], { cwd: machine.root })
  hook('PostToolUse', { tool_response: {} })
  execFileSync('sh', ['-c', 'printf "drei\\n" >>"$(printf "caf\\351.txt")"; printf "by hand\\n" >>sub/latin1.txt'], {
    cwd: machine.root,
  })
  commitSeen('Make files of all kinds')
}, 120_000)
afterAll(() => machine.remove())

describe('stemma blame of a name', () => {
  it('that is no UTF-8, as typed and as git shows it, from any folder', async () => {
    const expected = { file: '"caf\\351.txt"', classes: ['ai', 'ai', 'human'] }
    const sub = join(machine.root, 'sub')
    for (const [words, cwd] of [
      [`blame "$(printf 'caf\\351.txt')" --json`, machine.root],
      [`blame "$(printf '../caf\\351.txt')" --json`, sub],
      [`blame '"caf\\351.txt"' --json`, machine.root],
      [`blame '"../caf\\351.txt"' --json`, sub],
    ] as const) {
      const ran = typed(words, cwd)
      expect(ran.code, `${words}: ${ran.stderr}`).toBe(0)
      const found = Blame.parse(JSON.parse(ran.stdout))
      expect({ file: found.file, classes: classes(found) }, words).toEqual(expected)
    }
    expect(typed(`blame "$(printf 'd\\351p/x.txt')"`).stdout).toMatch(/^ai .* tief\n$/)
    expect(typed(`why "$(printf 'caf\\351.txt'):3"`).stdout).toContain('"caf\\351.txt":3 human')
  })

  it('from a folder whose own name is no UTF-8 says where to ask', () => {
    const [path] = machine.program
    const ran = typed(`--version; cd "$(printf 'd\\351p')"; exec "$0" '${path}' blame x.txt`)
    expect([ran.code, ran.stderr]).toEqual([
      2,
      expect.stringMatching(/name of this folder is not UTF-8.*\nhint: .*`cd \.\.`/),
    ])
  })

  it('that as it was typed can be one of several: both are named', () => {
    const ran = typed(`blame "$(printf 'twin\\351')"`)
    expect(ran.code).toBe(2)
    expect(ran.stderr).toContain('can be "twin\\350" or "twin\\351"')
    expect(ran.stderr).toContain(`hint: Name the one that you mean as git shows it: \`stemma blame '"twin\\350"'\``)
    expect(typed(`blame '"twin\\351"'`).stdout).toContain('eins')
  })

  it.each(['a "quote".txt', 'new\nline.txt', '*.txt', 'a:b.txt', 'sub/../a:b.txt', '../shop/a:b.txt'])(
    '%j',
    async (file) => {
      const found = await blamed([file])
      expect(found.file).toBe(file.replace(/^.*\.\.\/(?:shop\/)?/, ''))
      expect(classes(found)).toEqual(['ai'])
    },
  )

  it('is told apart from what has no lines of this commit, each with what to do', async () => {
    machine.write('new.ts', 'not committed\n')
    const rows: readonly (readonly [string, RegExp])[] = [
      ['link', /symbolic link/],
      ['sub', /sub is a folder/],
      ['sub/', /is a folder/],
      ['.', /is a folder/],
      ['sub/bytes.dat', /binary file/],
      ['new.ts', /no file of commit [0-9a-f]{12}\.\nhint: .*`git add` it/],
      ['nowhere.ts', /no file of commit [0-9a-f]{12}\.\nhint: .*`git ls-files`/],
      ['/etc/passwd', /outside of this repository/],
      ['../../x', /outside of this repository/],
    ]
    for (const [file, words] of rows) {
      const ran = await machine.stemma(['blame', file])
      expect([file, ran.code]).toEqual([file, 2])
      expect(ran.stderr).toMatch(words)
      expect(ran.stderr).toMatch(/\nhint: .*`[^`]+`/)
    }
    rmSync(join(machine.root, 'new.ts'))
  })
})

describe('stemma blame of content', () => {
  it('in Latin-1 shows its letters, and its lines stay their authors’', async () => {
    expect(classes(await blamed(['latin1.txt'], join(machine.root, 'sub')))).toEqual(['ai', 'ai', 'human'])
    expect((await machine.stemma(['blame', 'sub/latin1.txt'])).stdout).toMatch(/ naïve\n/)
    expect(await machine.json(['why', 'sub/latin1.txt:1'])).toMatchObject({ text: 'naïve', class: 'ai' })
  })

  it('with CRLF, without a last newline, and without any line', async () => {
    expect(classes(await blamed(['sub/crlf.txt']))).toEqual(['ai', 'ai'])
    expect(await machine.json(['why', 'sub/crlf.txt:2'])).toMatchObject({ text: 'two' })
    expect(classes(await blamed(['sub/no-newline.txt']))).toEqual(['ai'])
    expect(classes(await blamed(['sub/empty.txt']))).toEqual([])
    const beyond = await machine.stemma(['why', 'sub/crlf.txt:3'])
    expect([beyond.code, beyond.stderr]).toEqual([
      2,
      'stemma: sub/crlf.txt has 2 lines.\nhint: Look at them: `stemma blame sub/crlf.txt`.\n',
    ])
  })

  it('is not changed by what a person has set for their own blame', async () => {
    writeFileSync(join(machine.root, '.git/ignored'), `${machine.git('rev-parse', 'HEAD')}\n`)
    machine.git('config', 'blame.ignoreRevsFile', 'nowhere')
    expect(classes(await blamed(['sub/crlf.txt']))).toEqual(['ai', 'ai'])
    machine.git('config', 'blame.ignoreRevsFile', '.git/ignored')
    machine.git('config', 'diff.upper.textconv', 'tr a-z A-Z <')
    writeFileSync(join(machine.root, '.git/info/attributes'), '*.txt diff=upper\n')
    expect((await machine.stemma(['blame', 'sub/crlf.txt'])).stdout).toMatch(/^ai .* one\nai .* two\n$/)
    machine.git('config', '--unset', 'blame.ignoreRevsFile')
    rmSync(join(machine.root, '.git/info/attributes'))
  })
})

describe('a repository', () => {
  it('without a commit, with a name that no commit has, and with nothing observed yet', async () => {
    const unborn = join(machine.home, 'unborn')
    machine.git('init', '-q', unborn)
    expect((await machine.stemma(['blame', 'x', '--cwd', unborn])).stderr).toContain('no commit yet.\nhint: Commit')
    expect((await machine.stemma(['why', 'x:1', '--cwd', unborn])).code).toBe(2)
    const stats = Stats.parse(await machine.json(['stats', '--cwd', unborn]))
    expect(stats.commits).toEqual({ total: 0, observed: 0, unobserved: [] })
    const named = await machine.stemma(['blame', 'a:b.txt', '--revision', 'nowhere'])
    expect(named.stderr).toContain('There is no commit nowhere here.\nhint: See which there are: `git log --oneline`')
    expect((await machine.stemma(['stats', 'nowhere'])).stderr).toContain('`stemma stats HEAD~10..HEAD`')
  })

  it('seen from a linked work tree and through a link to it', async () => {
    const linked = join(machine.home, 'linked')
    machine.git('worktree', 'add', '-q', linked)
    expect(classes(await blamed(['crlf.txt'], join(linked, 'sub')))).toEqual(['ai', 'ai'])
    expect(classes(await blamed([join(linked, 'a:b.txt')], linked))).toEqual(['ai'])
    const way = join(machine.home, 'way')
    execFileSync('ln', ['-s', linked, way])
    expect(classes(await blamed(['sub/crlf.txt', '--cwd', way]))).toEqual(['ai', 'ai'])
    expect(classes(await blamed([join(way, 'a:b.txt'), '--cwd', way]))).toEqual(['ai'])
    machine.git('worktree', 'remove', '--force', linked)
  })

  it('with a submodule: its lines are asked for there, and its entry is no line', async () => {
    const outer = join(machine.home, 'outer')
    machine.git('init', '-q', outer)
    const inOuter = (...words: readonly string[]) => machine.git('-C', outer, ...words)
    inOuter('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', machine.root, 'lib')
    execFileSync('ln', ['-s', 'lib', join(outer, 'way')])
    inOuter('add', '-A')
    inOuter('commit', '-q', '-m', 'Outer')
    const ask = (...words: readonly string[]) => machine.stemma([...words, '--cwd', outer])
    expect((await ask('blame', 'lib')).stderr).toContain('`stemma --cwd lib blame FILE`')
    expect((await ask('blame', 'lib/sub/crlf.txt')).stderr).toContain('`stemma --cwd lib blame sub/crlf.txt`')
    expect((await machine.stemma(['--cwd', join(outer, 'lib'), 'blame', 'sub/crlf.txt'])).code).toBe(0)
    // The three lines of .gitmodules: neither the link nor the entry of the submodule is one.
    expect(Stats.parse(await machine.json(['stats', '--cwd', outer])).lines).toEqual({
      ai: 0,
      human: 0,
      mixed: 0,
      unknown: 3,
    })
  })

  it('cut off by a shallow clone: every line is there, and unknown', async () => {
    const clone = join(machine.home, 'shallow')
    machine.git('clone', '-q', '--depth', '1', `file://${machine.root}`, clone)
    expect(await blamed(['sub/crlf.txt'], clone)).toMatchObject({
      lines: [
        { line: 1, class: 'unknown', session: null, confidence: 'none' },
        { line: 2, class: 'unknown' },
      ],
    })
  })
})

describe('stemma stats', () => {
  it('counts what a merge itself says, and what `git log` lists of a range', async () => {
    const base = machine.git('rev-parse', 'HEAD')
    machine.git('checkout', '-q', '-b', 'side')
    machine.commit({ 'both.ts': 'side\n', 'side.ts': 'only here\n' }, 'Side')
    machine.git('checkout', '-q', 'main')
    machine.commit({ 'both.ts': 'main\n' }, 'Main')
    machine.git('merge', '-q', '--no-commit', '-s', 'ours', 'side')
    const solved = machine.commit({ 'both.ts': 'main\nand side\n', 'side.ts': 'only here\n' }, 'Merge')
    machine.git('checkout', '-q', '-b', 'plain', base)
    machine.commit({ 'plain.ts': 'x\n' }, 'Plain')
    machine.git('merge', '-q', '--no-edit', 'main')
    const clean = machine.git('rev-parse', 'HEAD')
    const stats = Stats.parse(await machine.json(['stats', `${base}..plain`]))
    expect(stats.commits.total).toBe(4)
    expect(stats.commits.unobserved.map(({ commit }) => commit)).toContain(solved)
    expect(stats.commits.unobserved.map(({ commit }) => commit)).not.toContain(clean)
    // side: 2, main: 1, plain: 1, and the line that only the merge has.
    expect(stats.lines).toEqual({ ai: 0, human: 0, mixed: 0, unknown: 5 })
    const whole = Stats.parse(await machine.json(['stats', 'plain']))
    expect(whole.commits.total).toBe(Stats.parse(await machine.json(['stats'])).commits.total)
    expect(whole.commits.total).toBe(7)
    machine.git('checkout', '-q', 'main')
  })
})
