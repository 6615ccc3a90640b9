/** Identity tokens of GitHub Actions (OpenID Connect): who runs, vouched for by GitHub, without any stored secret. */
import { createRemoteJWKSet, customFetch, errors, jwtVerify } from 'jose'
import { z } from 'zod'
import type { Pipeline } from '#core/api/identity.ts'
import { Fault } from '#core/fault.ts'
import type { Env } from '../env.ts'

const GITHUB_ISSUER = 'https://token.actions.githubusercontent.com'
/** GitHub's tokens live for five minutes; whoever signs longer ones is not held to be it. */
const MAX_AGE_SECONDS = 15 * 60
const CLOCK_SKEW_SECONDS = 30
/** An unknown key id makes us ask again, but not more often than this. */
const COOLDOWN_MS = 30_000
const KEYS_MEMORY_MS = 10 * 60_000

/** Ids are what counts: names are shown, never compared. GitHub writes numbers as text. */
const id = z.union([z.int().positive(), z.string().regex(/^[1-9]\d{0,15}$/)]).transform(Number)
const optional = z
  .union([z.string(), z.number()])
  .transform((value) => String(value).slice(0, 500))
  .nullish()
  .transform((value) => value ?? null)
const Claims = z.object({
  aud: z.string(),
  exp: z.int(),
  repository: z
    .string()
    .regex(/^[^/\s]+\/[^/\s]+$/)
    .max(300),
  repository_id: id,
  repository_owner_id: id,
  ref: optional,
  sha: optional,
  event_name: optional,
  job_workflow_ref: optional,
  run_id: optional,
  run_attempt: optional,
  actor: optional,
})

const keySets = new Map<string, ReturnType<typeof createRemoteJWKSet>>()

export function issuerOf({ PIPELINE_ISSUER }: Env): string {
  return (PIPELINE_ISSUER ?? GITHUB_ISSUER).replace(/\/+$/, '')
}

/** Throws identity-token-invalid, -expired or -audience, or forge-unavailable where the issuer's keys cannot be had. */
export async function readPipelineToken(
  env: Env,
  token: string,
): Promise<{ readonly pipeline: Pipeline; readonly expiresAt: string }> {
  const issuer = issuerOf(env)
  const audience = env.PUBLIC_URL
  const payload = await verified(token, issuer, audience)
  const parsed = Claims.safeParse(payload)
  if (!parsed.success) throw invalid(`its claims are not those of a run: ${z.prettifyError(parsed.error)}`)
  const claims = parsed.data
  return {
    expiresAt: new Date((claims.exp + CLOCK_SKEW_SECONDS) * 1_000).toISOString(),
    pipeline: {
      issuer,
      repository: claims.repository,
      repositoryId: claims.repository_id,
      ownerId: claims.repository_owner_id,
      ref: claims.ref,
      sha: claims.sha,
      event: claims.event_name,
      workflow: claims.job_workflow_ref,
      runId: claims.run_id,
      runAttempt: claims.run_attempt,
      actor: claims.actor,
    },
  }
}

async function verified(token: string, issuer: string, audience: string): Promise<unknown> {
  try {
    const { payload } = await jwtVerify(token, keySetOf(issuer), {
      issuer,
      audience,
      algorithms: ['RS256'],
      clockTolerance: CLOCK_SKEW_SECONDS,
      maxTokenAge: MAX_AGE_SECONDS,
      requiredClaims: ['exp', 'iat'],
    })
    return payload
  } catch (cause) {
    throw faultOf(cause, audience)
  }
}

function keySetOf(issuer: string): ReturnType<typeof createRemoteJWKSet> {
  const known = keySets.get(issuer)
  if (known !== undefined) return known
  const keys = createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks`), {
    cooldownDuration: COOLDOWN_MS,
    cacheMaxAge: KEYS_MEMORY_MS,
    [customFetch]: (url, options) => fetch(url, options),
  })
  keySets.set(issuer, keys)
  return keys
}

function faultOf(cause: unknown, audience: string): Fault {
  const again = 'Run the job again: a new token is asked for with every run of `stemma push`.'
  if (cause instanceof errors.JWTExpired) {
    return new Fault('identity-token-expired', { message: 'The identity token has expired.', hint: again, cause })
  }
  if (cause instanceof errors.JWTClaimValidationFailed) {
    if (cause.claim === 'aud') {
      return new Fault('identity-token-audience', {
        message: `The identity token was not made for ${audience}.`,
        hint: `Name exactly this address in .stemma.yml: \`stemma init --server ${audience}\`.`,
        cause,
      })
    }
    if (cause.claim === 'nbf' || (cause.claim === 'iat' && cause.reason === 'check_failed')) {
      return new Fault('identity-token-expired', {
        message: 'The identity token is not valid yet.',
        hint: again,
        cause,
      })
    }
    return invalid(`its claim ${cause.claim} is not what it must be`, cause)
  }
  // The issuer did not answer, or not with keys: the token may well be right.
  const isAboutKeys = cause instanceof errors.JWKSTimeout || cause instanceof errors.JWKSInvalid
  if (isAboutKeys || !(cause instanceof errors.JOSEError) || cause.code === 'ERR_JOSE_GENERIC') {
    return new Fault('forge-unavailable', {
      message: 'The keys of the issuer of identity tokens cannot be read for now.',
      hint: 'The evidence is kept; try again with `stemma push --retry`.',
      cause,
    })
  }
  return invalid('its signature is not by the issuer', cause)
}

function invalid(why: string, cause?: unknown): Fault {
  return new Fault('identity-token-invalid', {
    message: `The identity token is refused: ${why}.`.slice(0, 1_000),
    hint: 'Give the job `permissions: id-token: write`, and let `stemma push` ask for the token.',
    cause,
  })
}
