/** Repositories as they are: each case says what is done to one, and what must hold after it. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { installGitHooks } from '#cli/git-hooks.ts'
import { listNewCommits, parsePushedRefs } from '#cli/io/pushed-refs.ts'
import { findRepository } from '#cli/io/repository.ts'
import { oneForAllTests, work } from './fresh-repository.ts'
import { ObservedRepository } from './observed-repository.ts'

const ZERO = '0'.repeat(40)
oneForAllTests('shop')
beforeAll(() => work.installHooks())

const commitIn = (root: string, file: string): string => {
  work.edit('s1', file, `${file}\n`, root)
  return work.commit(`Add ${file}`, root)
}

it('detached HEAD: observed like any other', async () => {
  work.git('checkout', '-q', '--detach')
  const commit = commitIn(work.root, 'detached.ts')
  work.git('checkout', '-q', 'main')
  expect(await work.observed()).toContain(commit)
})

it('a work tree whose Git folder lies elsewhere, named by a .git file', async () => {
  const root = join(work.folder, 'separate')
  work.gitIn(work.folder, 'init', '-q', '-b', 'main', '--separate-git-dir', join(work.folder, 'separate.git'), root)
  work.write('.stemma.yml', 'apiVersion: stemma.dev/v1\n', root)
  await installGitHooks(await findRepository(root))
  const commit = commitIn(root, 'far.ts')
  expect([await work.observed(root), work.trailer(root)]).toEqual([[commit], 'claude-code:s1'])
  expect(existsSync(join(work.folder, 'separate.git', 'stemma', 'spool'))).toBe(true)
})

it('a linked work tree, by a relative .git file too', async () => {
  const root = join(work.folder, 'linked')
  work.git('worktree', 'add', '-q', root)
  writeFileSync(join(root, '.git'), 'gitdir: ../shop/.git/worktrees/linked\n')
  const commit = commitIn(root, 'linked.ts')
  expect([(await work.observed()).includes(commit), work.trailer(root)]).toEqual([true, 'claude-code:s1'])
})

it('a shallow clone: its commits are observed, and nothing is fetched for it', async () => {
  const root = join(work.folder, 'shallow')
  work.gitIn(work.folder, 'clone', '-q', '--depth', '1', `file://${work.root}`, root)
  await installGitHooks(await findRepository(root))
  const commit = commitIn(root, 'new\nline "quoted".ts')
  expect([await work.observed(root), work.trailer(root)]).toEqual([[commit], 'claude-code:s1'])
  expect(work.gitIn(root, 'rev-list', '--count', 'HEAD').trim()).toBe('2')
})

it('a repository inside of another: each keeps its own, and the outer one is not told of the inner one', async () => {
  const inner = join(work.root, 'inner')
  mkdirSync(inner)
  work.gitIn(inner, 'init', '-q', '-b', 'main')
  work.write('.stemma.yml', 'apiVersion: stemma.dev/v1\n', inner)
  await installGitHooks(await findRepository(inner))
  const before = await work.observed()
  const commit = commitIn(inner, 'inside.ts')
  expect([await work.observed(inner), await work.observed()]).toEqual([[commit], before])
  rmSync(inner, { recursive: true })
})

it('a submodule: its commits are its own, and moving it in the outer one is a commit like any other', async () => {
  const library = new ObservedRepository('library')
  library.write('code.ts', 'x\n')
  library.commit('Begin')
  work.git('-c', 'protocol.file.allow=always', 'submodule', 'add', '-q', library.root, 'library')
  const inside = join(work.root, 'library')
  await installGitHooks(await findRepository(inside))
  const own = commitIn(inside, 'more.ts')
  const outer = work.commit('Move the library')
  expect(await work.observed(inside)).toEqual([own])
  expect(await work.observed()).toContain(outer)
  expect(await work.observed()).not.toContain(own)
  library.remove()
})

it('pushes of other branches, tags and several refs bring what they say, whatever is checked out', async () => {
  const root = work.head()
  work.git('checkout', '-q', '-b', 'one')
  const one = work.commit('One')
  work.git('checkout', '-q', '-b', 'two', root)
  const two = work.commit('Two')
  work.git('tag', '-a', '-m', 'annotated', 'v1', two)
  const tag = work.git('rev-parse', 'v1').trim()
  work.git('checkout', '-q', 'main')
  const ref = (name: string, local: string, remote = ZERO) =>
    `refs/heads/${name} ${local} refs/heads/${name} ${remote}\n`
  const cases: readonly (readonly [what: string, refs: string, brings: readonly string[]])[] = [
    ['another branch', ref('one', one, root), [one]],
    ['several refs at once', ref('one', one, root) + ref('two', two, root), [one, two]],
    ['the same commit under two names', ref('one', one, root) + ref('copy', one, root), [one]],
    ['an annotated tag', `refs/tags/v1 ${tag} refs/tags/v1 ${ZERO}\n${ref('main', root, root)}`, [two]],
    ['a deleted branch', `(delete) ${ZERO} refs/heads/one ${one}\n`, []],
    ['--force over commits that are gone here', ref('one', one, 'f'.repeat(40)) + ref('main', root, root), [one]],
    ['--force over commits that are here', ref('one', two, one), [two]],
    ['nothing at all', '', []],
    ['lines that git never writes', 'refs/heads/one\n; rm -rf /\n$(touch x) a b c\n', []],
  ]
  const repository = await work.repository()
  for (const [what, refs, brings] of cases) {
    const found = await listNewCommits(repository, parsePushedRefs(refs), '*')
    expect(found.filter((commit) => [one, two].includes(commit)).sort(), what).toEqual([...brings].sort())
  }
})
