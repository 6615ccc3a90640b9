/** Hashes, HMAC, and JSON Web Tokens as far as one hash can verify them. */
import type { Surroundings } from '../machine.ts'
import { compareNumbers, multiply } from '../number.ts'
import { get, isArray, isNumber, isObject, RegoObject, type Value } from '../value.ts'
import { type Builtin, define, object, refuseValue, text, unsupported } from './builtin.ts'
import { fromBase64Url, fromBytes, toBytes, toHex } from './bytes.ts'
import { unmarshal } from './encoding.ts'
import { hmac, md5, sha1, sha256 } from './hash.ts'

type Hash = (bytes: Uint8Array) => Uint8Array

function hashing(name: string, hash: Hash): Builtin {
  return define(name, 1, (value) => toHex(hash(toBytes(text(value, 1)))))
}

function keyed(name: string, hash: Hash): Builtin {
  return define(name, 2, (value, key) => toHex(hmac(hash, toBytes(text(key, 2)), toBytes(text(value, 1)))))
}

interface Token {
  readonly header: Value
  readonly payload: Value
  readonly signature: Uint8Array
  readonly signed: string
}

function decodeToken(token: string): Token {
  const parts = token.split('.')
  const [header = '', payload = '', signature = ''] = parts
  if (parts.length !== 3) refuseValue('encoded JWT must have 3 sections')
  const bytes = (part: string, what: string): Uint8Array =>
    fromBase64Url(part) ?? refuseValue(`JWT ${what} had invalid encoding`)
  const head = unmarshal(fromBytes(bytes(header, 'header')))
  if (isObject(head) && get(head, 'enc') !== undefined) refuseValue('JWT is a JWE object, which is not supported')
  return {
    header: head,
    payload: unmarshal(fromBytes(bytes(payload, 'payload'))),
    signature: bytes(signature, 'signature'),
    signed: `${header}.${payload}`,
  }
}

/** Takes the same time wherever the first difference is. */
function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  a.forEach((byte, index) => {
    difference |= byte ^ (b[index] as number)
  })
  return difference === 0
}

function verifyHs256(token: string, secret: string): boolean {
  const { header, signed, signature } = decodeToken(token)
  if (!isObject(header) || get(header, 'alg') !== 'HS256') return false
  return sameBytes(hmac(sha256, toBytes(secret), toBytes(signed)), signature)
}

function isAudience(wanted: Value | undefined, claimed: Value | undefined): boolean {
  if (wanted === undefined) return claimed === undefined
  return claimed !== undefined && (claimed === wanted || (isArray(claimed) && claimed.includes(wanted)))
}

/** [valid, header, payload]: signature by `secret`, then time, issuer and audience as the constraints ask. */
function decodeVerify([token, constraints]: readonly Value[], { now }: Surroundings): Value {
  const none: Value = [false, new RegoObject(), new RegoObject()]
  const wanted = object(constraints as Value, 2)
  const secret = get(wanted, 'secret')
  if (typeof secret !== 'string')
    return unsupported('io.jwt.decode_verify', 'only HS256 with a secret can be verified here')
  const source = text(token as Value, 1)
  const { header, payload } = decodeToken(source)
  const algorithm = get(wanted, 'alg')
  if (!verifyHs256(source, secret) || (algorithm !== undefined && algorithm !== 'HS256') || !isObject(payload))
    return none
  const issuer = get(wanted, 'iss')
  if (issuer !== undefined && issuer !== get(payload, 'iss')) return none
  if (!isAudience(get(wanted, 'aud'), get(payload, 'aud'))) return none
  const time = get(wanted, 'time') ?? now
  const [expires, begins] = [get(payload, 'exp'), get(payload, 'nbf')]
  const at = (claim: Value): number =>
    isNumber(claim) && isNumber(time) ? compareNumbers(time, multiply(claim, 1_000_000_000)) : Number.NaN
  if (expires !== undefined && !(at(expires) < 0)) return none
  if (begins !== undefined && !(at(begins) >= 0)) return none
  return [true, header, payload]
}

const algorithms = [
  'rs256',
  'rs384',
  'rs512',
  'ps256',
  'ps384',
  'ps512',
  'es256',
  'es384',
  'es512',
  'eddsa',
  'hs384',
  'hs512',
]

export const crypto: readonly Builtin[] = [
  hashing('crypto.md5', md5),
  hashing('crypto.sha1', sha1),
  hashing('crypto.sha256', sha256),
  keyed('crypto.hmac.md5', md5),
  keyed('crypto.hmac.sha1', sha1),
  keyed('crypto.hmac.sha256', sha256),
  define('crypto.hmac.equal', 2, (a, b) => sameBytes(toBytes(text(a, 1)), toBytes(text(b, 2)))),
  define('io.jwt.decode', 1, (token) => {
    const { header, payload, signature } = decodeToken(text(token, 1))
    return [header, payload, toHex(signature)]
  }),
  define('io.jwt.verify_hs256', 2, (token, secret) => verifyHs256(text(token, 1), text(secret, 2))),
  { name: 'io.jwt.decode_verify', arity: 2, run: decodeVerify },
  ...algorithms.map((algorithm) =>
    define(`io.jwt.verify_${algorithm}`, 2, () =>
      unsupported(`io.jwt.verify_${algorithm}`, 'only HS256 can be verified inside a policy'),
    ),
  ),
]
