/** The secret token of a group's webhooks: derived, so that nothing is stored and no group knows that of another. */
import { fromHex, toHex, utf8 } from '#core/evidence/bytes.ts'

/** 64 hex digits: what is typed under "Secret token" of the webhook. `group`: GitLab's id. */
export async function webhookToken(secret: string, group: number): Promise<string> {
  const key = await keyOf(secret, 'sign')
  return toHex(new Uint8Array(await crypto.subtle.sign('HMAC', key, nameOf(group))))
}

/** `header`: the value of `X-Gitlab-Token`. `crypto.subtle.verify` compares in constant time. */
export async function isTokenOf(group: number, header: string | undefined, secret: string): Promise<boolean> {
  const given = /^[0-9a-f]{64}$/.test(header ?? '') ? fromHex(header ?? '') : null
  // An empty secret would make a token that anybody can make.
  if (given === null || secret === '') return false
  return crypto.subtle.verify('HMAC', await keyOf(secret, 'verify'), given, nameOf(group))
}

function nameOf(group: number) {
  return utf8(`stemma gitlab webhook of group ${group}`)
}

function keyOf(secret: string, use: 'sign' | 'verify'): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', utf8(secret), { name: 'HMAC', hash: 'SHA-256' }, false, [use])
}
