import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { gitHookStatus, hookNames, installGitHooks, uninstallGitHooks } from '#cli/git-hooks.ts'
import { readObservations } from '#cli/io/observations.ts'
import { freshForEachTest, work } from './fresh-repository.ts'

freshForEachTest()

const hookPath = (name: string): string => join(work.root, '.git', 'hooks', name)

function writeHook(path: string, text: string, mode = 0o755): void {
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, text)
  chmodSync(path, mode)
}

const install = async () => installGitHooks(await work.repository())
const uninstall = async () => uninstallGitHooks(await work.repository())
const status = async () =>
  (await gitHookStatus(await work.repository())).map(
    ({ name, state, chains }) => `${name} ${state}${chains ? ' chains' : ''}`,
  )
const message = (): string => work.git('log', '-1', '--format=%B').trim()

describe('.git/hooks', () => {
  it('installs four scripts, tells their state, and leaves nothing behind', async () => {
    rmSync(join(work.root, '.git', 'hooks'), { recursive: true, force: true })
    expect(await status()).toEqual(hookNames.map((name) => `${name} missing`))
    await install()
    expect(await status()).toEqual(hookNames.map((name) => `${name} installed`))
    const commit = work.commit('Observed')
    expect(await work.observed()).toEqual([commit])
    writeFileSync(hookPath('commit-msg'), `${readFileSync(hookPath('commit-msg'), 'utf8')}# older\n`)
    expect((await status())[0]).toBe('commit-msg outdated')
    await install()
    expect(await status()).toEqual(hookNames.map((name) => `${name} installed`))
    await uninstall()
    expect(existsSync(join(work.root, '.git', 'hooks'))).toBe(false)
  })

  it('runs the hook that was there first, with its arguments and input, and lets it refuse', async () => {
    const log = join(work.folder, 'log')
    writeHook(hookPath('commit-msg'), `#!/bin/sh\nprintf '%s' "$1" >>'${log}'\ngrep -q refuse "$1" && exit 7\nexit 0\n`)
    writeHook(hookPath('post-rewrite'), `#!/bin/sh\nprintf '[%s]' "$1" >>'${log}'\ncat >>'${log}'\n`)
    await install()
    await install() // again changes nothing
    expect(await status()).toEqual([
      'commit-msg installed chains',
      'post-commit installed',
      'post-rewrite installed chains',
      'pre-push installed',
    ])
    const before = work.commit('Fine')
    work.git('commit', '-q', '--amend', '--no-edit', '--allow-empty', '--date=now')
    const after = work.head()
    expect(readFileSync(log, 'utf8')).toBe(`.git/COMMIT_EDITMSG.git/COMMIT_EDITMSG[amend]${before} ${after}\n`)
    expect((await readObservations(join(work.root, '.git', 'stemma'))).rewrites.flatMap(({ pairs }) => pairs)).toEqual([
      { from: before, to: after },
    ])
    expect(work.run('git', ['commit', '--allow-empty', '-m', 'refuse this']).status).not.toBe(0)
  })

  it('gives the earlier hooks back byte for byte, with their mode, also links and files that were off', async () => {
    writeHook(hookPath('commit-msg'), '#!/bin/sh\n# odd \u00fc\r\nexit 0', 0o754)
    writeHook(hookPath('post-commit'), '#!/usr/bin/env python3\nprint()\n', 0o644)
    symlinkSync('/nowhere/at-all', hookPath('pre-push'))
    const read = () => [
      readFileSync(hookPath('commit-msg')),
      statSync(hookPath('commit-msg')).mode,
      readFileSync(hookPath('post-commit')),
      statSync(hookPath('post-commit')).mode,
    ]
    const before = read()
    await install()
    work.commit('With a hook that is off and one that leads nowhere')
    await uninstall()
    expect(read()).toEqual(before)
    expect(lstatSync(hookPath('pre-push')).isSymbolicLink()).toBe(true)
    expect(work.sh('ls .git/hooks | grep stemma').stdout).toBe('')
  })

  it('leaves a hook alone that somebody put there afterwards', async () => {
    await install()
    writeHook(hookPath('post-commit'), '#!/bin/sh\n# lefthook\n')
    await uninstall()
    expect(readFileSync(hookPath('post-commit'), 'utf8')).toBe('#!/bin/sh\n# lefthook\n')
  })

  it('never stops git without the program', async () => {
    await install()
    for (const name of hookNames) {
      const text = readFileSync(hookPath(name), 'utf8')
      writeFileSync(hookPath(name), text.replaceAll(/^\[ -n "\$stemma" \].*$/gm, ''))
    }
    work.sh(`rm '${join(work.folder, 'bin', 'stemma')}'`)
    work.commit('Still works')
    work.git('commit', '-q', '--amend', '--allow-empty', '-m', 'Amended')
    const bare = join(work.folder, 'bare.git')
    work.git('init', '-q', '--bare', bare)
    work.git('push', '-q', bare, 'main')
    expect(await work.observed()).toEqual([])
  })

  it('finds the program without the PATH of a terminal', async () => {
    await install()
    work.sh(`rm '${join(work.folder, 'bin', 'stemma')}'`)
    expect(await work.observed()).toEqual([])
    const commit = work.commit('From a window')
    expect(await work.observed()).toEqual([commit])
  })

  it('serves linked work trees', async () => {
    const linked = join(work.folder, 'linked')
    work.git('worktree', 'add', '-q', '-b', 'linked', linked)
    await install()
    const commit = work.commit('There', linked)
    const { commits } = await readObservations(join(work.root, '.git', 'stemma'))
    expect(commits).toMatchObject([{ commit, root: linked }])
  })
})

describe('core.hooksPath', () => {
  it('in the work tree: a block in the script of the team, and nothing else', async () => {
    const script = '#!/bin/bash\nset -e\necho team >>team.log\nexit 0\n'
    writeHook(join(work.root, '.githooks', 'post-commit'), script)
    writeHook(join(work.root, '.githooks', 'pre-push'), '#!/bin/sh\ncat >pushed.log\n')
    work.git('config', 'core.hooksPath', '.githooks')
    work.commit('Team hooks')
    await install()
    await install()
    expect((await status()).every((line) => line.includes('installed'))).toBe(true)
    const text = work.read('.githooks/post-commit')
    expect(text.startsWith('#!/bin/bash\n# >>> stemma >>>\n')).toBe(true)
    expect(text.match(/>>> stemma >>>/g)).toHaveLength(1)
    const commit = work.commit('Observed')
    expect(await work.observed()).toEqual([commit])
    expect(work.read('team.log')).toBe('team\nteam\n')
    const bare = join(work.folder, 'bare.git')
    work.git('init', '-q', '--bare', bare)
    work.git('push', '-q', bare, 'main')
    expect(work.read('pushed.log')).toMatch(new RegExp(`^refs/heads/main ${commit} refs/heads/main 0+\n$`))
    await uninstall()
    expect(work.read('.githooks/post-commit')).toBe(script)
    expect(existsSync(join(work.root, '.githooks', 'commit-msg'))).toBe(false)
  })

  it('in the work tree: a script of another language keeps its place behind ours', async () => {
    const script = '#!/usr/bin/env python3\nopen("python.log", "a").write("ran")\n'
    writeHook(join(work.root, '.githooks', 'post-commit'), script)
    work.git('config', 'core.hooksPath', '.githooks')
    await install()
    expect(work.read('.githooks/post-commit')).not.toContain(work.folder)
    const commit = work.commit('Observed')
    expect(await work.observed()).toEqual([commit])
    expect(work.read('python.log')).toBe('ran')
    await uninstall()
    expect(work.read('.githooks/post-commit')).toBe(script)
  })

  it('husky: its own scripts, not the generated ones', async () => {
    writeHook(
      join(work.root, '.husky', '_', 'h'),
      '#!/usr/bin/env sh\nn=$(basename "$0")\ns=$(dirname "$(dirname "$0")")/$n\n[ ! -f "$s" ] && exit 0\nsh -e "$s" "$@"\n',
    )
    for (const name of hookNames)
      writeHook(join(work.root, '.husky', '_', name), '#!/usr/bin/env sh\n. "$(dirname "$0")/h"\n')
    const generated = work.read('.husky/_/post-commit')
    work.write('.husky/commit-msg', 'echo checked >>husky.log\n')
    work.git('config', 'core.hooksPath', '.husky/_')
    await install()
    expect(work.read('.husky/_/post-commit')).toBe(generated)
    const commit = work.commit('Observed')
    expect(await work.observed()).toEqual([commit])
    expect(work.read('husky.log')).toBe('checked\n')
    await uninstall()
    expect(work.read('.husky/commit-msg')).toBe('echo checked >>husky.log\n')
    expect(existsSync(join(work.root, '.husky', 'post-commit'))).toBe(false)
  })

  it('of the person, for all repositories: stays untouched and keeps running', async () => {
    const global = join(work.folder, "person's hooks")
    writeHook(join(global, 'pre-commit'), '#!/bin/sh\necho checked >>../person.log\n')
    writeHook(join(global, 'post-commit'), '#!/bin/sh\necho committed >>../person.log\n')
    work.git('config', '--global', 'core.hooksPath', global)
    const configuration = work.read('.git/config')
    await withGlobal(install)
    const commit = work.commit('Observed')
    expect(await work.observed()).toEqual([commit])
    expect(readFileSync(join(work.folder, 'person.log'), 'utf8')).toBe('checked\ncommitted\n')
    expect(work.sh(`ls "${global}"`).stdout).toBe('post-commit\npre-commit\n')
    expect(await withGlobal(status)).toEqual([
      'commit-msg installed',
      'post-commit installed chains',
      'post-rewrite installed',
      'pre-push installed',
    ])
    await withGlobal(uninstall)
    expect(work.read('.git/config')).toBe(configuration)
    expect(existsSync(join(work.root, '.git', 'stemma', 'hooks'))).toBe(false)
  })

  /** Our own calls of git see the person's configuration through the environment of this process. */
  async function withGlobal<Result>(call: () => Promise<Result>): Promise<Result> {
    const home = process.env['HOME']
    process.env['HOME'] = join(work.folder, 'home')
    try {
      return await call()
    } finally {
      process.env['HOME'] = home
    }
  }
})

describe('the trailer', () => {
  beforeEach(install)
  const trailers = (): readonly string[] =>
    work
      .git('log', '-1', '--format=%(trailers:key=Stemma-Session,valueonly)')
      .split('\n')
      .filter((line) => line !== '')

  it('names the sessions that changed what is staged, and no other', async () => {
    work.edit('s1', 'one.ts', 'one\n')
    work.edit('s2', 'two.ts', 'two\n')
    work.shell('s3', 'echo three >three.ts')
    work.shell('s4', 'ls >/dev/null')
    work.git('add', 'one.ts', 'three.ts')
    work.git('commit', '-qm', 'Some')
    expect(trailers()).toEqual(['claude-code:s1', 'claude-code:s3'])
    work.git('add', '-A')
    work.git('commit', '-qm', 'Rest')
    expect(trailers()).toEqual(['claude-code:s2'])
    work.write('one.ts', 'one, later and by hand\n')
    work.commit('Later')
    expect(trailers()).toEqual([])
  })

  it('takes `git commit -a`, `git commit <path>` and odd names', async () => {
    work.edit('s1', 'app.ts', 'changed\n')
    work.git('commit', '-qam', 'All')
    expect(trailers()).toEqual(['claude-code:s1'])
    work.edit('s2', 'größe "1".ts', 'x\n')
    work.edit('s3', 'app.ts', 'changed again\n')
    work.git('add', '-A')
    work.git('commit', '-qm', 'One', 'app.ts')
    expect(trailers()).toEqual(['claude-code:s3'])
    work.commit('Odd')
    expect(trailers()).toEqual(['claude-code:s2'])
  })

  it('stays one through amends, and survives a new message', async () => {
    work.edit('s1', 'one.ts', 'one\n')
    work.setEnvironment({ GIT_AUTHOR_DATE: '2026-03-01T12:00:00Z' })
    work.commit('First')
    work.setEnvironment({})
    work.edit('s1', 'one.ts', 'one\ntwo\n')
    work.git('add', '-A')
    work.git('commit', '-q', '--amend', '--no-edit')
    expect(trailers()).toEqual(['claude-code:s1'])
    work.git('commit', '-q', '--amend', '-m', 'Another message')
    expect([message().split('\n')[0], trailers()]).toEqual(['Another message', ['claude-code:s1']])
    work.git('commit', '-q', '--allow-empty', '-m', 'Mention --amend here')
    expect(trailers()).toEqual([])
  })

  it('does not make a commit out of a message that was left empty', async () => {
    work.edit('s1', 'one.ts', 'one\n')
    work.git('add', '-A')
    expect(work.run('git', ['commit', '-q']).status).not.toBe(0)
    work.git('config', 'core.commentChar', ';')
    expect(work.run('git', ['commit', '-q', '-v']).status).not.toBe(0)
    work.write('../template', 'Why:\n')
    work.git('config', 'commit.template', join(work.folder, 'template'))
    work.setEnvironment({ GIT_EDITOR: 'true' })
    expect(work.run('git', ['commit', '-q']).status).not.toBe(0)
    work.setEnvironment({ GIT_EDITOR: `sh -c 'echo "Because of the template" >>"$1"' -` })
    work.git('commit', '-q')
    expect(trailers()).toEqual(['claude-code:s1'])
  })

  it('keeps a message with a rule and a body as it is', async () => {
    work.edit('s1', 'one.ts', 'one\n')
    work.git('add', '-A')
    const text = 'Subject\n\nBody\n\n---\n\nafter the rule'
    work.git('commit', '-qm', text)
    expect(message()).toBe(`${text}\n\nStemma-Session: claude-code:s1`)
  })

  it('is not added to merges and picked commits', async () => {
    work.git('checkout', '-q', '-b', 'topic')
    work.write('topic.ts', 'topic\n')
    work.commit('Topic')
    work.git('checkout', '-q', 'main')
    work.write('main.ts', 'main\n')
    work.commit('Main')
    work.edit('s1', 'topic.ts', 'by the agent\n')
    work.sh('rm topic.ts')
    work.git('merge', '-q', '--no-edit', 'topic')
    expect(trailers()).toEqual([])
  })
})
