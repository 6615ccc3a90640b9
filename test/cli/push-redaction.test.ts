import { describe, expect, it } from 'vitest'
import { sessionOf } from '#core/evidence/statement.ts'
import { basket, freshForEachTest, machine, server, session, setUp, usage } from './enrolled.ts'
import { writeTranscript } from './transcript.ts'

freshForEachTest()

/** Assembled here, so that no scanner takes the test itself for a leak. */
const githubToken = ['ghp', 'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'].join('_')
const ownSecret = 'correct-horse-battery-7731'

describe('stemma push', () => {
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
    const counts = server.evidence.map(({ statement: { predicate } }) =>
      'redaction' in predicate ? predicate.redaction.redacted : {},
    )
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
    expect(server.evidence.map(({ statement }) => sessionOf(statement)?.id)).toEqual(['claude-code:s2'])
    expect(server.bodies.join('\n')).not.toContain(githubToken)
    expect(await machine.json(['status'])).toMatchObject({ pendingPushes: 1 })
  })

  it('redacts a session of thousands of events as it does a short one, also where one piece ends and the next begins', async () => {
    await setUp()
    const turns = Array.from({ length: 700 }, (_, index) => ({
      messageId: `m-${index}`,
      run: { command: `step ${index}`, output: index % 7 === 0 ? `saw ${githubToken}` : 'ok' },
      usage,
    }))
    writeTranscript(machine.home, machine.root, {
      id: 's1',
      prompt: `Add a basket, ${ownSecret}`,
      startedAt: new Date(Date.now() - 60_000).toISOString(),
      turns: [{ messageId: 'first', write: { path: 'basket.ts', content: basket }, usage }, ...turns],
    })
    machine.write('.env', `PAYMENT_PASSWORD=${ownSecret}\n`)
    machine.commit({ 'basket.ts': basket, '.gitignore': '.env\n' }, 'Add a basket')
    const ran = await machine.stemma(['push'])
    expect(ran.code, ran.stderr + ran.stdout).toBe(0)
    const [text = ''] = server.transcripts.values()
    const outputs = text
      .split('\n')
      .filter((line) => line.includes('"kind":"toolResult"') && line.includes('"output":"'))
    expect(outputs.length).toBeGreaterThan(700)
    expect(text.match(/saw \[REDACTED:github-token\]/g)).toHaveLength(100)
    expect(server.bodies.join('\n')).not.toContain(githubToken)
    const [predicate] = server.evidence.map(({ statement }) => statement.predicate)
    expect(predicate && 'redaction' in predicate ? predicate.redaction.redacted : {}).toMatchObject({
      'github-token': 100,
    })
    expect(predicate && 'redaction' in predicate ? predicate.redaction.manifest?.entries.length : 0).toBeGreaterThan(
      100,
    )
  })
})
