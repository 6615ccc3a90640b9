import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ReplayPage } from '#core/api/replay.ts'
import { policies } from '#core/policy/registry.ts'
import { basket, freshForEachTest, machine, server, session, setUp, usage } from './enrolled.ts'
import { ADMINISTRATOR } from './server.ts'
import { writeTranscript } from './transcript.ts'

freshForEachTest()

const contract = (entry: string, name = 'everything') =>
  `apiVersion: stemma.dev/v1\nkind: Contract\nmetadata:\n  name: ${name}\nspec:\n  policies:\n    - ${entry}\n`

function bypass(): void {
  writeTranscript(machine.home, machine.root, {
    id: 's1',
    prompt: 'Commit it',
    startedAt: new Date(Date.now() - 60_000).toISOString(),
    turns: [
      { messageId: 'm1', write: { path: 'basket.ts', content: basket }, usage },
      { messageId: 'm2', run: { command: 'git commit --no-verify -m basket', output: '' }, usage },
    ],
  })
  machine.commit({ 'basket.ts': basket }, 'Add a basket')
}

describe('stemma apply', () => {
  it('says what would change without a token, and changes nothing', async () => {
    await setUp()
    mkdirSync(join(machine.root, 'contracts/.old'), { recursive: true })
    machine.write('contracts/a.yaml', contract('{policy: no-hook-bypass, gate: true}'))
    machine.write('contracts/.old/b.yaml', 'broken: [')
    const ran = await machine.stemma(['apply', '-f', 'contracts', '--dry-run'])
    expect(ran.code, ran.stderr).toBe(0)
    expect(ran.stdout).toContain('+ Contract everything: policy no-hook-bypass (gate true)')
    expect(ran.stdout).toContain('- Contract default: policy approved-models')
    expect(ran.stderr).toContain('version 1 stays in force')
    expect(server.sources).toBeNull()
  })

  it('applies with an administrator’s token only, and then finds nothing to change', async () => {
    await setUp()
    machine.write('a.yaml', contract('{policy: no-hook-bypass, gate: true}'))
    const refused = await machine.stemma(['apply', '-f', 'a.yaml'])
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain('STEMMA_TOKEN')
    const environment = { STEMMA_TOKEN: ADMINISTRATOR }
    const ran = await machine.stemma(['apply', '-f', 'a.yaml'], { environment })
    expect(ran.code, ran.stderr).toBe(0)
    expect(server.sources).toEqual([{ file: 'a.yaml', text: expect.stringContaining('kind: Contract') }])
    const again = await machine.json(['apply', '-f', 'a.yaml', '--dry-run'])
    expect(again).toEqual({ version: 2, dryRun: true, changes: [] })
  })

  it('names the lines of every mistake and asks no server', async () => {
    await setUp()
    const before = server.requests.length
    machine.write('a.yaml', contract('{policy: no-hook-bypas}'))
    const ran = await machine.stemma(['apply', '-f', 'a.yaml'], { environment: { STEMMA_TOKEN: ADMINISTRATOR } })
    expect(ran.code).toBe(2)
    expect(ran.stderr).toContain('a.yaml:7:8: There is no policy "no-hook-bypas". (Did you mean `no-hook-bypass`?)')
    const json = await machine.stemma(['apply', '-f', 'a.yaml', '--json'])
    expect(JSON.parse(json.stdout).problems).toMatchObject([{ file: 'a.yaml', line: 7, column: 8 }])
    expect((await machine.stemma(['apply', '-f', 'missing'])).code).toBe(2)
    expect((await machine.stemma(['apply'])).code).toBe(2)
    expect(server.requests.length).toBe(before)
  })
})

describe('stemma check', () => {
  it('fails where a gated policy fails, by the contract in force, and sends nothing', async () => {
    await setUp()
    bypass()
    const ran = await machine.stemma(['check'])
    expect(ran.code, ran.stderr).toBe(1)
    expect(ran.stdout).toContain('no-hook-bypass')
    expect(ran.stdout).toContain('checked on this machine')
    expect(server.evidence).toEqual([])
    expect(server.requests).toContain('GET /v1/contract?repository=acme%2Fshop')
  })

  it('goes by the documents that are named, for this repository', async () => {
    await setUp()
    bypass()
    machine.write('mild.yaml', contract('{policy: no-hook-bypass, gate: false}'))
    const mild = await machine.stemma(['check', '-f', 'mild.yaml'])
    expect(mild.code, mild.stderr).toBe(0)
    expect(mild.stdout).toContain('no-hook-bypass')
    const strict = `${contract('{policy: no-hook-bypass, gate: true}', 'shop')}  attach:\n    repositories: [acme/sh*]\n`
    writeFileSync(join(machine.root, 'both.yaml'), `${contract('{policy: no-hook-bypass}')}---\n${strict}`)
    const both = await machine.stemma(['check', '-f', 'both.yaml', '--json'])
    expect(both.code).toBe(1)
    expect(JSON.parse(both.stdout)).toMatchObject({ contract: { name: 'shop + everything' }, commits: 1 })
  })

  it('passes clean sessions, and says so where nothing is to check', async () => {
    await setUp()
    expect((await machine.stemma(['check'])).stderr).toContain('nothing to check')
    session('s1')
    machine.commit({ 'basket.ts': basket }, 'Add a basket')
    const ran = await machine.stemma(['check'])
    expect(ran.code, ran.stdout).toBe(0)
  })
})

describe('stemma policy', () => {
  it('lists and explains from the registry', async () => {
    const listed = await machine.json(['policy', 'list'])
    expect(listed['policies']).toHaveLength(policies.length)
    const explained = await machine.stemma(['policy', 'explain', 'approved-models'])
    expect(explained.code).toBe(0)
    for (const part of ['Why', 'What to do', 'allow (array', 'Violates', 'Passes'])
      expect(explained.stdout).toContain(part)
    const unknown = await machine.stemma(['policy', 'explain', 'aproved-models'])
    expect(unknown.code).toBe(2)
    expect(unknown.stderr).toContain('stemma policy explain approved-models')
    expect((await machine.stemma(['policy', 'explain'])).code).toBe(2)
    expect((await machine.stemma(['policy', 'burn'])).code).toBe(2)
  })

  it('runs fixtures, and fails where one is judged otherwise', async () => {
    const fixture = (expected: string) =>
      `- title: skips hooks\n  policy: no-hook-bypass\n  commands: [git commit --no-verify -m x]\n  expect: ${expected}\n`
    machine.write('good.yaml', fixture('fail'))
    machine.write('bad.yaml', fixture('fail') + fixture('pass'))
    machine.write('broken.yaml', `${fixture('fail')}  extra: 1\n`)
    expect((await machine.stemma(['policy', 'test', 'good.yaml'])).code).toBe(0)
    const bad = await machine.stemma(['policy', 'test', 'bad.yaml'])
    expect(bad.code).toBe(1)
    expect(bad.stdout).toContain('expected pass, and it is fail')
    expect((await machine.stemma(['policy', 'test', 'broken.yaml'])).code).toBe(2)
    expect((await machine.stemma(['policy', 'test', 'none.yaml'])).code).toBe(2)
  })

  it('replays over what the server has, page after page, and counts what would fail', async () => {
    await setUp()
    const page = (session: string, result: 'fail' | 'pass', next: string | null): ReplayPage => {
      const reason = result === 'fail' ? 'left the hooks out\u001b[2J' : null
      const verdict = { policy: 'no-hook-bypass', version: 1, result, gate: false, findings: [], doubts: [], reason }
      const place = { repository: 'acme/shop', evidenceId: 'e', receivedAt: '2026-11-22T12:00:00.000Z' }
      return { policy: 'no-hook-bypass', version: 1, from: '2026-11-15', items: [{ session, ...place, verdict }], next }
    }
    server.replayed = [page('claude-code:one', 'fail', 'more'), page('claude-code:two', 'pass', null)]
    const words = ['policy', 'replay', 'no-hook-bypass', '--days', '7', '--with', '{"exempt":[]}']
    const ran = await machine.stemma(words)
    expect(ran.code, ran.stderr).toBe(0)
    expect(ran.stdout).toContain('claude-code:one  left the hooks out')
    expect(ran.stdout).not.toContain('\u001b')
    expect(ran.stdout).not.toContain('claude-code:two')
    expect(ran.stderr).toContain('2 sessions of the last 7 days: 1 would fail, 0 cannot be told, 0 do not apply')
    const asked = 'GET /v1/replay?policy=no-hook-bypass&days=7&with=%7B%22exempt%22%3A%5B%5D%7D'
    expect(server.requests.filter((line) => line.startsWith('GET /v1/replay'))).toEqual([asked, `${asked}&cursor=more`])
    server.replayed = [page('claude-code:one', 'fail', null)]
    expect(await machine.json(words)).toMatchObject({ sessions: 1, isComplete: true, counts: { fail: 1, pass: 0 } })
    expect((await machine.stemma(['policy', 'replay', 'made-up'])).code).toBe(2)
  })
})
