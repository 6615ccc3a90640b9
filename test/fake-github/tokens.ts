/** Who asks: App JWTs are verified, installation tokens are issued, narrowed and expire. */
import { randomBytes } from 'node:crypto'
import { errors, jwtVerify } from 'jose'
import type { Context } from './context.ts'
import { badCredentials, Refusal } from './refusal.ts'
import {
  covers,
  type Installation,
  type Permission,
  type PermissionLevel,
  type Permissions,
  type Repository,
  type Token,
} from './state.ts'

/** GitHub refuses App JWTs that live longer. */
const JWT_LIFETIME_SECONDS = 600

function credential(request: Request): string {
  const header = request.headers.get('authorization')
  if (header === null) throw new Refusal(401, 'Requires authentication')
  const found = /^(?:bearer|token) +(\S+)$/i.exec(header)?.[1]
  if (found === undefined) throw badCredentials()
  return found
}

/** Throws as GitHub does unless the request carries a living JWT of the App. */
export async function requireApp(context: Context, request: Request): Promise<void> {
  const token = credential(request)
  const now = Math.floor(context.now() / 1000)
  const { payload } = await jwtVerify(token, context.app.publicKey, {
    algorithms: ['RS256'],
    currentDate: new Date(now * 1000),
    requiredClaims: ['iss', 'iat', 'exp'],
  }).catch((cause: unknown) => {
    if (cause instanceof errors.JWTExpired)
      throw new Refusal(
        401,
        "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
      )
    throw new Refusal(401, 'A JSON web token could not be decoded')
  })
  if (payload.exp === undefined || payload.exp - now > JWT_LIFETIME_SECONDS)
    throw new Refusal(401, "'Expiration time' claim ('exp') is too far in the future")
  if (payload.iat === undefined || payload.iat > now)
    throw new Refusal(
      401,
      "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
    )
  // Octokit writes the id as a number, and GitHub takes either.
  if (String(payload.iss) !== String(context.app.id)) throw new Refusal(404, 'Integration not found')
}

/** Throws as GitHub does unless the request carries a living installation token. */
export function requireToken(context: Context, request: Request): Token {
  const text = credential(request)
  const token = context.state.tokens.find((candidate) => candidate.token === text)
  if (token === undefined || token.expiresAt <= context.now()) throw badCredentials()
  refuseSuspended(installationOf(context, token))
  return token
}

export function installationOf(context: Context, token: Token): Installation {
  const found = context.state.installations.find(({ id }) => id === token.installationId)
  if (found === undefined) throw badCredentials()
  return found
}

export function reaches(context: Context, token: Token, repository: Repository): boolean {
  return (
    covers(installationOf(context, token), repository) &&
    (token.repositoryIds === null || token.repositoryIds.includes(repository.id))
  )
}

export interface Need {
  /** Any one of these is enough. */
  readonly permissions: readonly Permission[]
  readonly level: PermissionLevel
}

const ranks: Readonly<Record<PermissionLevel, number>> = { read: 1, write: 2 }

export function grants(permissions: Permissions, need: Need): boolean {
  return need.permissions.some((permission) => {
    const level = permissions[permission]
    return level !== undefined && ranks[level] >= ranks[need.level]
  })
}

/** A suspended installation gets no token, and those that it has open nothing. */
function refuseSuspended(installation: Installation): void {
  if (installation.suspendedAt) throw new Refusal(403, 'This installation has been suspended')
}

interface TokenRequest {
  readonly repositories?: readonly string[]
  readonly repository_ids?: readonly number[]
  readonly permissions?: Permissions
}

/** Issues a token for an installation, no wider than the installation itself. */
export function issueToken(context: Context, installation: Installation, asked: TokenRequest): Token {
  refuseSuspended(installation)
  const reachable = context.state.repositories.filter((repository) => covers(installation, repository))
  const wanted = [
    ...(asked.repository_ids ?? []),
    ...(asked.repositories ?? []).map((name) => reachable.find((repository) => repository.name === name)?.id ?? -1),
  ]
  if (wanted.some((id) => !reachable.some((repository) => repository.id === id)))
    throw new Refusal(
      422,
      'There is at least one repository that does not exist or is not accessible to the parent installation.',
    )
  const permissions = asked.permissions ?? installation.permissions
  for (const [permission, level] of Object.entries(permissions))
    if (!grants(installation.permissions, { permissions: [permission as Permission], level }))
      throw new Refusal(422, 'The permissions requested are not granted to this installation.')
  const token: Token = {
    token: `ghs_${randomBytes(27).toString('base64url').replaceAll(/[-_]/g, 'x')}`,
    installationId: installation.id,
    repositoryIds: asked.repositories === undefined && asked.repository_ids === undefined ? null : wanted,
    permissions: { metadata: 'read', ...permissions },
    expiresAt: context.now() + context.tokenLifetimeSeconds * 1000,
  }
  context.state.tokens.push(token)
  context.changed()
  return token
}
