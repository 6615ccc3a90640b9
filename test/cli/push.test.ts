import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createMachine, type Machine } from './machine.ts'
import { createTestServer, type TestServer } from './server.ts'
import { writeTranscript } from './transcript.ts'

let machine: Machine
let server: TestServer

beforeEach(async () => {
  machine = createMachine()
  server = await createTestServer()
})
afterEach(async () => {
  machine.remove()
  await server.stop()
})

const usage = { input: 10, cacheRead: 1_000, cacheWrite: 200, output: 50 }
const basket = 'export function total(prices: number[]) {\n  return prices.reduce((sum, price) => sum + price, 0)\n}\n'
/** Assembled here, so that no scanner takes the test itself for a leak. */
const githubToken = ['ghp', 'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'].join('_')
const ownSecret = 'correct-horse-battery-7731'

function session(id: string, path = 'basket.ts', content = basket, extra = '') {
  return writeTranscript(machine.home, machine.root, {
    id,
    prompt: `Add ${path}. ${extra}`,
    startedAt: new Date(Date.now() - 60_000).toISOString(),
    turns: [
      { messageId: `${id}-1`, write: { path, content }, usage },
      { messageId: `${id}-2`, run: { command: 'npm test', output: `ok ${extra}` }, usage },
    ],
  })
}

async function setUp() {
  const done = await machine.stemma(['init', '--yes', '--server', server.url, '--token', server.enrolmentToken])
  expect(done.code, done.stderr).toBe(0)
  machine.commit({}, 'Set up Stemma')
  machine.git('push', '-q', '--no-verify', 'origin', 'main')
}

const outgoing = () => (existsSync(join(machine.state, 'outgoing')) ? readdirSync(join(machine.state, 'outgoing')) : [])
const receipts = () =>
  existsSync(join(machine.state, 'receipts'))
    ? readdirSync(join(machine.state, 'receipts')).filter((name) => /^[0-9a-f]{64}\.json$/.test(name))
    : []

describe('stemma push', () => {
  it('sends a session that contributed, keeps a receipt that verifies, and says so', async () => {
    await setUp()
    session('s1')
    const commit = machine.commit({ 'basket.ts': basket }, 'Add a basket')
    const pushed = await machine.stemma(['push'])
    expect(pushed.code, pushed.stderr + pushed.stdout).toBe(0)
    expect(pushed.stdout).toMatch(
      /^✓ 1 session, 1 file, 3 AI lines \(100%\) in 1 commit\n✓ signed by \S+ · receipt #0\n$/,
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
      redaction: { rules: 'stemma-redaction/1', withheld: 0 },
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

  it('sends a session again once it went on and was committed again', async () => {
    await setUp()
    session('s1')
    machine.commit({ 'basket.ts': basket }, 'Add a basket')
    await machine.stemma(['push'])
    machine.git('push', '-q', '--no-verify', 'origin', 'main')
    session('s1', 'order.ts', 'export const order = []\n')
    machine.commit({ 'order.ts': 'export const order = []\n' }, 'Add an order')
    expect(await machine.json(['push'])).toMatchObject({ commits: 1, sent: [{ session: 'claude-code:s1', index: 1 }] })
  })

  it('keeps evidence while the server is down, and later delivers the very same bytes', async () => {
    await setUp()
    session('s1')
    machine.commit({ 'basket.ts': basket }, 'Add a basket')
    await server.stop()
    const failed = await machine.stemma(['push'])
    expect(failed.code).toBe(3)
    expect(failed.stdout).toContain('1 piece of evidence kept')
    expect(failed.stdout).toContain('stemma push --retry')
    const [id = ''] = outgoing()
    const kept = readFileSync(join(machine.state, 'outgoing', id, 'envelope.json'), 'utf8')
    expect((await machine.json(['status']))['waiting']).toMatchObject([{ id, problem: { code: 'server-unreachable' } }])
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
    session('s1')
    machine.commit({ 'basket.ts': basket }, 'Add a basket')
    server.loseAnswers = true
    expect((await machine.stemma(['push'])).code).toBe(3)
    expect(server.evidence).toHaveLength(1)
    expect(receipts()).toEqual([])
    expect(outgoing()).toHaveLength(1)
    server.loseAnswers = false
    expect((await machine.stemma(['push'])).code).toBe(0)
    expect(new Set(server.evidence.map(({ envelope }) => envelope)).size).toBe(1)
    expect(receipts()).toHaveLength(1)
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

  it('lets no secret leave, whether it has the form of one or is one of this machine', async () => {
    await setUp()
    machine.write('.env', `PAYMENT_PASSWORD=${ownSecret}\nNODE_ENV=production\n`)
    machine.write('.gitignore', '.env\n')
    session('s1', 'basket.ts', `${basket}// ${githubToken}\n`, `use ${githubToken} and ${ownSecret}`)
    machine.commit({ 'basket.ts': `${basket}// ${githubToken}\n` }, `Add a basket with ${ownSecret}`)
    const environment = { SHOP_API_TOKEN: 'zebra-Quartz-9921' }
    session('s2', 'order.ts', 'export {}\n', 'zebra-Quartz-9921')
    machine.commit({ 'order.ts': 'export {}\n' }, 'Add an order')

    const preview = await machine.stemma(['push', '--preview'], { environment })
    expect(preview.stdout).toContain('[REDACTED:')
    for (const secret of [githubToken, ownSecret, 'zebra-Quartz-9921']) expect(preview.stdout).not.toContain(secret)
    expect(server.evidence).toHaveLength(0)

    const pushed = await machine.stemma(['push'], { environment })
    expect(pushed.code, pushed.stderr + pushed.stdout).toBe(0)
    expect(server.evidence).toHaveLength(2)
    const everything = server.bodies.join('\n')
    for (const secret of [githubToken, ownSecret, 'zebra-Quartz-9921']) expect(everything).not.toContain(secret)
    expect(everything).toContain('npm test')
    const counts = server.evidence.map(({ statement }) => statement.predicate.redaction.redacted)
    expect(counts.some((count) => (count['known-secret'] ?? 0) > 0)).toBe(true)
  })

  it('does not send a session in which the second look finds a secret, says so, and sends the others', async () => {
    await setUp()
    // An id must survive redaction, since records refer to it; one that has the form of a token can only be refused.
    writeTranscript(machine.home, machine.root, {
      id: 's1',
      prompt: 'Add a basket',
      startedAt: new Date(Date.now() - 60_000).toISOString(),
      turns: [{ messageId: githubToken, write: { path: 'basket.ts', content: basket }, usage }],
    })
    session('s2', 'order.ts', 'export {}\n')
    machine.commit({ 'basket.ts': basket, 'order.ts': 'export {}\n' }, 'Add both')
    const ran = await machine.stemma(['push'])
    expect(ran.code).toBe(4)
    expect(ran.stdout).toContain('not sent: claude-code:s1')
    expect(server.evidence.map(({ statement }) => statement.predicate.session.id)).toEqual(['claude-code:s2'])
    expect(server.bodies.join('\n')).not.toContain(githubToken)
    expect(await machine.json(['status'])).toMatchObject({ pendingPushes: 1 })
  })

  it('previews exactly what it then sends', async () => {
    await setUp()
    session('s1')
    machine.commit({ 'basket.ts': basket }, 'Add a basket')
    const preview = await machine.json(['push', '--preview'])
    const { evidence } = preview as {
      evidence: { statement: { predicate: { createdAt: string } }; transcript: string }[]
    }
    await machine.stemma(['push'])
    expect([...server.transcripts.values()]).toEqual([evidence[0]?.transcript])
    const { createdAt: _, ...previewed } = evidence[0]?.statement.predicate ?? { createdAt: '' }
    expect(server.evidence[0]?.statement.predicate).toMatchObject(previewed)
  })

  it('leaves the transcript here in tier metadata', async () => {
    await setUp()
    machine.write('.stemma.yml', machine.read('.stemma.yml').replace('tier: full', 'tier: metadata'))
    session('s1')
    machine.commit({ 'basket.ts': basket }, 'Add a basket')
    expect((await machine.stemma(['push'])).code).toBe(0)
    expect(server.transcripts.size).toBe(0)
    expect(server.evidence[0]?.statement.predicate.transcript).toBeNull()
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
    const { hostname } = await import('node:os')
    const { writeFileSync } = await import('node:fs')
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
    const first = machine.stemma(['push', '--time-limit', '8'])
    while (!server.requests.some((line) => line.startsWith('PUT')))
      await new Promise((settle) => setTimeout(settle, 20))
    session('s2', 'order.ts', 'export {}\n')
    const commit = machine.commit({ 'order.ts': 'export {}\n' }, 'Add an order')
    const refs = `refs/heads/main ${commit} refs/heads/main ${'0'.repeat(40)}\n`
    const second = await machine.stemma(['push', '--hook', '--remote', 'origin'], { input: refs })
    expect(second.stdout).toContain('another push is at work')
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
    const started = performance.now()
    const slow = await hook(commit, ['--time-limit', '1'])
    expect(slow.code).toBe(0)
    expect(performance.now() - started).toBeLessThan(15_000)
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

  it('says nothing where there is nothing to say', async () => {
    await setUp()
    const commit = machine.commit({ 'notes.md': 'by hand\n' }, 'Write notes')
    expect(await hook(commit)).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  it('finishes later what a crash left between the push and the spool', async () => {
    await setUp()
    session('s1')
    const commit = machine.commit({ 'basket.ts': basket }, 'Add a basket')
    await server.stop()
    await hook(commit)
    // As if the machine had gone off before the evidence was described.
    rmSync(join(machine.state, 'outgoing'), { recursive: true })
    const { mkdirSync, writeFileSync } = await import('node:fs')
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

describe('stemma verify', () => {
  async function sent() {
    await setUp()
    session('s1')
    machine.commit({ 'basket.ts': basket }, 'Add a basket')
    await machine.stemma(['push'])
    const id = server.evidence[0]?.id ?? ''
    return join(machine.state, 'receipts', id)
  }

  it('ends with 4 for an envelope of which one byte differs', async () => {
    const path = await sent()
    const { writeFileSync } = await import('node:fs')
    const envelope = JSON.parse(readFileSync(`${path}.envelope.json`, 'utf8'))
    const payload = Buffer.from(envelope.payload, 'base64')
    payload[payload.indexOf('claude-code')] = 'k'.charCodeAt(0)
    writeFileSync(`${path}.envelope.json`, JSON.stringify({ ...envelope, payload: payload.toString('base64') }))
    const ran = await machine.stemma(['verify', 'HEAD', '--json'])
    expect(ran.code).toBe(4)
    const [checked] = JSON.parse(ran.stdout).evidence
    expect(checked.verified).toBe(false)
    expect(checked.checks).toContainEqual(expect.objectContaining({ name: 'signature', result: 'failed' }))
    expect(checked.checks).toContainEqual(expect.objectContaining({ name: 'inclusion', result: 'failed' }))
  })

  it('ends with 4 for a receipt of another log, for other bytes as transcript, and for a file that is no envelope', async () => {
    const path = await sent()
    const { writeFileSync } = await import('node:fs')
    const [transcript = ''] = server.transcripts.values()
    writeFileSync(join(machine.home, 'transcript.jsonl'), transcript)
    expect(
      (await machine.stemma(['verify', 'HEAD', '--transcript', join(machine.home, 'transcript.jsonl')])).code,
    ).toBe(0)
    writeFileSync(join(machine.home, 'transcript.jsonl'), `${transcript}\n`)
    expect(
      (await machine.stemma(['verify', 'HEAD', '--transcript', join(machine.home, 'transcript.jsonl')])).code,
    ).toBe(4)

    const receipt = JSON.parse(readFileSync(`${path}.json`, 'utf8'))
    writeFileSync(
      `${path}.json`,
      JSON.stringify({ ...receipt, receipt: receipt.receipt.replace('example.com', 'example.org') }),
    )
    const other = await machine.stemma(['verify', 'HEAD'])
    expect(other.code).toBe(4)
    expect(other.stdout).toMatch(/✗ failed\s+checkpoint/)

    writeFileSync(join(machine.home, 'no-envelope.json'), '{}')
    expect((await machine.stemma(['verify', join(machine.home, 'no-envelope.json')])).code).toBe(4)
    expect((await machine.stemma(['verify', 'f00dfeedf00d'])).code).toBe(2)
  })
})
