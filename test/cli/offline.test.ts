/** A bundle taken elsewhere: witnesses, transcripts, what the platform signed, and keys that ended. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readWitnessKeys } from '#cli/verification/witnesses.ts'
import { utf8 } from '#core/evidence/bytes.ts'
import { writeKeyRevocation } from '#core/evidence/key-revocation.ts'
import { verifyBundle } from '#core/evidence/verify-bundle.ts'
import { waiverStatement } from '#core/policy/waiver-statement.ts'
import { basket, freshForEachTest, machine, server, session, setUp } from './enrolled.ts'
import { LOGGED_AT } from './server-log.ts'

freshForEachTest()

const LATER = '2026-11-22T12:00:01.000Z'

async function pushed(id: string, path: string): Promise<void> {
  session(id, path)
  machine.commit({ [path]: basket }, `Add ${path}`)
  expect((await machine.stemma(['push'])).code).toBe(0)
}

const bundlePath = () => join(machine.home, 'bundle.json')
const keyOfMachine = (): string =>
  JSON.parse(readFileSync(join(machine.home, '.config/stemma/keys', `${encodeURIComponent(server.url)}.json`), 'utf8'))
    .keyId

async function exported(words: readonly string[]) {
  const ran = await machine.stemma(['export', '--evidence', ...words, '--out', bundlePath()])
  expect(ran.code, ran.stderr).toBe(0)
  return JSON.parse(readFileSync(bundlePath(), 'utf8'))
}

/** On somebody else's machine, which knows nothing but the log's key. */
const elsewhere = (words: readonly string[]) =>
  machine.stemma([...words, '--log-key', server.log.verifierKey], {
    cwd: machine.home,
    environment: { HOME: join(machine.home, 'nobody') },
  })

/** What `stemma verify bundle.json` would say there. */
async function verified(witnesses: readonly string[] = []) {
  const keys = await readWitnessKeys(witnesses)
  return verifyBundle(readFileSync(bundlePath(), 'utf8'), [server.log.verifierKey], keys)
}

describe('a bundle', () => {
  it('holds cosigned trees, and is worth nothing where a witness is asked for that cosigned none', async () => {
    await setUp()
    await pushed('s1', 'basket.ts')
    const witness = ['--witness', server.log.witnessKey]
    expect((await machine.stemma(['verify', 'HEAD'])).code).toBe(0)
    const early = await machine.stemma(['verify', 'HEAD', ...witness])
    expect(early.code).toBe(4)
    expect(early.stdout).toContain('`stemma log receipts` asks for newer receipts')
    await exported(['HEAD'])
    expect(await verified([server.log.witnessKey])).toMatchObject({
      verified: false,
      problems: [{ code: 'not-cosigned' }],
    })

    server.log.cosign()
    expect(await machine.json(['log', 'receipts'])).toMatchObject({ cosignatures: 1 })
    const now = await machine.stemma(['verify', 'HEAD', ...witness])
    expect(now.code, now.stdout).toBe(0)
    expect(now.stdout).toMatch(/passed {2}witness +witness\.example\.com cosigned the tree/)
    const audited = await machine.stemma(['log', 'audit', ...witness])
    expect(audited.code, audited.stdout).toBe(0)
    expect(audited.stdout).toMatch(/witness +witness\.example\.com cosigned \d+ leaves at 2026-11-22T12:00:00.000Z/)

    for (const words of [['HEAD'], ['--all']]) {
      await exported(words)
      expect(await verified([server.log.witnessKey]), words.join()).toMatchObject({ verified: true })
    }
    expect((await elsewhere(['log', 'audit', bundlePath(), ...witness])).code).toBe(0)
    // A key of a log is none of a witness, and a false line in its name is told as one.
    expect((await elsewhere(['verify', bundlePath(), '--witness', server.log.verifierKey])).code).toBe(4)
    const text = readFileSync(bundlePath(), 'utf8')
    const [, signature = ''] = /\\n— witness\.example\.com (\S+?)\\n/.exec(text) ?? []
    writeFileSync(bundlePath(), text.replaceAll(signature, `${signature.slice(0, 40)}AAAA${signature.slice(44)}`))
    expect((await elsewhere(['verify', bundlePath(), ...witness])).stdout).toContain('cosignature-invalid')
    const forged = await verified([server.log.witnessKey])
    expect(forged.problems.map(({ code }) => code)).toContain('cosignature-invalid')
    const audit = await elsewhere(['log', 'audit', bundlePath(), ...witness])
    expect(audit.stdout).toContain('cosignature-invalid')
    expect(audit.code).toBe(4)
  })

  it('carries transcripts where they are asked for, and those only that were signed', async () => {
    await setUp()
    await pushed('s1', 'basket.ts')
    expect((await exported(['HEAD'])).evidence[0].transcript).toBeNull()
    const [transcript = ''] = server.transcripts.values()
    const bundle = await exported(['HEAD', '--transcripts'])
    expect(Buffer.from(bundle.evidence[0].transcript, 'base64').toString()).toBe(transcript)
    expect((await verified()).verified).toBe(true)
    const other = Buffer.from(`${transcript} `).toString('base64')
    writeFileSync(bundlePath(), JSON.stringify({ ...bundle, evidence: [{ ...bundle.evidence[0], transcript: other }] }))
    expect(await verified()).toMatchObject({
      verified: false,
      evidence: [{ problem: { code: 'transcript-mismatch' } }],
    })

    const [digest = ''] = server.transcripts.keys()
    server.transcripts.set(digest, `${transcript} `)
    expect((await machine.stemma(['export', '--evidence', 'HEAD', '--transcripts'])).stderr).toContain(
      'not the transcript',
    )
    server.erased.add(digest)
    expect((await exported(['HEAD', '--transcripts'])).evidence[0].transcript).toBeNull()
    expect((await machine.stemma(['export', '--sigstore', 'HEAD', '--transcripts'])).code).toBe(2)
  })

  it('proves which evidence was logged before its key ended, and that no end is left out', async () => {
    await setUp()
    await pushed('s1', 'basket.ts')
    const keyId = keyOfMachine()
    const waiver = { id: 'w1', policy: 'human-review', reason: 'Hotfix.', expiresAt: LATER, requestedBy: 'p1' }
    const scope = { kind: 'repository', repository: 'acme/shop' } as const
    await server.log.conclude(
      utf8(await waiverStatement({ waiver: { ...waiver, scope }, decision: 'approved', by: 'p2', at: LOGGED_AT })),
    )
    await server.log.conclude(writeKeyRevocation({ keyId, revokedAt: LATER }))
    const whole = await exported(['--all'])
    expect(whole.conclusions).toHaveLength(2)
    const good = await verified()
    expect(good.verified, JSON.stringify(good)).toBe(true)
    expect(good.conclusions.map(({ verdict }) => verdict).sort()).toEqual(['approved', 'revoked'])
    const words = await elsewhere(['verify', bundlePath()])
    expect(words.stdout).toContain(`key ${keyId.slice(0, 8)}`)
    expect(words.stdout).toContain('revoked keys: 1 key in the whole log')
    expect((await elsewhere(['log', 'audit', bundlePath()])).stdout).toContain(
      'ended keys  1, and no later leaf by them',
    )

    // Left out: the log tells that there is one.
    writeFileSync(bundlePath(), JSON.stringify({ ...whole, conclusions: [] }))
    expect(await verified()).toMatchObject({ verified: false, problems: [{ code: 'revocation-missing' }] })
    expect((await elsewhere(['log', 'audit', bundlePath()])).stdout).toContain('revocation-missing')

    // A server that goes on taking evidence by the key, with a time before its end: the order of leaves tells.
    await pushed('s2', 'late.ts')
    await exported(['--all'])
    const late = await verified()
    expect(late.verified).toBe(false)
    expect(late.evidence.map(({ problem }) => problem?.code ?? null)).toContain('key-revoked')
    expect(late.evidence.map(({ problem }) => problem)).toContain(null)
    expect((await elsewhere(['log', 'audit', bundlePath()])).stdout).toContain('key-revoked')
    // The end of its key goes along with a few pieces of evidence too, and nothing that is not about them.
    const part = await exported(['HEAD'])
    expect(part.conclusions).toHaveLength(1)
    expect(await verified()).toMatchObject({ verified: false, evidence: [{ problem: { code: 'key-revoked' } }] })
  })
})
