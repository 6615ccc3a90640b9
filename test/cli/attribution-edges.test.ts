import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { pruneSpool } from '#cli/io/spool.ts'
import { ObservedRepository } from './observed-repository.ts'

let work: ObservedRepository
beforeEach(async () => {
  work = new ObservedRepository()
  await work.installHooks()
  work.write('app.ts', 'const first = 1\n')
  work.commit('Begin')
})
afterEach(() => work.remove())

const none = { ai: 0, human: 0, mixed: 0, unknown: 0 }

describe('files that are no plain text of this repository', () => {
  it('counts generated files like any other, by whoever had them made', async () => {
    work.write('.gitattributes', 'generated.ts linguist-generated\n')
    work.shell('s1', "printf 'export const table = [1]\\n' > generated.ts")
    expect(await work.added(work.commit('Generate'), 'generated.ts')).toEqual(['export const table = [1] <- ai s1'])
  })

  it('counts no lines of binary files, links and submodules', async () => {
    const inner = join(work.folder, 'inner')
    mkdirSync(inner)
    work.gitIn(inner, 'init', '-q')
    writeFileSync(join(inner, 'in.txt'), 'inner\n')
    work.gitIn(inner, 'add', '-A')
    work.gitIn(inner, 'commit', '-qm', 'Inner')
    work.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner, 'module')
    work.shell('s1', "printf 'a\\0b\\n' > data.bin")
    symlinkSync('/etc/hostname', join(work.root, 'outside'))
    const { files } = await work.attribute(work.commit('Odd'))
    for (const path of ['module', 'data.bin', 'outside'])
      expect([path, files.find((file) => file.path === path)?.added]).toEqual([path, none])
    expect(files.find(({ path }) => path === 'data.bin')?.binary).toBe(true)
  })

  it('does not read through a link that leads out of the repository', async () => {
    const outside = join(work.folder, 'secret.txt')
    writeFileSync(outside, 'a secret of somebody\n')
    symlinkSync(outside, join(work.root, 'link.txt'))
    const at = { tool_name: 'Write', tool_input: { file_path: join(work.root, 'link.txt') }, tool_use_id: 'c1' }
    work.hook('s1', 'PreToolUse', at)
    work.hook('s1', 'PostToolUse', at)
    const kept = work.sh(
      `for object in .git/stemma/objects/??/*; do id=$(basename $(dirname $object))$(basename $object); ` +
        'GIT_OBJECT_DIRECTORY=.git/stemma/objects git cat-file -p $id 2>/dev/null; done',
    )
    expect(kept.stdout).not.toContain('a secret of somebody')
  })

  it('leaves a repository inside of this one to itself', async () => {
    const inner = join(work.root, 'inner')
    mkdirSync(inner)
    work.gitIn(inner, 'init', '-q')
    work.edit('s1', 'inner/in.ts', 'belongs(to, the, inner, one)\n')
    expect(existsSync(join(inner, '.git', 'stemma'))).toBe(false)
    work.edit('s1', 'app.ts', 'const first = 1\nconst second = byAgent()\n')
    work.git('add', 'app.ts')
    work.git('commit', '-qm', 'Outer')
    expect(await work.added(work.head(), 'app.ts')).toEqual(['const second = byAgent() <- ai s1'])
  })

  it('follows a name that is no UTF-8, and tells it apart from others', async () => {
    const commit = (() => {
      work.sh("printf 'typed(by, hand)\\n' > \"$(printf 'caf\\351.txt')\"")
      return work.commit('Name')
    })()
    const { files } = await work.attribute(commit)
    expect(files.map(({ path, added }) => [path, added])).toEqual([['"caf\\351.txt"', { ...none, human: 1 }]])
  })

  it('keeps the author of a file that took the place of another one', async () => {
    const text = 'one(of, the, agent, a)\ntwo(of, the, agent, b)\nthree(of, the, agent, c)\n'
    work.edit('s1', 'made.ts', text)
    work.hook('s1', 'UserPromptSubmit', { prompt: 'go on' })
    work.sh('mv made.ts app.ts')
    expect(await work.added(work.commit('Replace'), 'app.ts')).toEqual(
      text
        .trimEnd()
        .split('\n')
        .map((line) => `${line} <- ai s1`),
    )
  })
})

describe('the store of snapshots', () => {
  it('is met by no gc, fsck, clone or push, and outlives them', async () => {
    work.edit('s1', 'kept.ts', 'kept(in, the, store, alone)\n')
    work.edit('s1', 'kept.ts', 'written(over, that, at, once)\n')
    const objects = (): number => Number(work.sh('find .git/stemma/objects -type f | wc -l').stdout.trim())
    const before = objects()
    expect(before).toBeGreaterThan(0)
    const bare = join(work.folder, 'bare.git')
    work.git('init', '-q', '--bare', bare)
    const commit = work.commit('Kept')
    const after = objects()
    work.git('gc', '-q', '--prune=now', '--aggressive')
    expect(work.run('git', ['fsck', '--full', '--strict']).stderr).toBe('')
    work.git('push', '-q', bare, 'main')
    work.git('clone', '-q', '--local', work.root, join(work.folder, 'clone'))
    expect(objects()).toBe(after)
    const lost = work.run('git', ['hash-object', '--stdin'], { input: 'kept(in, the, store, alone)\n' }).stdout.trim()
    for (const place of [work.root, bare, join(work.folder, 'clone')])
      expect(work.run('git', ['cat-file', '-e', lost], { cwd: place }).status).not.toBe(0)
    expect(existsSync(join(work.folder, 'clone', '.git', 'stemma'))).toBe(false)
    expect(await work.added(commit, 'kept.ts')).toEqual(['written(over, that, at, once) <- ai s1'])
  })

  it('forgets what is too old, and keeps what a young record needs', async () => {
    work.edit('s1', 'app.ts', 'const first = 1\nconst second = byAgent()\n')
    const commit = work.commit('Second')
    const repository = await work.repository()
    const day = 24 * 60 * 60 * 1000
    await pruneSpool(repository, { now: Date.now(), keepMilliseconds: 45 * day, maxArchiveBytes: 1_000_000 })
    expect(await work.added(commit, 'app.ts')).toEqual(['const second = byAgent() <- ai s1'])
    await pruneSpool(repository, {
      now: Date.now() + 100 * day,
      keepMilliseconds: 45 * day,
      maxArchiveBytes: 1_000_000,
    })
    for (const folder of ['spool', 'observations', 'archive']) {
      const path = join(repository.stateDirectory, folder)
      expect([folder, existsSync(path) ? readdirSync(path) : []]).toEqual([folder, []])
    }
    // What was told before it was forgotten is still known.
    expect(await work.added(commit, 'app.ts')).toEqual(['const second = byAgent() <- ai s1'])
  })
})
