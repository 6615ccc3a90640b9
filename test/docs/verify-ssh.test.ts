/** SSH keys of all kinds, as ssh-keygen makes and uses them: both verifiers agree about each. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, test } from 'vitest'
import { writeBundle } from '#core/evidence/bundle.ts'
import { type Bytes, toBase64, utf8 } from '#core/evidence/bytes.ts'
import type { Envelope } from '#core/evidence/envelope.ts'
import { readKeyText } from '#core/evidence/ssh-key.ts'
import { readSshArmour, SSH_NAMESPACE } from '#core/evidence/ssh-signature.ts'
import { readSshWire, sshString, sshUint32 } from '#core/evidence/ssh-wire.ts'
import { createDevice, createMemoryLog, type Device, signPayload, statementBytes } from './evidence-log.ts'
import { agree, type Case, lacking } from './verifiers.ts'

const folder = mkdtempSync(join(tmpdir(), 'stemma-verifiers-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const hasSshKeygen = spawnSync('ssh-keygen', ['-?']).error === undefined

const ORIGIN = 'stemma.test/log/one'
const changed = (bytes: Bytes, at: number) => bytes.map((byte, index) => (index === at ? byte ^ 1 : byte))

interface SshSigner extends Device {
  readonly line: string
  readonly signIn: (namespace: string, bytes: Bytes, options?: readonly string[]) => Bytes
}

async function sshSigner(name: string, options: readonly string[]): Promise<SshSigner> {
  const path = join(folder, name)
  execFileSync('ssh-keygen', ['-q', ...options, '-N', '', '-C', 'ada@laptop', '-f', path])
  const line = readFileSync(`${path}.pub`, 'utf8').trim()
  const { id, spki } = await readKeyText(line)
  const signIn: SshSigner['signIn'] = (namespace, bytes, more = []) => {
    const words = ['-Y', 'sign', '-q', '-f', path, '-n', namespace, ...more]
    const armoured = execFileSync('ssh-keygen', words, { input: bytes, stdio: ['pipe', 'pipe', 'ignore'] }).toString()
    return readSshArmour(armoured) ?? new Uint8Array()
  }
  return { spki, line, signIn, signer: { keyid: id, sign: async (bytes) => signIn(SSH_NAMESPACE, bytes) } }
}

/** A log of one envelope, and the bundle of it under these keys. */
async function bundleOf(signer: Device, envelope: Envelope, keys: readonly string[]) {
  const log = await createMemoryLog(ORIGIN, signer, [envelope])
  const bundle = { ...(await log.bundle([0])), keys: keys.map((publicKey) => ({ publicKey })) }
  return { bundle: writeBundle(bundle), logKeys: [log.vkey] }
}

describe.skipIf(!hasSshKeygen)(`SSH keys${lacking}`, () => {
  const kinds = [
    ['ed25519', ['-t', 'ed25519']],
    ['ecdsa 256', ['-t', 'ecdsa', '-b', '256']],
    ['ecdsa 384', ['-t', 'ecdsa', '-b', '384']],
    ['ecdsa 521', ['-t', 'ecdsa', '-b', '521']],
    ['rsa 2048', ['-t', 'rsa', '-b', '2048']],
  ] as const

  test('sign evidence as ssh-keygen does, in our namespace and over these bytes only', async () => {
    const payload = statementBytes(1)
    const cases: Case[] = []
    const [other, device] = [await sshSigner('other', ['-t', 'ed25519']), await createDevice()]
    for (const [kind, options] of kinds) {
      const own = await sshSigner(kind.replace(' ', '-'), options)
      const good = await signPayload(own, payload)
      const [signature = { keyid: null, bytes: new Uint8Array() }] = good.signatures
      const add = async (
        name: string,
        reason: string | null,
        envelope: Envelope,
        keys: readonly string[] = [own.line],
      ) => cases.push({ name: `${kind}: ${name}`, reason, ...(await bundleOf(own, envelope, keys)) })
      const signedAs = (bytes: Bytes): Envelope => ({ ...good, signatures: [{ ...signature, bytes }] })
      const message = utf8('something else')
      await add('as it was signed', null, good)
      await add('without a comment', null, good, [own.line.split(' ').slice(0, 2).join(' ')])
      await add('beside other keys', null, good, [other.line, toBase64(device.spki), own.line])
      await add('by nobody known', 'key-unknown', good, [other.line])
      await add('of other bytes', 'signature-invalid', signedAs(own.signIn(SSH_NAMESPACE, message)))
      for (const namespace of ['git', 'file']) {
        await add(`as of a ${namespace}`, 'signature-invalid', signedAs(own.signIn(namespace, preSigned(good))))
        await add(`as of a ${namespace}, renamed`, 'signature-invalid', signedAs(renamed(own, good, namespace)))
      }
      await add(
        'by another key',
        'signature-invalid',
        signedAs((await signPayload(other, payload)).signatures[0]?.bytes ?? new Uint8Array()),
      )
      await add('cut off', 'signature-invalid', signedAs(signature.bytes.slice(0, -1)))
      await add('and a byte', 'signature-invalid', signedAs(new Uint8Array([...signature.bytes, 0])))
      for (let part = 0; part < 12; part++) {
        const at = Math.floor((signature.bytes.length * part) / 12)
        await add(`byte ${at} changed`, 'signature-invalid', signedAs(changed(signature.bytes, at)))
      }
      const bytes = preSigned(good)
      await add(
        'by the other hash of SSHSIG',
        null,
        signedAs(own.signIn(SSH_NAMESPACE, bytes, ['-O', 'hashalg=sha256'])),
      )
    }
    await agree(cases)
  }, 180_000)

  test('are refused where they are weak, of a security token, or not what their line says', async () => {
    const own = await sshSigner('own', ['-t', 'ecdsa', '-b', '256'])
    const [small, edwards] = [await smallRsa(), await sshSigner('edwards', ['-t', 'ed25519'])]
    const envelope = await signPayload(own, statementBytes(1))
    const blob = new Uint8Array(Buffer.from(own.line.split(' ')[1] ?? '', 'base64'))
    const lineOf = (kind: string, bytes: Bytes) => `${kind} ${toBase64(bytes)}`
    const wrong: readonly (readonly [string, string])[] = [
      ['a modulus of 1024 bits', small],
      ['a point off its curve', lineOf('ecdsa-sha2-nistp256', changed(blob, blob.length - 1))],
      ['a point that is cut off', lineOf('ecdsa-sha2-nistp256', blob.slice(0, -1))],
      ['something behind its end', lineOf('ecdsa-sha2-nistp256', new Uint8Array([...blob, 1]))],
      ['another kind than its line says', lineOf('ecdsa-sha2-nistp384', blob)],
      ['a key of a token', `sk-ssh-ed25519@openssh.com ${edwards.line.split(' ')[1]}`],
      [
        'of low order',
        lineOf('ssh-ed25519', new Uint8Array([...sshString('ssh-ed25519'), ...sshString(new Uint8Array(32))])),
      ],
      ['DSA', lineOf('ssh-dss', sshString('ssh-dss'))],
      ['words', 'ssh-ed25519'],
    ]
    const cases = await Promise.all(
      wrong.map(async ([name, line]) => ({
        name,
        reason: 'key-malformed',
        ...(await bundleOf(own, envelope, [line, own.line])),
      })),
    )
    await agree(cases)
  })
})

/** The bytes that an envelope's signature is over. */
function preSigned({ payloadType, payload }: Envelope): Bytes {
  const type = utf8(payloadType)
  return new Uint8Array([...utf8(`DSSEv1 ${type.length} `), ...type, ...utf8(` ${payload.length} `), ...payload])
}

/** Signed in another namespace, which is then put into ours. */
function renamed(own: SshSigner, envelope: Envelope, namespace: string): Bytes {
  const wire = readSshWire(own.signIn(namespace, preSigned(envelope)))
  wire.bytes(10)
  const key = wire.string() ?? new Uint8Array()
  wire.string()
  const rest = [wire.string(), wire.string(), wire.string()].map((part) => [...sshString(part ?? '')])
  return new Uint8Array([
    ...utf8('SSHSIG'),
    ...sshUint32(1),
    ...sshString(key),
    ...sshString(SSH_NAMESPACE),
    ...rest.flat(),
  ])
}

async function smallRsa(): Promise<string> {
  const { generateKeyPairSync } = await import('node:crypto')
  const { n = '', e = '' } = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' })
  const parts = [
    utf8('ssh-rsa'),
    new Uint8Array(Buffer.from(e, 'base64url')),
    new Uint8Array([0, ...Buffer.from(n, 'base64url')]),
  ]
  return `ssh-rsa ${toBase64(new Uint8Array(parts.flatMap((part) => [...sshString(part)])))}`
}
