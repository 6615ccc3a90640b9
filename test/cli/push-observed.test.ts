import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { OBSERVED_COMMITS_PREDICATE } from '#core/evidence/statement.ts'
import { basket, freshForEachTest, machine, receipts, server, session, setUp } from './enrolled.ts'

freshForEachTest()

/** As git calls it, where `stemma` is on PATH. */
function commitSeen(files: Readonly<Record<string, string>>, message: string): string {
  const commit = machine.commit(files, message)
  execFileSync(join(import.meta.dirname, '../../cli/stemma'), ['hook', 'git', 'post-commit'], {
    cwd: machine.root,
    env: { PATH: process.env['PATH'] ?? '', HOME: machine.home },
  })
  return commit
}

describe('commits made by hand', () => {
  it('are sent as observed, with lines that are a person’s and no session', async () => {
    await setUp()
    commitSeen({ 'first.md': 'one\n' }, 'Begin')
    const commit = commitSeen({ 'notes.md': 'by hand\n' }, 'Write notes')
    const pushed = await machine.stemma(['push'])
    expect(pushed.code, pushed.stderr).toBe(0)
    expect(pushed.stdout).toContain('by hand, observed')
    const [received] = server.evidence
    expect(received?.statement.predicateType).toBe(OBSERVED_COMMITS_PREDICATE)
    expect(received?.statement.predicate.attribution).toContainEqual(
      expect.objectContaining({ commit, sessions: [], added: { ai: 0, human: 1, mixed: 0, unknown: 0 } }),
    )
    expect(received?.statement.subject).toContainEqual({ name: 'acme/shop', digest: { gitCommit: commit } })
    const verified = await machine.stemma(['verify', commit])
    expect(verified.code, verified.stdout).toBe(0)
  })

  it('are not said to be a person’s where nobody watched', async () => {
    await setUp()
    machine.commit({ 'notes.md': 'by somebody\n' }, 'Write notes')
    await machine.stemma(['push'])
    expect(server.evidence).toEqual([])
  })

  it('go beside the sessions of the same push, and are not sent twice', async () => {
    await setUp()
    commitSeen({ 'first.md': 'one\n' }, 'Begin')
    session('s1')
    commitSeen({ 'basket.ts': basket }, 'Add a basket')
    commitSeen({ 'notes.md': 'by hand\n' }, 'Write notes')
    await machine.stemma(['push'])
    expect(server.evidence.map(({ statement }) => statement.predicateType).sort()).toHaveLength(2)
    await machine.stemma(['push'])
    expect(receipts()).toHaveLength(2)
  })

  it('keep secrets out of subjects and paths as well', async () => {
    await setUp()
    const token = `ghp_${'a1B2c3D4'.repeat(5).slice(0, 36)}`
    commitSeen({ 'first.md': 'one\n' }, 'Begin')
    commitSeen({ [`${token}.md`]: 'by hand\n' }, `Remove ${token}`)
    await machine.stemma(['push'])
    expect(server.evidence).toHaveLength(1)
    expect(server.bodies.join('\n')).not.toContain(token)
  })
})
