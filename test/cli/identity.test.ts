import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readEnvelope } from '#core/evidence/envelope.ts'
import { isSshSignature } from '#core/evidence/ssh-signature.ts'
import { basket, freshForEachTest, machine, outgoing, server, session, setUp } from './enrolled.ts'
import { ADMINISTRATOR } from './server.ts'

freshForEachTest()

const hasSshKeygen = spawnSync('ssh-keygen', ['-?']).error === undefined
if (!hasSshKeygen) console.warn('ssh-keygen is not installed: signing with SSH keys is not tested')

const keyFile = () => join(machine.home, '.config/stemma/keys', `${encodeURIComponent(server.url)}.json`)
const storedKey = () => JSON.parse(readFileSync(keyFile(), 'utf8'))

async function initialise(): Promise<void> {
  expect((await machine.stemma(['init', '--yes', '--server', server.url])).code).toBe(0)
  machine.commit({}, 'Set up Stemma')
  machine.git('push', '-q', '--no-verify', 'origin', 'main')
}

/** A session, its commit and the push of its evidence. */
async function pushSession(id: string, path: string, environment: Readonly<Record<string, string>> = {}) {
  session(id, path)
  machine.commit({ [path]: basket }, `Add ${path}`)
  return machine.stemma(['push'], { environment })
}

describe('stemma login', () => {
  it('shows the code, waits for the person, and enrols a key that never leaves the machine', async () => {
    await initialise()
    server.signIn = ['pending', 'granted']
    const done = await machine.stemma(['login'])
    expect(done.code, done.stderr).toBe(0)
    expect(done.stderr).toContain('Open https://github.com/login/device and enter the code WDJB-1234')
    expect(done.stdout).toMatch(/^✓ key \S+ enrolled · Acme · Ada\n$/)
    expect(statSync(keyFile()).mode & 0o777).toBe(0o600)
    expect((await pushSession('s-1', 'basket.ts')).code).toBe(0)
    expect(server.evidence.length).toBeGreaterThan(0)
    expect([...server.bodies, ...server.requests].join()).not.toContain(storedKey().privateKey)
  })

  it('a refusal leaves the present key as it is, and tells how to go on', async () => {
    await setUp()
    const before = storedKey()
    server.signIn = ['denied']
    const done = await machine.stemma(['login', '--new-key'])
    expect(done.code).toBe(2)
    expect(done.stderr).toContain('sign-in-denied')
    expect(storedKey()).toEqual(before)
  })

  it('takes an enrolment token where there is no GitHub', async () => {
    const words = ['login', '--server', server.url, '--token', server.enrolmentToken]
    expect(await machine.json([...words, '--json'])).toMatchObject({ person: { name: 'Ada' }, key: { kind: 'device' } })
    expect(server.requests).toEqual(['POST /v1/keys'])
  })

  it('without a platform says how to name one', async () => {
    const done = await machine.stemma(['login'])
    expect(done.code).toBe(2)
    expect(done.stderr).toContain('stemma login --server')
  })
})

describe.skipIf(!hasSshKeygen)('stemma login --ssh-key', () => {
  it('signs evidence through ssh-keygen, which verify takes offline', async () => {
    await initialise()
    const path = join(machine.home, 'id_ed25519')
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path])
    const done = await machine.stemma(['login', '--ssh-key', path])
    expect(done.code, done.stderr).toBe(0)
    expect(storedKey()).toMatchObject({ privateKey: null, sshKey: `${path}.pub` })
    const pushed = await pushSession('s-1', 'basket.ts')
    expect(pushed.code, pushed.stderr).toBe(0)
    const [first] = server.evidence
    const signature = readEnvelope(first?.envelope ?? '').signatures[0]
    expect(signature !== undefined && isSshSignature(signature.bytes)).toBe(true)
    const verified = await machine.stemma(['verify', first?.id ?? ''])
    expect(verified.code, verified.stdout).toBe(0)

    // A key that cannot sign any more stops the push with words, and what there is stays for the next one.
    execFileSync('rm', [path])
    const failed = await pushSession('s-2', 'cart.ts', { SSH_AUTH_SOCK: '' })
    expect(failed.code).not.toBe(0)
    expect(failed.stderr).toContain('ssh-add')
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(machine.home, 'other')])
    expect((await machine.stemma(['login', '--ssh-key', join(machine.home, 'other.pub')])).code).toBe(0)
    expect((await machine.stemma(['push', '--retry'])).code).toBe(0)
    expect(outgoing()).toEqual([])
    // What the first key signed is still verified by the machine.
    expect((await machine.stemma(['verify', first?.id ?? ''])).code).toBe(0)
  })
})

describe('stemma keys', () => {
  it('lists, rotates with the old key vouching for the new, and verifies what the old one signed before', async () => {
    await setUp()
    const old = storedKey()
    await pushSession('s-1', 'basket.ts')
    const before = server.evidence[0]?.id ?? ''
    expect((await machine.stemma(['keys', 'rotate'])).stdout).toContain(`in the place of ${old.name}`)
    const now = storedKey()
    expect(now.keyId).not.toBe(old.keyId)
    expect(now.retired).toEqual([{ publicKey: old.publicKey, retiredAt: '2026-11-22T12:00:01.000Z' }])
    expect(JSON.stringify(now)).not.toContain(old.privateKey)

    const listed = await machine.stemma(['keys'])
    expect(listed.stdout).toContain(now.keyId.slice(0, 12))
    expect(listed.stdout).toContain('(this machine)')
    expect(listed.stdout).not.toContain(old.keyId.slice(0, 12))
    expect((await machine.stemma(['keys', 'list', '--all'])).stdout).toContain('revoked 2026-11-22')

    expect((await pushSession('s-2', 'cart.ts')).code).toBe(0)
    expect(outgoing()).toEqual([])
    expect((await machine.stemma(['verify', before])).code).toBe(0)
  })

  it('revokes by id or name, as administrator too, and says when nothing is meant', async () => {
    await setUp()
    const { keyId } = storedKey()
    expect((await machine.stemma(['keys', 'revoke', 'nobody'])).stderr).toContain('No key is called nobody')
    expect((await machine.stemma(['keys', 'revoke'])).stderr).toContain('No key is named')
    const misled = await machine.stemma(['keys', 'rotate', 'laptop'])
    expect([misled.code, storedKey().keyId]).toEqual([2, keyId])
    expect(misled.stderr).toContain('takes no key')
    const environment = { STEMMA_TOKEN: ADMINISTRATOR }
    const done = await machine.stemma(['keys', 'revoke', keyId.slice(0, 8)], { environment })
    expect(done.code, done.stderr).toBe(0)
    expect(server.revoked.has(keyId)).toBe(true)
  })
})

describe('stemma push in GitHub Actions', () => {
  const runner = () => ({
    GITHUB_ACTIONS: 'true',
    ACTIONS_ID_TOKEN_REQUEST_URL: `${server.url}/actions/token?api-version=2.0`,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'of-the-runner',
  })

  it('asks for a token for this platform once, and sends evidence without any stored secret', async () => {
    await initialise()
    const pushed = await pushSession('s-1', 'basket.ts', runner())
    expect(pushed.code, pushed.stderr).toBe(0)
    expect(server.evidence.length).toBeGreaterThan(0)
    expect(server.audiences).toEqual([server.url])
    expect((await pushSession('s-2', 'cart.ts', runner())).code).toBe(0)
    expect(server.audiences).toHaveLength(1)
    expect(JSON.stringify(machine.snapshot(machine.home))).not.toContain('identity-token-')
  })

  it('says why it got none, and keeps the evidence', async () => {
    await initialise()
    const refused = await pushSession('s-1', 'basket.ts', { ...runner(), ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'wrong' })
    expect(refused.code).toBe(3)
    expect(refused.stdout).toContain('id-token: write')
    expect(outgoing().length).toBeGreaterThan(0)
    expect((await machine.stemma(['push', '--retry'], { environment: runner() })).code).toBe(0)
    expect(outgoing()).toEqual([])
  })
})
