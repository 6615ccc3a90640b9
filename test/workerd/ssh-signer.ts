/** Signatures in the form of `ssh-keygen -Y sign`, made inside workerd; test/core/evidence/ssh.test.ts uses the program itself. */
import { type Bytes, concatBytes, toBase64, utf8 } from '#core/evidence/bytes.ts'
import type { Signer } from '#core/evidence/key.ts'
import { readKeyText } from '#core/evidence/ssh-key.ts'
import { SSH_NAMESPACE } from '#core/evidence/ssh-signature.ts'
import { sshString, sshUint32 } from '#core/evidence/ssh-wire.ts'

export interface SshSigner extends Signer {
  /** As in a `.pub` file. */
  readonly line: string
}

export async function newSshSigner(kind: 'ssh-ed25519' | 'ecdsa-sha2-nistp521' = 'ssh-ed25519'): Promise<SshSigner> {
  const algorithm = kind === 'ssh-ed25519' ? { name: 'Ed25519' } : { name: 'ECDSA', namedCurve: 'P-521' }
  const pair = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  if (!('privateKey' in pair)) throw new TypeError('a pair was asked for')
  const exported = await crypto.subtle.exportKey('raw', pair.publicKey)
  if (!(exported instanceof ArrayBuffer)) throw new TypeError('raw is bytes')
  const raw = new Uint8Array(exported)
  const point = kind === 'ssh-ed25519' ? [sshString(raw)] : [sshString('nistp521'), sshString(raw)]
  const blob = concatBytes(sshString(kind), ...point)
  const line = `${kind} ${toBase64(blob)}`
  const parts = (digest: Bytes) => [sshString(SSH_NAMESPACE), sshString(''), sshString('sha512'), sshString(digest)]
  return {
    line: `${line} grace@laptop`,
    keyid: (await readKeyText(line)).id,
    sign: async (bytes) => {
      const digest = new Uint8Array(await crypto.subtle.digest('SHA-512', bytes))
      const signed = concatBytes(utf8('SSHSIG'), ...parts(digest))
      const made = new Uint8Array(await crypto.subtle.sign({ ...algorithm, hash: 'SHA-512' }, pair.privateKey, signed))
      const signature = kind === 'ssh-ed25519' ? made : concatBytes(mpint(made.slice(0, 66)), mpint(made.slice(66)))
      const inner = concatBytes(sshString(kind), sshString(signature))
      const head = parts(digest).slice(0, 3)
      return concatBytes(utf8('SSHSIG'), sshUint32(1), sshString(blob), ...head, sshString(inner))
    },
  }
}

function mpint(magnitude: Bytes): Bytes {
  const first = magnitude.findIndex((byte) => byte > 0)
  const short = magnitude.slice(first)
  return sshString((short[0] ?? 0) >= 0x80 ? concatBytes(new Uint8Array([0]), short) : short)
}
