import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { PRUNE_DEFAULTS, pruneSpool, readRecords } from '#cli/io/spool.ts'
import { freshForEachTest, work } from './fresh-repository.ts'

freshForEachTest({ '.gitignore': '*.log\nsecrets/\n', 'app.ts': 'first\n' })

const state = (): string => join(work.root, '.git', 'stemma')
const store = (): readonly string[] => ['--git-dir', join(work.root, '.git')]
const snapshots = async () => (await readRecords(state())).records.map(({ snapshot }) => snapshot)

/** Paths of a stored tree. */
function paths(tree: string): readonly string[] {
  work.setEnvironment({ GIT_ALTERNATE_OBJECT_DIRECTORIES: join(state(), 'objects') })
  const names = work.git(...store(), 'ls-tree', '-r', '-z', '--name-only', tree)
  work.setEnvironment({})
  return names.split('\0').filter((name) => name !== '')
}

const callTool = (tool: string, input: Readonly<Record<string, unknown>>): void =>
  work.hook('s1', 'PreToolUse', { tool_name: tool, tool_input: input, tool_use_id: 'c' })

describe('a shell tool', () => {
  it('snapshots the work tree, without ignored files and without touching the index', async () => {
    work.write('new "file"\n.ts', 'untracked\n')
    work.write('debug.log', 'ignored\n')
    work.write('secrets/key', 'ignored\n')
    const index = work.git('status', '--porcelain=v2', '-z')
    callTool('Bash', { command: 'x' })
    const [snapshot] = await snapshots()
    expect(snapshot?.kind === 'tree' ? paths(snapshot.tree) : null).toEqual([
      '.gitignore',
      '.stemma.yml',
      'app.ts',
      'new "file"\n.ts',
    ])
    expect(work.git('status', '--porcelain=v2', '-z')).toBe(index)
  })

  it('adds nothing to the objects of the repository', async () => {
    const count = (): string => work.git('count-objects', '-v')
    const earlier = count()
    work.write('large.ts', 'x\n'.repeat(1000))
    callTool('Bash', { command: 'x' })
    callTool('Edit', { file_path: join(work.root, 'large.ts') })
    expect(count()).toBe(earlier)
  })

  it('sees a change of the same size in the same moment', async () => {
    callTool('Bash', { command: 'x' })
    for (const text of ['aaaaa\n', 'bbbbb\n', 'ccccc\n']) {
      work.write('app.ts', text)
      callTool('Bash', { command: 'x' })
    }
    const trees = (await snapshots()).map((snapshot) => (snapshot?.kind === 'tree' ? snapshot.tree : null))
    expect(new Set(trees).size).toBe(4)
  })

  it('sees a change of the same size and second also later', async () => {
    const second = (): number => Math.floor(Date.now() / 1000)
    let began: number
    // Everything must happen within one second of the clock, which a busy machine may not manage at once.
    do {
      await new Promise((settle) => setTimeout(settle, 1000 - (Date.now() % 1000)))
      began = second()
      work.write('app.ts', 'aaaaa\n')
      callTool('Bash', { command: 'x' })
      work.write('app.ts', 'bbbbb\n')
    } while (second() !== began)
    await new Promise((settle) => setTimeout(settle, 1100))
    callTool('Bash', { command: 'x' })
    const [earlier, later] = (await snapshots()).slice(-2)
    expect(earlier?.kind).toBe('tree')
    expect(later).not.toEqual(earlier)
  })

  it('gets by with nested repositories and files that cannot be read', async () => {
    mkdirSync(join(work.root, 'nested'))
    work.gitIn(join(work.root, 'nested'), 'init', '-q')
    work.write('after.ts', 'x\n')
    callTool('Bash', { command: 'x' })
    const [snapshot] = await snapshots()
    expect(snapshot?.kind === 'tree' ? paths(snapshot.tree) : null).toContain('after.ts')
  })

  it('gives up on a work tree that takes too long, says so, and does not try at once again', async () => {
    // A git that hangs while it adds.
    const git = work.sh('command -v git').stdout.trim()
    work.write(
      '../bin/git',
      `#!/bin/sh\ncase "$*" in *' add '*) echo x >>${work.folder}/tries; exec sleep 60 ;; esac\nexec ${git} "$@"\n`,
    )
    work.sh('chmod +x ../bin/git')
    callTool('Bash', { command: 'x' })
    callTool('Bash', { command: 'x' })
    expect((await snapshots()).map((snapshot) => snapshot?.kind)).toEqual(['lost', 'lost'])
    expect(work.read('../tries')).toBe('x\n')
    expect(work.read('.git/stemma/failures.log')).toMatch(/took more than \d+ s/)
    expect(work.sh('ls .git/stemma/index').stdout).toBe('')
  })

  it('works in the middle of a conflict', async () => {
    work.git('checkout', '-q', '-b', 'topic')
    work.write('app.ts', 'topic\n')
    work.commit('Topic')
    work.git('checkout', '-q', 'main')
    work.write('app.ts', 'main\n')
    work.commit('Main')
    work.run('git', ['merge', 'topic'])
    callTool('Bash', { command: 'x' })
    expect((await snapshots()).map((snapshot) => snapshot?.kind)).toEqual(['tree'])
    expect(work.git('status', '--porcelain')).toBe('UU app.ts\n')
  })
})

describe('an edit tool', () => {
  const seen = async (path: string): Promise<unknown> => {
    callTool('Edit', { file_path: path })
    const snapshot = (await snapshots()).at(-1)
    return snapshot?.kind === 'file' ? [snapshot.path, snapshot.blob] : snapshot?.kind
  }

  it('stores the named file as git would store it', async () => {
    expect(await seen(join(work.root, 'app.ts'))).toEqual(['app.ts', work.git('rev-parse', 'HEAD:app.ts').trim()])
    expect(await seen(join(work.root, 'not', 'there.ts'))).toEqual(['not/there.ts', 'absent'])
    expect(await seen('app.ts')).toEqual(['app.ts', work.git('rev-parse', 'HEAD:app.ts').trim()])
    work.write('.gitattributes', 'dos.txt text eol=crlf\n')
    work.write('dos.txt', 'one\r\n')
    const [, blob] = (await seen(join(work.root, 'dos.txt'))) as readonly string[]
    expect(blob).toBe(work.git('hash-object', '--path=dos.txt', 'dos.txt').trim())
  })

  it('keeps no ignored file', async () => {
    work.write('secrets/key', 'of the person\n')
    expect(await seen(join(work.root, 'secrets', 'key'))).toEqual(['secrets/key', 'ignored'])
    const id = work.git('hash-object', 'secrets/key').trim()
    work.setEnvironment({ GIT_ALTERNATE_OBJECT_DIRECTORIES: join(state(), 'objects') })
    expect(work.run('git', ['cat-file', '-e', id]).status).not.toBe(0)
    // A tracked file is kept, whatever the patterns say.
    work.git('add', '-f', 'secrets/key')
    expect(await seen(join(work.root, 'secrets', 'key'))).toEqual(['secrets/key', id])
  })

  it('takes the whole tree where the name does not tell the file', async () => {
    mkdirSync(join(work.root, 'real'))
    writeFileSync(join(work.root, 'real', 'x.ts'), 'x\n')
    symlinkSync('real', join(work.root, 'link'))
    symlinkSync('app.ts', join(work.root, 'alias.ts'))
    for (const path of ['link/x.ts', 'alias.ts', 'real/../app.ts', 'a"b.ts', 'real//x.ts']) {
      expect([path, await seen(`${work.root}/${path}`)]).toEqual([path, 'tree'])
    }
  })
})

describe('pruning', () => {
  const day = 24 * 60 * 60 * 1000

  it('moves old records together and reads them as before', async () => {
    work.edit('s1', 'one.ts', 'one\n')
    work.shell('s1', 'echo two >two.ts')
    const earlier = await readRecords(state())
    const repository = await work.repository()
    await pruneSpool(repository, { ...PRUNE_DEFAULTS, now: Date.now() + 2 * 60 * 60 * 1000 })
    expect(work.sh('ls .git/stemma/spool').stdout).toBe('')
    expect(await readRecords(state())).toEqual(earlier)
    work.write('one.ts', 'one\ntyped\n')
    await work.installHooks()
    expect((await work.attribute(work.commit('Later'))).added).toMatchObject({ ai: 2 })
  })

  it('drops what is too old or too much', async () => {
    work.edit('s1', 'one.ts', 'one\n')
    const repository = await work.repository()
    const now = Date.now() + 2 * 60 * 60 * 1000
    await pruneSpool(repository, { ...PRUNE_DEFAULTS, now })
    await pruneSpool(repository, { ...PRUNE_DEFAULTS, now: now + 46 * day })
    expect((await readRecords(state())).records).toEqual([])
    work.edit('s2', 'one.ts', 'two\n')
    await pruneSpool(repository, { ...PRUNE_DEFAULTS, now, maxArchiveBytes: 10 })
    expect((await readRecords(state())).records).toEqual([])
  })

  it('removes snapshots that nothing names any more, and only those', async () => {
    callTool('Bash', { command: 'x' })
    for (let index = 0; index < 2100; index++) work.write(`many/${index}.ts`, `${index}\n`)
    callTool('Bash', { command: 'x' })
    work.sh('rm -r many')
    callTool('Bash', { command: 'x' })
    const objects = (): number => Number(work.sh('find .git/stemma/objects -type f | wc -l').stdout)
    expect(objects()).toBeGreaterThan(2100)
    const repository = await work.repository()
    const now = Date.now() + 8 * 60 * 60 * 1000
    await pruneSpool(repository, { ...PRUNE_DEFAULTS, now })
    expect(objects()).toBeGreaterThan(2100)
    await pruneSpool(repository, { ...PRUNE_DEFAULTS, now, keepMilliseconds: 0 })
    expect(objects()).toBeLessThan(50)
    callTool('Bash', { command: 'x' })
    expect((await snapshots()).at(-1)?.kind).toBe('tree')
  })
})
