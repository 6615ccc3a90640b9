import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readCommits } from '#cli/io/commits.ts'
import { readBlobs } from '#cli/io/objects.ts'
import { patchIds } from '#cli/io/patch-ids.ts'
import { listNewCommits, parsePushedRefs } from '#cli/io/pushed-refs.ts'
import { findRepository, listWorktrees, parseRemoteUrl, type Repository } from '#cli/io/repository.ts'
import { diffCommits, diffTrees } from '#cli/io/tree-diffs.ts'
import { patchIdOf } from '#core/attribution/patch-id.ts'
import { ObservedRepository } from './observed-repository.ts'

let work: ObservedRepository
let repository: Repository
beforeEach(async () => {
  work = new ObservedRepository()
  repository = await work.repository()
})
afterEach(() => work.remove())

const ZERO = '0'.repeat(40)

describe('the repository', () => {
  it('is found from any folder in it, and shared by its work trees', async () => {
    work.write('deep/er/x', '')
    work.commit('Begin')
    const linked = join(work.folder, 'linked\ntree')
    work.git('worktree', 'add', '-q', '-b', 'linked', linked)
    expect(await findRepository(join(work.root, 'deep', 'er'))).toEqual(repository)
    const other = await findRepository(linked)
    expect([other.root, other.commonDirectory, other.stateDirectory]).toEqual([
      linked,
      repository.commonDirectory,
      repository.stateDirectory,
    ])
    expect(other.gitDirectory).not.toBe(repository.gitDirectory)
    expect(await listWorktrees(repository)).toEqual([work.root, linked])
  })

  it('is missed with words that help', async () => {
    await expect(findRepository(work.folder)).rejects.toMatchObject({ code: 'not-a-repository' })
    await expect(findRepository(join(work.folder, 'nowhere'))).rejects.toMatchObject({ code: 'not-a-repository' })
  })

  it('is not redirected by what git tells its hooks', async () => {
    process.env['GIT_DIR'] = '/nowhere'
    try {
      expect(await findRepository(work.root)).toEqual(repository)
    } finally {
      delete process.env['GIT_DIR']
    }
  })
})

describe('diffs', () => {
  it('give exact ranges for every kind of change and name', async () => {
    work.write('a "quoted"\nname.ts', 'one\ntwo\nthree\n')
    work.write('moved.ts', 'same\n'.repeat(10))
    work.write('gone.ts', 'x\n')
    work.write('image.png', 'a\0b')
    const from = work.commit('Begin')
    work.write('a "quoted"\nname.ts', 'zero\none\nTWO\nthree')
    work.sh('git mv moved.ts there.ts && rm gone.ts && ln -s there.ts link && printf "c\\0d" >image.png')
    work.write('diff --git a/x b/x', '@@ -1 +1 @@\n')
    const to = work.commit('Change')
    const diffs = await diffTrees(repository, from, to)
    const found = Object.fromEntries(
      diffs.map(({ path, status, binary, hunks }) => [
        path,
        [status, binary, hunks.map((hunk) => Object.values(hunk).join(' '))],
      ]),
    )
    expect(found).toEqual({
      'a "quoted"\nname.ts': ['modified', false, ['0 0 1 1', '2 2 3 2']],
      'diff --git a/x b/x': ['added', false, ['0 0 1 1']],
      'gone.ts': ['deleted', false, ['1 1 0 0']],
      'image.png': ['modified', true, []],
      link: ['added', false, []],
      'there.ts': ['renamed', false, []],
    })
    expect(diffs.find(({ path }) => path === 'there.ts')?.previousPath).toBe('moved.ts')
  })

  it('of many commits are those of each', async () => {
    const commits: string[] = []
    for (let number = 0; number < 4; number++) {
      work.write(`file${number % 2}.ts`, `${number}\nsame\n`)
      commits.push(work.commit(`Change ${number}`))
    }
    work.git('commit', '-q', '--allow-empty', '-m', 'Nothing')
    commits.push(work.git('rev-parse', 'HEAD').trim())
    const diffs = await diffCommits(repository, commits)
    for (const [index, commit] of commits.entries()) {
      const alone = await diffTrees(repository, commits[index - 1] ?? null, commit)
      expect(diffs.get(commit)).toEqual(alone)
    }
    expect(diffs.get(commits[4] ?? '')).toEqual([])
    expect(diffs.get(commits[3] ?? '')).toHaveLength(1)
  })

  it('do not depend on configuration', async () => {
    work.write('x.ts', 'one\n')
    const from = work.commit('Begin')
    work.write('x.ts', 'one\ntwo\n')
    const to = work.commit('Change')
    const plain = await diffTrees(repository, from, to)
    for (const [key, value] of [
      ['diff.external', 'false'],
      ['diff.noprefix', 'true'],
      ['color.ui', 'always'],
      ['diff.context', '9'],
      ['core.quotePath', 'false'],
    ] as const) {
      work.git('config', key, value)
    }
    expect(await diffTrees(repository, from, to)).toEqual(plain)
  })
})

describe('commits', () => {
  it('are read with messages of any form', async () => {
    const commit = work.commit('Subject\n\nBody with \u0001 and "quotes"\n\nStemma-Session: claude-code:s1')
    const [read] = await readCommits(repository, [commit])
    expect(read).toMatchObject({ commit, parents: [], subject: 'Subject', authorName: 'Ada' })
    expect(read?.message.trim()).toBe('Subject\n\nBody with \u0001 and "quotes"\n\nStemma-Session: claude-code:s1')
  })

  it('that a push brings are those the remote does not have', async () => {
    const bare = join(work.folder, 'bare.git')
    work.git('init', '-q', '--bare', bare)
    work.git('remote', 'add', 'origin', bare)
    const first = work.commit('First')
    work.git('push', '-q', 'origin', 'main')
    const second = work.commit('Second')
    work.git('checkout', '-q', '-b', 'topic')
    const third = work.commit('Third')
    const refs = (remote: string) => [
      { localRef: 'refs/heads/topic', localCommit: third, remoteRef: 'refs/heads/topic', remoteCommit: remote },
    ]
    expect(await listNewCommits(repository, refs(ZERO), 'origin')).toEqual([second, third])
    expect(await listNewCommits(repository, refs(second), 'origin')).toEqual([third])
    // The remote is ahead by a commit that was never fetched.
    expect(await listNewCommits(repository, refs('1'.repeat(40)), 'origin')).toEqual([second, third])
    expect(
      await listNewCommits(
        repository,
        [{ ...refs(first)[0], localRef: '(delete)', localCommit: ZERO, remoteRef: 'x', remoteCommit: first }],
        'origin',
      ),
    ).toEqual([])
  })

  it('keep their patch id through a rebase; one without a change has none', async () => {
    work.commit('Begin')
    work.git('checkout', '-q', '-b', 'topic')
    work.write('x.ts', 'one\n')
    const before = work.commit('Change')
    const empty = work.commit('Nothing')
    work.git('checkout', '-q', 'main')
    work.write('y.ts', 'other\n')
    work.commit('Other')
    work.git('cherry-pick', before)
    const ids = await patchIds(repository, [before, empty, work.head()])
    expect(ids.get(before)).toMatch(/^[0-9a-f]{40}$/)
    expect(ids.get(work.head())).toBe(ids.get(before))
    expect(ids.has(empty)).toBe(false)
  })

  it('have the patch id that the server takes of the forge’s diff, in which a rename is one', async () => {
    const lines = Array.from({ length: 20 }, (_, at) => `line ${at}\n`).join('')
    work.write('old.ts', lines)
    work.write('moved.ts', `${lines}as it was\n`)
    work.commit('Begin')
    work.git('mv', 'old.ts', 'new.ts')
    work.git('mv', 'moved.ts', 'elsewhere.ts')
    work.write('new.ts', lines.replace('line 7', 'line seven'))
    const renamed = work.commit('Rename')
    const ofForge = work.git('diff', '--find-renames=50%', 'HEAD~1', 'HEAD')
    expect(ofForge).toContain('rename to new.ts')
    const ids = await patchIds(repository, [renamed])
    expect(ids.get(renamed)).toBe(await patchIdOf(Buffer.from(ofForge)))
  })
})

it('blobs are read byte for byte; what is missing or no blob is left out', async () => {
  work.write('x.bin', 'a\0\n\nb')
  const commit = work.commit('Begin')
  const blob = work.git('rev-parse', 'HEAD:x.bin').trim()
  const contents = await readBlobs(repository, [blob, commit, '1'.repeat(40)])
  expect([...contents].map(([id, bytes]) => [id, bytes.toString('latin1')])).toEqual([[blob, 'a\0\n\nb']])
})

it('refs of a pre-push hook are read; other lines are not', () => {
  const line = `refs/heads/main ${'a'.repeat(40)} refs/heads/main ${ZERO}`
  expect(parsePushedRefs(`${line}\nnonsense\n$(rm) x y z\n`)).toEqual([
    { localRef: 'refs/heads/main', localCommit: 'a'.repeat(40), remoteRef: 'refs/heads/main', remoteCommit: ZERO },
  ])
})

it.each([
  ['git@github.com:owner/name.git', { host: 'github.com', repository: 'owner/name' }],
  ['https://token:x@GitHub.com/owner/name/', { host: 'github.com', repository: 'owner/name' }],
  ['ssh://git@host.example:2222/group/sub/name.git', { host: 'host.example', repository: 'group/sub/name' }],
  ['C:/projects/name', null],
  ['/srv/name.git', null],
  ['../name', null],
  ['file:///srv/name.git', null],
])('remote %s', (url, parsed) => {
  expect(parseRemoteUrl(url)).toEqual(parsed)
})
