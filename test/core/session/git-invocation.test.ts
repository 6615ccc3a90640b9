import { describe, expect, it } from 'vitest'
import { gitInvocation } from '#core/session/git-invocation.ts'
import { analyseShell } from '#core/session/shell.ts'

function read(text: string) {
  const command = analyseShell(text).commands.at(-1)
  return command ? gitInvocation(command) : null
}

describe('gitInvocation', () => {
  it.each([
    ['git commit -nm "x"', 'commit', { n: true, m: 'x' }],
    ['git commit -anm x', 'commit', { a: true, n: true, m: 'x' }],
    ['git commit -mn', 'commit', { m: 'n' }],
    ['git commit -m -n', 'commit', { m: '-n' }],
    ['git commit -am n', 'commit', { a: true, m: 'n' }],
    ['git commit -Skey -n', 'commit', { S: 'key', n: true }],
    ['git commit -un', 'commit', { u: 'n' }],
    ['git commit --message=x --amend', 'commit', { message: 'x', amend: true }],
    ['git commit --message x', 'commit', { message: 'x' }],
    ['git commit -m "$X"', 'commit', { m: null }],
    ['git push -n', 'push', { n: true }],
    ['git push -o ci.skip -f', 'push', { o: 'ci.skip', f: true }],
    ['git -C sub --no-pager commit -n', 'commit', { n: true }],
    ['git --git-dir x --work-tree=y commit -n', 'commit', { n: true }],
    ['git-commit -n', 'commit', { n: true }],
    ['git commit -- -n', 'commit', {}],
  ] as const)('%s', (text, subcommand, options) => {
    const git = read(text)
    expect(git?.subcommand).toBe(subcommand)
    expect(Object.fromEntries(git?.options ?? [])).toEqual(options)
  })

  it('reads configuration from every place that git reads it from', () => {
    const path = (text: string) => read(text)?.configuration.get('core.hookspath')
    expect(path('git -c core.hooksPath=/dev/null commit')).toBe('/dev/null')
    expect(path('git -c core.hooksPath="$X" commit')).toBeNull()
    expect(path('git --config-env=core.hooksPath=X commit')).toBeNull()
    expect(path('GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=core.hooksPath GIT_CONFIG_VALUE_0=/x git commit')).toBe('/x')
    expect(path(`GIT_CONFIG_PARAMETERS="'core.hooksPath=/y'" git commit`)).toBe('/y')
    expect(path('git commit')).toBeUndefined()
  })

  it('takes aliases that stand in the command for what they mean', () => {
    const git = read('git -c alias.ci="commit --no-verify" ci -m x')
    expect(git?.subcommand).toBe('commit')
    expect(git?.options.has('no-verify')).toBe(true)
    expect(read('git -c alias.x="!rm -rf /" x')?.shellAlias).toBe('rm -rf /')
    expect(read('git -c alias.x="$Y" x')?.subcommand).toBeNull()
    expect(read('git -c alias.a=b -c alias.b=a a')?.subcommand).toBe('a')
  })

  it('follows -C', () => {
    expect(read('cd a && git -C ../b status')?.folder).toBe('b')
    expect(read('git -C "$X" status')?.folder).toBeNull()
  })

  it('is null for every other program', () => {
    expect(read('gitk')).toBeNull()
    expect(read('echo git commit')).toBeNull()
  })
})
