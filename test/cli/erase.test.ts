import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { basket, freshForEachTest, machine, server, session, setUp } from './enrolled.ts'
import { ADMINISTRATOR } from './server.ts'

freshForEachTest()

async function sent(): Promise<string> {
  await setUp()
  session('s1')
  machine.commit({ 'basket.ts': basket }, 'Add a basket')
  expect((await machine.stemma(['push'])).code).toBe(0)
  return server.evidence[0]?.id ?? ''
}

describe('stemma sessions erase', () => {
  it('erases the transcript, and verify says when, by whom, and that the signature holds', async () => {
    const id = await sent()
    expect(server.transcripts.size).toBe(1)
    const asked = await machine.stemma(['sessions', 'erase', 's1'])
    expect(asked.code).toBe(2)
    expect(asked.stderr).toMatch(/nobody to ask[\s\S]*stemma sessions erase claude-code:s1 --yes/)
    expect(server.transcripts.size).toBe(1)

    const erased = await machine.stemma(['sessions', 'erase', 's1', '--yes'])
    expect(erased.code, erased.stderr).toBe(0)
    expect(erased.stdout).toMatch(/transcript of claude-code:s1 erased on 2026-11-22 by the person whose session it is/)
    expect(server.transcripts.size).toBe(0)

    const checked = await machine.stemma(['verify', 'HEAD'])
    expect(checked.code).toBe(0)
    expect(checked.stdout).toMatch(
      /transcript +transcript erased on 2026-11-22 by the person whose session it is, the signature over its digest still holds/,
    )
    const path = join(machine.state, 'receipts', `${id}.envelope.json`)
    const envelope = JSON.parse(readFileSync(path, 'utf8'))
    writeFileSync(path, JSON.stringify({ ...envelope, payload: `${envelope.payload.slice(0, -8)}AAAAAAA=` }))
    const broken = await machine.stemma(['verify', 'HEAD'])
    expect(broken.code).toBe(4)
    expect(broken.stdout).not.toMatch(/still holds/)
  })

  it('takes an administrator’s token, and the whole id of a session of another machine', async () => {
    await sent()
    const environment = { STEMMA_TOKEN: ADMINISTRATOR }
    const erased = await machine.json(['sessions', 'erase', 'claude-code:s1', '--yes'], { environment })
    expect(erased).toMatchObject({ sessionId: 'claude-code:s1', erasure: { by: 'administrator' } })
    expect((await machine.stemma(['sessions', 'erase', 'codex:elsewhere', '--yes'])).stderr).toMatch(/not-found/)
    expect((await machine.stemma(['sessions', 'erase', 'nobody', '--yes'])).stderr).toMatch(/no session nobody/)
    expect((await machine.stemma(['sessions', 'erase'])).code).toBe(2)
  })
})

describe('a push', () => {
  it('of a transcript that was erased is settled: it is not tried again, and the evidence has its receipt', async () => {
    const id = await sent()
    await machine.stemma(['sessions', 'erase', 's1', '--yes'])
    // The machine loses its state, and sends everything anew.
    rmSync(join(machine.state, 'receipts'), { recursive: true })
    const pushed = await machine.stemma(['push'])
    expect(pushed.code, pushed.stderr).toBe(0)
    expect(server.transcripts.size).toBe(0)
    const repeated = server.evidence.slice(1)
    expect(repeated.length).toBeGreaterThan(0)
    const status = await machine.json(['status'])
    expect(JSON.stringify(status)).not.toContain('transcript-erased')
    const checked = await machine.stemma(['verify', repeated.at(-1)?.id ?? id])
    expect(checked.stdout).toMatch(/transcript erased on 2026-11-22/)
  })
})
