/** Machines as they are: each case says what is done to one, and what must hold after it. */
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, expect, it } from 'vitest'
import { hookNames } from '#cli/git-hooks.ts'
import { readRecords } from '#cli/io/spool.ts'
import { watchOfCommits } from '#cli/push/missed.ts'
import { oneForAllTests, work } from './fresh-repository.ts'
import { LAUNCHER } from './observed-repository.ts'

oneForAllTests()
beforeAll(async () => {
  await work.installHooks()
  work.git('init', '-q', '--bare', join(work.folder, 'bare.git'))
  work.git('remote', 'add', 'origin', join(work.folder, 'bare.git'))
})
afterEach(() => work.setEnvironment({}))
const state = (): string => join(work.root, '.git', 'stemma')
const goOn = (name: string): void => {
  work.commit(name)
  work.git('push', '-q', 'origin', 'main')
  expect(work.git('ls-remote', 'origin', 'main')).toContain(work.head())
}

it('a program that is gone, or that cannot be run: commit and push go on', async () => {
  const bin = join(work.folder, 'bin', 'stemma')
  const hooks = hookNames.map((name) => join(work.root, '.git', 'hooks', name))
  const texts = hooks.map((path) => readFileSync(path, 'utf8'))
  for (const [at, path] of hooks.entries()) {
    writeFileSync(path, (texts[at] ?? '').replaceAll(LAUNCHER, join(work.folder, 'uninstalled', 'stemma')))
  }
  rmSync(bin)
  goOn('Without the program')
  writeFileSync(bin, 'no program at all')
  goOn('With a file that is no program')
  chmodSync(bin, 0o755)
  writeFileSync(bin, '#!/nowhere/at/all\n')
  work.commit('With an interpreter that is gone')
  rmSync(bin)
  for (const [at, path] of hooks.entries()) writeFileSync(path, texts[at] ?? '')
  // By the path that the hooks remember.
  const commit = work.commit('Again')
  expect(await work.observed()).toContain(commit)
})

it('a home folder that nobody can write, and one that is not there', async () => {
  for (const home of ['/proc', join(work.folder, 'no-such-home'), '']) {
    work.setEnvironment({ HOME: home, GIT_CONFIG_GLOBAL: '/dev/null' })
    const commit = work.commit(`At home in '${home}'`)
    expect(await work.observed()).toContain(commit)
  }
})

it('a full disk: nothing is stopped, and what is lost is known to be lost', async () => {
  // ulimit bounds what one process may write, as a quota does; the signal that comes with it is ignored.
  const full = join(work.folder, 'bin', 'full')
  writeFileSync(full, `#!/bin/sh\ntrap '' XFSZ\nulimit -f 0\nexec ${LAUNCHER} "$@"\n`)
  chmodSync(full, 0o755)
  const payload = JSON.stringify({
    session_id: 's9',
    cwd: work.root,
    hook_event_name: 'PreToolUse',
    tool_name: 'Bash',
  })
  const before = await readRecords(state())
  expect(work.run(full, ['hook', 'claude-code'], { input: payload })).toEqual({ status: 0, stdout: '', stderr: '' })
  for (const words of [
    ['git', 'post-commit'],
    ['git', 'commit-msg', join(work.root, '.git', 'COMMIT_EDITMSG')],
    ['git', 'post-rewrite', 'amend'],
  ]) {
    expect(work.run(full, ['hook', ...words]), words.join(' ')).toEqual({ status: 0, stdout: '', stderr: '' })
  }
  // Whatever was left half-written is no record that claims to be whole.
  const after = await readRecords(state())
  expect(after.records.filter(({ snapshot }) => snapshot?.kind === 'tree')).toEqual(
    before.records.filter(({ snapshot }) => snapshot?.kind === 'tree'),
  )
  const commit = work.commit('With room again')
  expect(await work.observed()).toContain(commit)
})

it('a state folder that cannot be written: commits go on without it', () => {
  rmSync(state(), { recursive: true })
  // A file where the folder should be is what no user can write into, root included.
  writeFileSync(state(), '')
  goOn('No place for our state')
  work.edit('s1', 'app.ts', 'still edited\n')
  rmSync(state())
})

it('a hook that is killed: half a record is none, and the next one works', async () => {
  mkdirSync(join(state(), 'spool'), { recursive: true })
  mkdirSync(join(state(), 'observations'), { recursive: true })
  const commit = work.head()
  writeFileSync(
    join(state(), 'observations', '1790000000000000000-1'),
    `stemma-observation/1\nat 1790000000000000000\ncommit ${commit}\norig`,
  )
  writeFileSync(join(state(), 'spool', '1790000000000000000-1.partial'), 'stemma-spool/1\nat 179')
  writeFileSync(join(state(), 'index.lock'), '')
  expect(await work.observed()).toEqual([])
  const next = work.commit('After a killed hook')
  expect(await work.observed()).toEqual([next])
  expect((await readRecords(state())).records).toEqual([])
  rmSync(join(state(), 'spool', '1790000000000000000-1.partial'))
})

it('commits that no hook saw are counted, those that one saw are not', async () => {
  const before = Date.now() - 60_000
  writeFileSync(
    join(state(), 'observations', `${before}000000-1`),
    `stemma-observation/1\nat ${before}000000\ncommit ${work.head()}\norigin commit\nroot ${work.root}\nstemma-end\n`,
  )
  work.git('-c', 'core.hooksPath=/dev/null', 'commit', '-q', '--allow-empty', '-m', 'Unseen')
  const unseen = work.head()
  const seen = work.commit('Seen')
  const repository = await work.repository()
  const watch = await watchOfCommits({ repository, roots: [work.root], configuration: null }, Date.now())
  expect(watch?.unobserved).toContain(unseen)
  expect(watch?.unobserved).not.toContain(seen)
  expect(watch?.made).toBeGreaterThan(watch?.unobserved.length ?? 0)
})

it('a clock that jumps back and forth: every record is kept, each under a name of its own', async () => {
  const { records: before } = await readRecords(state())
  for (const now of ['2031-01-01T00:00:00', '2001-01-01T00:00:00', '2031-01-01T00:00:01', '1970-01-02T00:00:00']) {
    const seconds = Date.parse(`${now}Z`) / 1000
    const date = join(work.folder, 'bin', 'date')
    writeFileSync(date, `#!/bin/sh\necho ${seconds}000000000\n`)
    chmodSync(date, 0o755)
    for (const tool of ['dash', 'sh']) {
      if (work.sh(`command -v ${tool}`).status !== 0) continue
      const payload = JSON.stringify({
        session_id: 's1',
        cwd: work.root,
        hook_event_name: 'Stop',
        at: `${now} ${tool}`,
      })
      work.run(tool, [LAUNCHER, 'hook', 'claude-code'], { input: payload })
    }
    rmSync(date)
  }
  const { records, malformed } = await readRecords(state())
  const told = records.filter(({ name }) => !before.some((old) => old.name === name))
  expect(told.length).toBeGreaterThanOrEqual(4)
  expect(new Set(told.map(({ payload }) => JSON.stringify(payload))).size).toBe(told.length)
  expect(malformed).toBe(0)
})
