/**
 * Keys of security tokens (FIDO, `sk-…`). No token is needed: what one signs is public (openssh-portable, PROTOCOL.u2f), and
 * where ssh-keygen is installed it says itself that the signatures made here are right.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash, generateKeyPairSync, type KeyObject, sign as signSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { type Bytes, concatBytes, fromBase64, toBase64, utf8 } from '#core/evidence/bytes.ts'
import { readKeyText } from '#core/evidence/ssh-key.ts'
import { SSH_NAMESPACE } from '#core/evidence/ssh-signature.ts'
import { sshString, sshUint32 } from '#core/evidence/ssh-wire.ts'

const folder = mkdtempSync(join(tmpdir(), 'stemma-ssh-token-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const hasSshKeygen = spawnSync('ssh-keygen', ['-?']).error === undefined

const message = utf8('what the evidence says\n')
const PRESENT = 0x01
const VERIFIED = 0x04

interface Token {
  readonly type: string
  readonly blob: Bytes
  readonly sign: (bytes: Bytes) => Bytes
}

const sha256 = (bytes: Bytes): Bytes => new Uint8Array(createHash('sha256').update(bytes).digest())

const raw = (key: KeyObject, field: 'x' | 'y'): Bytes =>
  new Uint8Array(Buffer.from(String(key.export({ format: 'jwk' })[field]), 'base64url'))

function ed25519Token(application = 'ssh:'): Token {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const type = 'sk-ssh-ed25519@openssh.com'
  const blob = concatBytes(sshString(type), sshString(raw(publicKey, 'x')), sshString(application))
  return { type, blob, sign: (bytes) => new Uint8Array(signSync(null, bytes, privateKey)) }
}

function curveToken(application = 'ssh:'): Token {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const type = 'sk-ecdsa-sha2-nistp256@openssh.com'
  const point = concatBytes(new Uint8Array([4]), raw(publicKey, 'x'), raw(publicKey, 'y'))
  const blob = concatBytes(sshString(type), sshString('nistp256'), sshString(point), sshString(application))
  const sign = (bytes: Bytes): Bytes => {
    const fixed = new Uint8Array(signSync('sha256', bytes, { key: privateKey, dsaEncoding: 'ieee-p1363' }))
    return concatBytes(mpint(fixed.slice(0, 32)), mpint(fixed.slice(32)))
  }
  return { type, blob, sign }
}

function mpint(fixed: Bytes): Bytes {
  const bare = fixed.slice(fixed.findIndex((byte) => byte !== 0))
  return sshString((bare[0] ?? 0) >= 0x80 ? concatBytes(new Uint8Array([0]), bare) : bare)
}

const line = ({ type, blob }: Token): string => `${type} ${toBase64(blob)} ada@laptop`

interface Asked {
  readonly flags?: number
  readonly counter?: number
  /** That which the token signs for; what stands in the key where left out. */
  readonly application?: string
  /** Bytes after the signature itself. */
  readonly told?: (token: Bytes) => Bytes
}

function signature(
  token: Token,
  { flags = PRESENT, counter = 7, application = 'ssh:', told = (own) => own }: Asked = {},
) {
  const head = concatBytes(sshString(SSH_NAMESPACE), sshString(''), sshString('sha512'))
  const digest = new Uint8Array(createHash('sha512').update(message).digest())
  const whole = concatBytes(utf8('SSHSIG'), head, sshString(digest))
  const own = concatBytes(new Uint8Array([flags]), sshUint32(counter))
  const signed = token.sign(concatBytes(sha256(utf8(application)), own, sha256(whole)))
  const inner = concatBytes(sshString(token.type), sshString(signed), told(own))
  return concatBytes(utf8('SSHSIG'), sshUint32(1), sshString(token.blob), head, sshString(inner))
}

describe.each([
  ['Ed25519', ed25519Token],
  ['ECDSA', curveToken],
])('a key of a security token, %s', (_, make) => {
  test('verifies with the flags, the counter and the application that it signed, and with no others', async () => {
    const token = make()
    const key = await readKeyText(line(token))
    expect(await key.verifies(signature(token), message)).toBe(true)
    expect(await key.verifies(signature(token, { flags: PRESENT | VERIFIED, counter: 4_000_000_000 }), message)).toBe(
      true,
    )
    expect(await key.verifies(signature(token), utf8('something else'))).toBe(false)
    expect(await key.verifies(signature(token, { application: 'ssh:work' }), message)).toBe(false)
    expect(await (await readKeyText(line(make()))).verifies(signature(token), message)).toBe(false)
    for (const at of [0, 1, 4]) {
      const changed = (own: Bytes) => own.map((byte, index) => (index === at ? byte ^ 2 : byte))
      expect(await key.verifies(signature(token, { told: changed }), message), `byte ${at}`).toBe(false)
    }
    for (const told of [(own: Bytes) => own.slice(0, 4), (own: Bytes) => concatBytes(own, new Uint8Array([0]))]) {
      expect(await key.verifies(signature(token, { told }), message)).toBe(false)
    }
  })

  test('does not count where nobody touched the token', async () => {
    const token = make()
    const key = await readKeyText(line(token))
    expect(await key.verifies(signature(token, { flags: 0 }), message)).toBe(false)
    expect(await key.verifies(signature(token, { flags: VERIFIED }), message)).toBe(false)
  })

  test('is refused where it was made for a website', async () => {
    await expect(readKeyText(line(make('https://example.org')))).rejects.toMatchObject({ code: 'key-weak' })
    expect(await readKeyText(line(make('ssh:work')))).toMatchObject({ id: expect.stringMatching(/^[0-9a-f]{64}$/) })
  })

  test.skipIf(!hasSshKeygen)('ssh-keygen accepts the signatures that are made here', () => {
    const token = make()
    const allowed = join(folder, `allowed-${token.type}`)
    writeFileSync(allowed, `ada namespaces="${SSH_NAMESPACE}" ${token.type} ${toBase64(token.blob)}\n`)
    const armoured = toBase64(signature(token)).replace(/.{1,70}/g, '$&\n')
    const file = join(folder, `sig-${token.type}`)
    writeFileSync(file, `-----BEGIN SSH SIGNATURE-----\n${armoured}-----END SSH SIGNATURE-----\n`)
    const words = ['-Y', 'verify', '-f', allowed, '-I', 'ada', '-n', SSH_NAMESPACE, '-s', file]
    expect(execFileSync('ssh-keygen', words, { input: message }).toString()).toContain('Good')
  })
})

test('a plain signature is none of a token’s key, though the key inside is the same', async () => {
  const token = ed25519Token()
  const key = await readKeyText(line(token))
  const bare = concatBytes(
    sshString('ssh-ed25519'),
    token.blob.slice(4 + token.type.length, 4 + token.type.length + 36),
  )
  const plain = await readKeyText(`ssh-ed25519 ${toBase64(bare)}`)
  expect(plain.id).toBe(key.id)
  expect(await plain.verifies(signature(token), message)).toBe(false)
})

test('a certificate is refused with the way to the key that it certifies', async () => {
  const certificate = `ssh-ed25519-cert-v01@openssh.com ${toBase64(fromBase64('AAAA') ?? new Uint8Array())}`
  await expect(readKeyText(certificate)).rejects.toMatchObject({
    code: 'key-weak',
    message: expect.stringContaining('certificate'),
    hint: expect.stringContaining('without `-cert`'),
  })
})
