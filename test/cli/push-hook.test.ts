import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { basket, freshForEachTest, machine, outgoing, server, session, setUp } from './enrolled.ts'

freshForEachTest()

const commitsIn = (predicate: object): readonly string[] =>
  'attribution' in predicate && Array.isArray(predicate.attribution)
    ? predicate.attribution.map(({ commit }) => commit)
    : []

describe('stemma push --hook', () => {
  const zero = '0'.repeat(40)
  const refs = (commit: string) => `refs/heads/main ${commit} refs/heads/main ${zero}\n`
  const hook = (commit: string, words: readonly string[] = []) =>
    machine.stemma(['push', '--hook', '--remote', 'origin', ...words], { input: refs(commit) })

  it('sends what the pushed refs bring, whatever is checked out', async () => {
    await setUp()
    session('s1')
    machine.git('checkout', '-q', '-b', 'feature')
    const commit = machine.commit({ 'basket.ts': basket }, 'Add a basket')
    machine.git('checkout', '-q', 'main')
    const ran = await hook(commit)
    expect(ran.code, ran.stderr).toBe(0)
    expect(server.evidence.map(({ statement }) => statement.predicate.attribution.map((one) => one.commit))).toEqual([
      [commit],
    ])
  })

  it('never stops the push of the code: neither a dead server, nor a slow one, nor a broken file', async () => {
    await setUp()
    session('s1')
    const commit = machine.commit({ 'basket.ts': basket }, 'Add a basket')
    server.hang = true
    const slow = await hook(commit, ['--time-limit', '1'])
    expect(slow.code).toBe(0)
    expect(outgoing()).toHaveLength(1)
    await server.stop()
    expect((await hook(commit)).code).toBe(0)
    machine.write('.stemma.yml', 'apiVersion: [')
    const broken = await hook(commit)
    expect(broken.code).toBe(0)
    expect(broken.stderr).toContain('.stemma.yml:1')
  })

  it('stops it where the project asks for evidence in words', async () => {
    await setUp()
    session('s1')
    const commit = machine.commit({ 'basket.ts': basket }, 'Add a basket')
    await server.stop()
    expect((await hook(commit, ['--strict', 'evidence'])).code).toBe(3)
    await server.start()
    expect((await hook(commit, ['--strict', 'evidence'])).code).toBe(0)
  })

  const circumstances: readonly (readonly [string, () => Promise<void>, (ran: { code: number }) => void])[] = [
    [
      'a home folder that cannot be written: what is read there suffices',
      async () => {
        // Files where folders should be are what no user can write into, root included.
        for (const path of ['.cache', '.config/stemma/checkpoints']) {
          rmSync(join(machine.home, path), { recursive: true, force: true })
          writeFileSync(join(machine.home, path), '')
        }
      },
      () => expect(server.evidence).toHaveLength(1),
    ],
    ['no network: the evidence waits', () => server.stop(), () => expect(outgoing()).toHaveLength(1)],
  ]
  it.each(circumstances)('with %s', async (_, arrange, check) => {
    await setUp()
    session('s1')
    const commit = machine.commit({ 'basket.ts': basket }, 'Add a basket')
    await arrange()
    const ran = await hook(commit)
    expect(ran.code, ran.stderr).toBe(0)
    check(ran)
  })

  it('says nothing where there is nothing to say', async () => {
    await setUp()
    const commit = machine.commit({ 'notes.md': 'by hand\n' }, 'Write notes')
    expect(await hook(commit)).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  it('takes in what reached a remote without any hook, as from the shell of Gemini CLI, once and only once', async () => {
    await setUp()
    session('s1')
    machine.write('basket.ts', basket)
    machine.git('add', '-A')
    machine.git('-c', 'core.hooksPath=', 'commit', '-q', '-m', 'Add a basket')
    machine.git('-c', 'core.hooksPath=', 'push', '-q', 'origin', 'main')
    const missed = machine.git('rev-parse', 'HEAD')
    expect(server.evidence).toEqual([])
    const later = machine.commit({ 'notes.md': 'by hand\n' }, 'Write notes')
    expect((await hook(later)).code).toBe(0)
    const told = () =>
      server.evidence.map(({ statement }) => statement.predicate).flatMap((predicate) => commitsIn(predicate))
    expect(told()).toEqual([missed])
    machine.git('push', '-q', '--no-verify', 'origin', 'main')
    const last = machine.commit({ 'more.md': 'by hand\n' }, 'Write more')
    expect(await hook(last)).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(told()).toEqual([missed])
  })

  it('looks again at what it missed, for an agent that writes its transcript afterwards', async () => {
    await setUp()
    machine.write('basket.ts', basket)
    machine.git('add', '-A')
    machine.git('-c', 'core.hooksPath=', 'commit', '-q', '-m', 'Add a basket')
    machine.git('-c', 'core.hooksPath=', 'push', '-q', 'origin', 'main')
    const missed = machine.git('rev-parse', 'HEAD')
    const lookedAt = () => readFileSync(join(machine.state, 'looked-at'), 'utf8')
    const next = async (file: string) => {
      const commit = machine.commit({ [file]: 'by hand\n' }, `Write ${file}`)
      expect((await hook(commit)).code).toBe(0)
      machine.git('push', '-q', '--no-verify', 'origin', 'main')
    }
    await next('one.md')
    expect(lookedAt()).toMatch(new RegExp(`^${missed} \\d+ \\d+$`, 'm'))
    const before = lookedAt()
    // Nothing was written since: no transcript, no other look.
    await next('two.md')
    expect(lookedAt()).toContain(before.split('\n').find((line) => line.startsWith(missed)))
    expect(server.evidence).toEqual([])
    session('s1')
    await next('three.md')
    expect(server.evidence.flatMap(({ statement }) => commitsIn(statement.predicate))).toContain(missed)
    expect(lookedAt()).toMatch(new RegExp(`^${missed}$`, 'm'))
  })

  it('finishes later what a crash left between the push and the spool', async () => {
    await setUp()
    session('s1')
    const commit = machine.commit({ 'basket.ts': basket }, 'Add a basket')
    await server.stop()
    await hook(commit)
    // As if the machine had gone off before the evidence was described.
    rmSync(join(machine.state, 'outgoing'), { recursive: true })
    mkdirSync(join(machine.state, 'pushes'), { recursive: true })
    const pending = { at: new Date().toISOString(), commits: ['f'.repeat(40), commit], remoteUrl: 'origin' }
    writeFileSync(join(machine.state, 'pushes', 'left.json'), JSON.stringify(pending))
    machine.git('push', '-q', '--no-verify', 'origin', 'main')
    await server.start()
    expect((await machine.stemma(['push', '--retry'])).code).toBe(0)
    expect(server.evidence).toHaveLength(1)
    expect(readdirSync(join(machine.state, 'pushes'))).toEqual([])
  })
})
