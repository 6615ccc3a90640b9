/** An issuer of identity tokens like that of GitHub Actions: real keys, real signatures, every claim changeable. */
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'

export const ISSUER = 'https://token.actions.githubusercontent.com'

/** In the place of a run's own; undefined leaves one out. */
type Claims = Readonly<Record<string, unknown>>

export interface FakeIssuer {
  /** Answer of `/.well-known/jwks`; null for other addresses. */
  readonly answer: (request: Request) => Response | null
  readonly token: (claims?: Claims, header?: { readonly kid?: string; readonly alg?: string }) => Promise<string>
  /** A token that says it is by this issuer, by a key that is not. */
  readonly forge: (claims?: Claims) => Promise<string>
  /** How often the keys were read. */
  readonly reads: () => number
}

let serial = 0

export async function createIssuer(audience: string, issuer = ISSUER): Promise<FakeIssuer> {
  const own = await generateKeyPair('RS256', { extractable: true })
  const other = await generateKeyPair('RS256', { extractable: true })
  const jwk = { ...(await exportJWK(own.publicKey)), kid: 'key-1', alg: 'RS256', use: 'sig' }
  let reads = 0
  const claimsOf = (claims: Claims): JWTPayload => {
    const now = Math.floor(Date.now() / 1_000)
    return {
      jti: `run-${serial++}`,
      iss: issuer,
      aud: audience,
      iat: now,
      nbf: now - 60,
      exp: now + 300,
      sub: 'repo:acme/parser:ref:refs/heads/main',
      repository: 'acme/parser',
      repository_id: '4711',
      repository_owner: 'acme',
      repository_owner_id: '815',
      ref: 'refs/heads/main',
      sha: 'a'.repeat(40),
      event_name: 'push',
      job_workflow_ref: 'acme/parser/.github/workflows/ci.yml@refs/heads/main',
      run_id: '99',
      run_attempt: '1',
      actor: 'grace',
      ...claims,
    }
  }
  const sign = (claims: Claims, key: CryptoKey, kid = 'key-1') =>
    new SignJWT(claimsOf(claims)).setProtectedHeader({ alg: 'RS256', kid, typ: 'JWT' }).sign(key)
  return {
    answer: (request) => {
      if (request.url !== `${issuer}/.well-known/jwks`) return null
      reads++
      return Response.json({ keys: [jwk] })
    },
    token: (claims = {}, { kid } = {}) => sign(claims, own.privateKey, kid),
    forge: (claims = {}) => sign(claims, other.privateKey),
    reads: () => reads,
  }
}
