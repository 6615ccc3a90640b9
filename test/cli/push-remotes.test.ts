import { mkdtempSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readEnvelope } from '#core/evidence/envelope.ts'
import { type Statement, sessionOf, transcriptOf, writeStatement } from '#core/evidence/statement.ts'
import { basket, freshForEachTest, machine, outgoing, server, session, setUp } from './enrolled.ts'

freshForEachTest()

/** Another remote beside `origin`, and the tier of each in the project's file; null: it is not listed. */
function remotes(tiers: Readonly<Record<'origin' | 'other', string | null>>): void {
  const other = mkdtempSync(join(machine.home, 'other-'))
  machine.git('init', '-q', '--bare', other)
  machine.git('remote', 'add', 'other', other)
  const rules = Object.entries(tiers).flatMap(([name, tier]) =>
    tier === null ? [] : [`  - { match: '${machine.git('remote', 'get-url', name)}', tier: ${tier} }\n`],
  )
  machine.write('.stemma.yml', `${machine.read('.stemma.yml')}remotes:\n${rules.join('')}`)
}

const sentSessions = () => server.evidence.map(({ statement }) => sessionOf(statement)?.id)

describe('what leaves for a remote', () => {
  it('is nothing where the remote is not listed, now and later, until the commits go to one that is', async () => {
    await setUp()
    remotes({ origin: 'redacted', other: null })
    session('s1')
    machine.commit({ 'basket.ts': basket }, 'Add a basket')
    const before = server.bodies.length
    const preview = await machine.stemma(['push', '--preview', '--remote', 'other'])
    expect(preview.stdout).toContain('does not name it')
    expect(preview.stdout).not.toContain('claude-code:s1')
    expect((await machine.stemma(['push', '--remote', 'other'])).code).toBe(0)
    // The code is there, so the commit is no longer on this machine alone; that gives nobody leave to be told of it.
    machine.git('push', '-q', '--no-verify', 'other', 'main')
    expect((await machine.stemma(['push', '--retry'])).code).toBe(0)
    expect((await machine.stemma(['push', '--remote', 'other'])).code).toBe(0)
    expect(server.bodies).toHaveLength(before)
    expect(outgoing()).toEqual([])
    expect(await machine.json(['status'])).toMatchObject({ pendingPushes: 0 })

    machine.git('push', '-q', '--no-verify', 'origin', 'main')
    expect((await machine.stemma(['push', '--retry'])).code).toBe(0)
    expect(sentSessions()).toEqual(['claude-code:s1'])
  })

  it('is the statement alone where its tier is metadata, and the transcript where it is more', async () => {
    await setUp()
    remotes({ origin: 'redacted', other: 'metadata' })
    session('s1')
    machine.commit({ 'basket.ts': basket }, 'Add a basket')
    expect((await machine.stemma(['push', '--remote', 'other'])).code).toBe(0)
    expect(server.transcripts.size).toBe(0)
    expect(server.evidence.map(({ statement }) => transcriptOf(statement))).toEqual([null])
    expect(server.bodies.join('\n')).not.toContain('Add basket.ts')
    expect((await machine.stemma(['push', '--remote', 'origin'])).code).toBe(0)
    expect(server.transcripts.size).toBe(1)
  })

  it('is what the organisation’s contract allows where that is less than the project says', async () => {
    await setUp()
    machine.write('.stemma.yml', machine.read('.stemma.yml').replace('tier: redacted', 'tier: full'))
    server.contract = { ...server.contract, tier: 'metadata' }
    session('s1')
    machine.commit({ 'basket.ts': basket }, 'Add a basket')
    expect((await machine.stemma(['push'])).code).toBe(0)
    expect(sentSessions()).toEqual(['claude-code:s1'])
    expect(server.transcripts.size).toBe(0)
  })
})

describe('a transcript that waits for the server', () => {
  it('stays here where the project lets none leave any more, and the evidence goes without it', async () => {
    await setUp()
    session('s1')
    machine.commit({ 'basket.ts': basket }, 'Add a basket')
    await server.stop()
    expect((await machine.stemma(['push'])).code).toBe(3)
    await server.start()
    machine.write('.stemma.yml', machine.read('.stemma.yml').replace('tier: redacted', 'tier: metadata'))
    const preview = await machine.stemma(['push', '--preview'])
    expect(preview.stdout).toContain('claude-code:s1')
    expect(preview.stdout).not.toContain('Add basket.ts')
    expect((await machine.stemma(['push', '--retry'])).code).toBe(0)
    expect(sentSessions()).toEqual(['claude-code:s1'])
    expect(server.evidence.map(({ statement }) => transcriptOf(statement))).toEqual([null])
    expect(server.transcripts.size).toBe(0)
    expect(outgoing()).toEqual([])
  })
})

describe('stemma push --preview --file', () => {
  it('holds byte for byte what the next push sends, also what waited for the server and what another push left', async () => {
    await setUp()
    machine.write('.env', 'PAYMENT_PASSWORD=correct-horse-battery-7731\n')
    machine.write('.gitignore', '.env\n')
    session('s1', 'basket.ts', basket, 'with correct-horse-battery-7731')
    machine.commit({ 'basket.ts': basket }, 'Add a basket')
    await server.stop()
    expect((await machine.stemma(['push'])).code).toBe(3)
    await server.start()
    machine.git('push', '-q', '--no-verify', 'origin', 'main')
    session('s2', 'order.ts')
    machine.commit({ 'order.ts': basket }, 'Add an order')

    const file = join(machine.home, 'preview.jsonl')
    const before = server.bodies.length
    expect((await machine.stemma(['push', '--preview', '--file', file])).code).toBe(0)
    expect(server.bodies).toHaveLength(before)
    const previewed = readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { statement: Statement; transcript: string | null })
    expect(previewed.map(({ statement }) => sessionOf(statement)?.id ?? null)).toContain('claude-code:s1')

    expect((await machine.stemma(['push'])).code).toBe(0)
    const sent = [...server.configurations, ...server.evidence].map(({ envelope }) => readEnvelope(envelope).payload)
    expect(sent).toHaveLength(previewed.length)
    // The time at which it was made is the one thing that no preview can know of what is not made yet.
    const payloads = sent.map((payload) => new TextDecoder().decode(payload))
    const times = payloads.map((payload) => /"createdAt":"([^"]+)"/.exec(payload)?.[1] ?? '')
    const asSent = ({ statement }: { statement: Statement }, createdAt: string) =>
      new TextDecoder().decode(
        writeStatement({ ...statement, predicate: { ...statement.predicate, createdAt } } as Statement),
      )
    const expected = previewed.map((one) =>
      times.map((time) => asSent(one, time)).find((text) => payloads.includes(text)),
    )
    expect([...expected].sort()).toEqual([...payloads].sort())
    expect(previewed.flatMap(({ transcript }) => transcript ?? []).sort()).toEqual(
      [...server.transcripts.values()].sort(),
    )
    expect(JSON.stringify(previewed)).not.toContain('correct-horse-battery-7731')
  })
})
