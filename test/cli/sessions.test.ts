import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sessionOf } from '#core/evidence/statement.ts'
import { basket, freshForEachTest, machine, server, session, setUp } from './enrolled.ts'

freshForEachTest()

const secret = `ghp_${'a1B2c3D4e5'.repeat(4).slice(0, 36)}`
const asked = () =>
  server.evidence.map(({ statement }) => sessionOf(statement)?.asked).filter((one) => one !== undefined)

describe('what a session was asked to do', () => {
  it('is shown for one session, by its id or the beginning of it', async () => {
    await setUp()
    session('s1-long', 'basket.ts', basket, 'For SHOP-12, see https://github.com/acme/shop/issues/7.')
    session('s2')
    const shown = await machine.stemma(['sessions', 'show', 's1'])
    expect(shown.code, shown.stderr).toBe(0)
    expect(shown.stdout).toMatch(/^session {5}claude-code:s1-long$/m)
    expect(shown.stdout).toMatch(/^ {2}Add basket\.ts\. For SHOP-12/m)
    expect(shown.stdout).toMatch(/^tickets {5}SHOP-12, acme\/shop#7 https:\/\/github\.com\/acme\/shop\/issues\/7$/m)
    expect(await machine.json(['sessions', 'show', 'claude-code:s1-long'])).toMatchObject({
      session: { id: 'claude-code:s1-long' },
      asked: { promptCount: 1, tickets: [{ key: 'SHOP-12' }, { key: 'acme/shop#7' }] },
    })
    expect((await machine.stemma(['sessions', 'show', 's'])).stderr).toMatch(/2 sessions begin with s/)
    expect((await machine.stemma(['sessions', 'show', 'nobody'])).stderr).toMatch(/no session nobody/)
    expect((await machine.stemma(['sessions', 'show'])).code).toBe(2)
  })

  it('is part of the evidence, without the secrets in it', async () => {
    await setUp()
    session('s1', 'basket.ts', basket, `For SHOP-12 with ${secret}.`)
    machine.commit({ 'basket.ts': basket }, 'Add a basket')
    expect((await machine.stemma(['push'])).code).toBe(0)
    expect(asked()).toMatchObject([{ promptCount: 1, prompts: [{ text: expect.stringMatching(/SHOP-12/) }] }])
    expect(JSON.stringify(asked())).not.toContain(secret)
  })

  it('leaves in tier metadata as counts and keys alone', async () => {
    await setUp()
    const settings = join(machine.root, '.stemma.yml')
    writeFileSync(settings, `${readFileSync(settings, 'utf8').replace(/^tier:.*\n/m, '')}tier: metadata\n`)
    session('s1', 'basket.ts', basket, 'For SHOP-12, quietly.')
    machine.commit({ 'basket.ts': basket }, 'Add a basket')
    expect((await machine.stemma(['push'])).code).toBe(0)
    expect(asked()).toMatchObject([{ promptCount: 1, prompts: [], tickets: [{ key: 'SHOP-12', url: null }] }])
    expect(JSON.stringify(server.evidence.map(({ statement }) => statement))).not.toContain('quietly')
  })
})
