/** People and pipelines whom GitHub vouches for: which organisation lets them in. */
import { and, asc, eq, inArray, isNull, lt, or, sql } from 'drizzle-orm'
import type { SignUp } from '#core/api/identity.ts'
import type { Database } from './database.ts'
import { installations, organisations, people, pipelineOwners, usedIdentityTokens } from './schema.ts'

/** An account of GitHub, as GitHub itself tells it to who holds the account's token. */
export interface GitHubAccount {
  readonly id: number
  readonly login: string
  readonly name: string
}

interface Door {
  readonly organisation: { readonly id: string; readonly name: string }
  /** The person that this account is there; null: a stranger, whom the organisation's sign-up lets in. */
  readonly person: string | null
}

/** D1 binds at most 100 values. */
const MAX_INSTALLATIONS = 90

/** Every organisation that lets this account in, by name. `installationIds`: those that GitHub lets the account see. */
export async function organisationsOfAccount(
  database: Database,
  account: GitHubAccount,
  installationIds: readonly number[],
): Promise<readonly Door[]> {
  const columns = { id: organisations.id, name: organisations.name }
  const known = await database
    .select({ organisation: columns, person: people.id })
    .from(people)
    .innerJoin(organisations, eq(organisations.id, people.organisation))
    .where(
      or(
        eq(people.githubId, account.id),
        and(isNull(people.githubId), eq(sql`lower(${people.login})`, account.login.toLowerCase())),
      ),
    )
    .orderBy(asc(organisations.name))
  const open = await database
    .selectDistinct({ organisation: columns })
    .from(installations)
    .innerJoin(organisations, eq(organisations.id, installations.organisation))
    .where(
      and(
        inArray(installations.id, installationIds.slice(0, MAX_INSTALLATIONS)),
        eq(organisations.signUp, 'installation'),
      ),
    )
    .orderBy(asc(organisations.name))
  const isKnown = (id: string) => known.some(({ organisation }) => organisation.id === id)
  return [
    ...known,
    ...open
      .filter(({ organisation }) => !isKnown(organisation.id))
      .map(({ organisation }) => ({ organisation, person: null })),
  ]
}

/**
 * The person whom the account is from now on. null where the login belongs to another account here: it changed hands, and
 * whoever has it now is not let in on the name alone.
 */
export async function bindAccount(
  organisation: string,
  database: Database,
  { account, person, now }: { readonly account: GitHubAccount; readonly person: string | null; readonly now: string },
): Promise<{ readonly id: string; readonly name: string } | null> {
  if (person !== null) {
    const [bound] = await database
      .update(people)
      .set({ githubId: account.id })
      .where(
        and(
          eq(people.organisation, organisation),
          eq(people.id, person),
          or(isNull(people.githubId), eq(people.githubId, account.id)),
        ),
      )
      .returning({ id: people.id, name: people.name })
    return bound ?? null
  }
  const { id: githubId, login, name } = account
  const [made] = await database
    .insert(people)
    .values({ organisation, id: crypto.randomUUID(), name, login, role: 'member', githubId, createdAt: now })
    .onConflictDoNothing()
    .returning({ id: people.id, name: people.name })
  return made ?? null
}

export async function findSignUp(organisation: string, database: Database): Promise<SignUp> {
  const [row] = await database
    .select({ signUp: organisations.signUp })
    .from(organisations)
    .where(eq(organisations.id, organisation))
  return row?.signUp ?? 'invited'
}

export async function setSignUp(organisation: string, database: Database, signUp: SignUp): Promise<void> {
  await database.update(organisations).set({ signUp }).where(eq(organisations.id, organisation))
}

/** The person's login on GitHub; null where there is no such person. */
export async function findLogin(organisation: string, database: Database, person: string): Promise<string | null> {
  const [row] = await database
    .select({ login: people.login })
    .from(people)
    .where(and(eq(people.organisation, organisation), eq(people.id, person)))
  return row?.login ?? null
}

export async function installationsOf(organisation: string, database: Database): Promise<readonly number[]> {
  const rows = await database
    .select({ id: installations.id })
    .from(installations)
    .where(eq(installations.organisation, organisation))
  return rows.map(({ id }) => id)
}

interface PipelineOwnerRow {
  readonly ownerId: number
  readonly repositories: readonly number[] | null
  readonly createdAt: string
}

export async function listPipelineOwners(
  organisation: string,
  database: Database,
  issuer: string,
): Promise<readonly PipelineOwnerRow[]> {
  return database
    .select({
      ownerId: pipelineOwners.ownerId,
      repositories: pipelineOwners.repositories,
      createdAt: pipelineOwners.createdAt,
    })
    .from(pipelineOwners)
    .where(and(eq(pipelineOwners.organisation, organisation), eq(pipelineOwners.issuer, issuer)))
    .orderBy(asc(pipelineOwners.ownerId))
}

/** false where the owner's pipelines belong to another organisation. */
export async function setPipelineOwner(
  organisation: string,
  database: Database,
  row: PipelineOwnerRow & { readonly issuer: string; readonly person: string },
): Promise<boolean> {
  const written = await database
    .insert(pipelineOwners)
    .values({ organisation, ...row })
    .onConflictDoUpdate({
      target: [pipelineOwners.issuer, pipelineOwners.ownerId],
      set: { repositories: row.repositories, person: row.person },
      setWhere: eq(pipelineOwners.organisation, organisation),
    })
    .returning({ ownerId: pipelineOwners.ownerId })
  return written.length > 0
}

/** false where the organisation had no such owner. */
export async function removePipelineOwner(
  organisation: string,
  database: Database,
  { issuer, ownerId }: { readonly issuer: string; readonly ownerId: number },
): Promise<boolean> {
  const removed = await database
    .delete(pipelineOwners)
    .where(
      and(
        eq(pipelineOwners.organisation, organisation),
        eq(pipelineOwners.issuer, issuer),
        eq(pipelineOwners.ownerId, ownerId),
      ),
    )
    .returning({ ownerId: pipelineOwners.ownerId })
  return removed.length > 0
}

/** The organisation that takes the owner's pipelines, and which of them; null where none does. */
export async function organisationOfPipelines(
  database: Database,
  { issuer, ownerId }: { readonly issuer: string; readonly ownerId: number },
) {
  const [row] = await database
    .select({
      organisation: { id: organisations.id, name: organisations.name },
      repositories: pipelineOwners.repositories,
    })
    .from(pipelineOwners)
    .innerJoin(organisations, eq(organisations.id, pipelineOwners.organisation))
    .where(and(eq(pipelineOwners.issuer, issuer), eq(pipelineOwners.ownerId, ownerId)))
  return row ?? null
}

/** Whether the token was new: of several requests with one token, exactly one is told so. */
export async function useIdentityToken(
  organisation: string,
  database: Database,
  { digest, expiresAt, now }: { readonly digest: string; readonly expiresAt: string; readonly now: string },
): Promise<boolean> {
  const used = await database
    .insert(usedIdentityTokens)
    .values({ organisation, digest, expiresAt })
    .onConflictDoNothing()
    .returning({ digest: usedIdentityTokens.digest })
  // An expired token is refused for its age: nothing needs to be remembered of it.
  await database
    .delete(usedIdentityTokens)
    .where(and(eq(usedIdentityTokens.organisation, organisation), lt(usedIdentityTokens.expiresAt, now)))
  return used.length > 0
}
