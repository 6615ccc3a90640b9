import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sessionOf, transcriptOf } from '#core/evidence/statement.ts'
import { basket, freshForEachTest, machine, outgoing, receipts, server, session, setUp, usage } from './enrolled.ts'
import { writeTranscript } from './transcript.ts'

freshForEachTest()

describe('stemma push', () => {
  it('sends a session that contributed, keeps a receipt that verifies, and says so', async () => {
    await setUp()
    session('s1')
    const commit = machine.commit({ 'basket.ts': basket }, 'Add a basket')
    const pushed = await machine.stemma(['push'])
    expect(pushed.code, pushed.stderr + pushed.stdout).toBe(0)
    expect(pushed.stdout).toMatch(
      /^✓ 1 session, 1 file, 3 AI lines \(100%\) in 1 commit\n✓ signed by \S+ · receipts #0, #1\n$/,
    )

    expect(server.requests.slice(-2).map((line) => line.replace(/[0-9a-f]{64}/, 'DIGEST'))).toEqual([
      'PUT /v1/blobs/DIGEST',
      'POST /v1/evidence',
    ])
    const [received] = server.evidence
    expect(received?.statement.predicate).toMatchObject({
      repository: 'acme/shop',
      session: { id: 'claude-code:s1', capture: 'swept' },
      attribution: [{ commit, added: { ai: 3, human: 0, mixed: 0, unknown: 0 } }],
      redaction: { rules: 'stemma-redaction/3', withheld: 0 },
    })
    expect(received?.statement.subject).toContainEqual({ name: 'acme/shop', digest: { gitCommit: commit } })
    expect(outgoing()).toEqual([])
    expect(receipts()).toEqual([`${received?.id}.json`])

    for (const name of [received?.id ?? '', commit.slice(0, 10), 'HEAD']) {
      const verified = await machine.stemma(['verify', name])
      expect(verified.code, verified.stdout).toBe(0)
      for (const check of ['payload type', 'signature', 'key', 'subjects', 'inclusion', 'checkpoint']) {
        expect(verified.stdout).toMatch(new RegExp(`✓ passed\\s+${check}`))
      }
    }
  })

  it('sends nothing twice: neither the same session nor one that contributed nothing', async () => {
    await setUp()
    session('s1')
    session('idle', 'never-committed.ts')
    machine.commit({ 'basket.ts': basket }, 'Add a basket')
    await machine.stemma(['push'])
    const again = await machine.json(['push'])
    expect(again).toMatchObject({ unchanged: ['claude-code:s1'], sent: [], waiting: 0 })
    expect(server.evidence).toHaveLength(1)
  })

  it('sends the end of a session that pushed by itself, at the next push of whatever', async () => {
    await setUp()
    const told = {
      id: 's1',
      prompt: 'Add a basket and push it',
      startedAt: new Date(Date.now() - 60_000).toISOString(),
      turns: [{ messageId: 's1-1', write: { path: 'basket.ts', content: basket }, usage }],
    }
    writeTranscript(machine.home, machine.root, told)
    machine.commit({ 'basket.ts': basket }, 'Add a basket')
    await machine.stemma(['push'])
    machine.git('push', '-q', '--no-verify', 'origin', 'main')
    writeTranscript(machine.home, machine.root, {
      ...told,
      turns: [...told.turns, { messageId: 's1-2', say: 'It is pushed.', usage }],
    })
    expect((await machine.stemma(['push'])).code).toBe(0)
    expect(server.evidence).toHaveLength(2)
    const requests = server.evidence.map(({ statement }) => sessionOf(statement)?.models[0]?.requests)
    expect(requests).toEqual([1, 2])
    await machine.stemma(['push'])
    expect(server.evidence).toHaveLength(2)
  })

  it('sends a session again once it went on and was committed again', async () => {
    await setUp()
    session('s1')
    machine.commit({ 'basket.ts': basket }, 'Add a basket')
    await machine.stemma(['push'])
    machine.git('push', '-q', '--no-verify', 'origin', 'main')
    session('s1', 'order.ts', 'export const order = []\n')
    machine.commit({ 'order.ts': 'export const order = []\n' }, 'Add an order')
    expect(await machine.json(['push'])).toMatchObject({ commits: 1, sent: [{ session: 'claude-code:s1', index: 2 }] })
  })

  it('keeps evidence while the server is down, and later delivers the very same bytes', async () => {
    await setUp()
    session('s1')
    machine.commit({ 'basket.ts': basket }, 'Add a basket')
    await server.stop()
    const failed = await machine.stemma(['push'])
    expect(failed.code).toBe(3)
    expect(failed.stdout).toContain('2 pieces of evidence kept')
    expect(failed.stdout).toContain('stemma push --retry')
    const [id = ''] = outgoing()
    const kept = readFileSync(join(machine.state, 'outgoing', id, 'envelope.json'), 'utf8')
    // The configuration goes first, and what follows is not tried where nobody answers.
    expect((await machine.json(['status']))['waiting']).toContainEqual(expect.objectContaining({ id, problem: null }))
    expect((await machine.json(['status']))['waiting']).toContainEqual(
      expect.objectContaining({ session: null, problem: expect.objectContaining({ code: 'server-unreachable' }) }),
    )
    expect((await machine.stemma(['verify', id])).stdout).toMatch(/✓ passed\s+transcript/)

    await server.start()
    const retried = await machine.stemma(['push', '--retry'])
    expect(retried.code, retried.stderr).toBe(0)
    expect(server.evidence.map(({ envelope }) => envelope)).toEqual([kept])
    expect(outgoing()).toEqual([])
    expect(receipts()).toEqual([`${id}.json`])
  })

  it('survives a crash between sending and marking: the same evidence again, and one receipt', async () => {
    await setUp()
    session('s0', 'order.ts', 'export {}\n')
    machine.commit({ 'order.ts': 'export {}\n' }, 'Add an order')
    expect((await machine.stemma(['push'])).code).toBe(0)
    machine.git('push', '-q', '--no-verify', 'origin', 'main')
    session('s1')
    machine.commit({ 'basket.ts': basket }, 'Add a basket')
    server.loseAnswers = true
    expect((await machine.stemma(['push'])).code).toBe(3)
    expect(server.evidence).toHaveLength(2)
    expect(receipts()).toHaveLength(1)
    expect(outgoing()).toHaveLength(1)
    server.loseAnswers = false
    expect((await machine.stemma(['push'])).code).toBe(0)
    expect(new Set(server.evidence.map(({ envelope }) => envelope)).size).toBe(2)
    expect(receipts()).toHaveLength(2)
    expect(outgoing()).toEqual([])
  })

  it('takes a receipt that does not verify for none', async () => {
    await setUp()
    session('s1')
    machine.commit({ 'basket.ts': basket }, 'Add a basket')
    server.forgeReceipts = true
    const refused = await machine.stemma(['push'])
    expect(refused.code).toBe(4)
    expect(refused.stdout).toContain('receipt does not verify')
    expect(outgoing()).toHaveLength(1)
    expect(receipts()).toEqual([])
  })

  it('previews exactly what it then sends', async () => {
    await setUp()
    session('s1')
    machine.commit({ 'basket.ts': basket }, 'Add a basket')
    const preview = await machine.json(['push', '--preview'])
    const { evidence } = preview as {
      evidence: { statement: { predicate: { createdAt: string } }; transcript: string | null }[]
    }
    await machine.stemma(['push'])
    const sent = [server.configurations[0], server.evidence[0]]
    expect([null, ...server.transcripts.values()]).toEqual(evidence.map(({ transcript }) => transcript))
    for (const [at, { statement }] of evidence.entries()) {
      const { createdAt: _, ...previewed } = statement.predicate
      expect(sent[at]?.statement.predicate).toMatchObject(previewed)
    }
  })

  it('leaves the transcript here in tier metadata', async () => {
    await setUp()
    machine.write('.stemma.yml', machine.read('.stemma.yml').replace('tier: redacted', 'tier: metadata'))
    session('s1')
    machine.commit({ 'basket.ts': basket }, 'Add a basket')
    expect((await machine.stemma(['push'])).code).toBe(0)
    expect(server.transcripts.size).toBe(0)
    const [sent] = server.evidence
    expect(sent && transcriptOf(sent.statement)).toBeNull()
  })

  it('works without any server, and signs again with the enrolled key once there is one', async () => {
    await machine.stemma(['init', '--yes'])
    session('s1')
    machine.commit({ 'basket.ts': basket }, 'Add a basket')
    const offline = await machine.stemma(['push'])
    expect(offline.code).toBe(0)
    expect(offline.stdout).toContain('no server yet')
    expect(outgoing()).toHaveLength(1)
    await machine.stemma(['init', '--yes', '--server', server.url, '--token', server.enrolmentToken])
    expect((await machine.stemma(['push', '--retry'])).code).toBe(0)
    expect(server.evidence.map(({ id }) => `${id}.json`)).toEqual(receipts())
  })

  it('is safe beside another push', async () => {
    await setUp()
    session('s1')
    machine.commit({ 'basket.ts': basket }, 'Add a basket')
    const both = await Promise.all([machine.stemma(['push']), machine.stemma(['push'])])
    expect(both.map(({ code }) => code)).toEqual([0, 0])
    expect(server.evidence).toHaveLength(1)
    expect(receipts()).toHaveLength(1)
  })

  it('takes a lock over whose holder is dead', async () => {
    await setUp()
    session('s1')
    machine.commit({ 'basket.ts': basket }, 'Add a basket')
    writeFileSync(
      join(machine.state, 'push.lock'),
      JSON.stringify({ pid: 2 ** 22 + 1, host: hostname(), nonce: 'dead' }),
    )
    expect((await machine.stemma(['push'])).code).toBe(0)
    expect(server.evidence).toHaveLength(1)
  })

  it('with --strict policy fails where a gated policy fails, after the evidence is sent', async () => {
    await setUp()
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
    const ran = await machine.stemma(['push', '--strict', 'policy'])
    expect(ran.code).toBe(1)
    expect(ran.stderr).toContain('no-hook-bypass')
    expect(server.evidence).toHaveLength(1)
  })

  it('with --strict policy goes by the contract that the server has in force, also when it cannot be asked', async () => {
    await setUp()
    server.contract = {
      ...server.contract,
      version: 2,
      policies: [{ policy: 'approved-models', with: { allow: ['gpt-*'] }, gate: true }],
    }
    session('s1')
    machine.commit({ 'basket.ts': basket }, 'Add a basket')
    const first = await machine.stemma(['push', '--strict', 'policy'])
    expect(first.code).toBe(1)
    expect(first.stderr).toContain('approved-models')
    await server.stop()
    session('s1', 'order.ts', 'export {}\n')
    machine.commit({ 'order.ts': 'export {}\n' }, 'Add an order')
    const second = await machine.stemma(['push', '--strict', 'policy'])
    expect(second.code).toBe(3)
    expect(second.stderr).toContain('approved-models')
  })

  it('does what another push could only leave behind while this one held the lock', async () => {
    await setUp()
    session('s1')
    machine.commit({ 'basket.ts': basket }, 'Add a basket')
    server.hang = true
    // Longer than any machine takes to get there; what ends it is the server's end.
    const first = machine.stemma(['push', '--time-limit', '150'])
    while (!server.requests.includes('POST /v1/evidence')) await new Promise((settle) => setTimeout(settle, 20))
    session('s2', 'order.ts', 'export {}\n')
    const commit = machine.commit({ 'order.ts': 'export {}\n' }, 'Add an order')
    const refs = `refs/heads/main ${commit} refs/heads/main ${'0'.repeat(40)}\n`
    const second = await machine.stemma(['push', '--hook', '--remote', 'origin'], { input: refs })
    expect(second.stdout).toContain('another push is at work')
    await server.stop()
    await first
    expect(outgoing()).toHaveLength(2)
    expect(readdirSync(join(machine.state, 'pushes'))).toEqual([])
  })

  it('asks for the set-up first', async () => {
    const ran = await machine.stemma(['push'])
    expect(ran.code).toBe(2)
    expect(ran.stderr).toContain('stemma init')
  })
})
