/** Whether GitHub sent these bytes: HMAC-SHA256 with the webhook secret, judged before anything is parsed. */
import { fromHex, utf8 } from '#core/evidence/bytes.ts'

/** `header`: the value of `X-Hub-Signature-256`. `crypto.subtle.verify` compares in constant time. */
export async function isSignedByGitHub(
  body: Uint8Array<ArrayBuffer>,
  header: string | undefined,
  secret: string,
): Promise<boolean> {
  const digest = /^sha256=([0-9a-f]{64})$/.exec(header ?? '')?.[1]
  const signature = digest === undefined ? null : fromHex(digest)
  // An empty secret would make a signature that anybody can make.
  if (signature === null || secret === '') return false
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', utf8(secret), algorithm, false, ['verify'])
  return crypto.subtle.verify('HMAC', key, signature, body)
}
