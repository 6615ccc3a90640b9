/** Attestations of an organisation. A row is never deleted: who vouched for what stays on record. */
import { type SQL, sql } from 'drizzle-orm'
import type { ConclusionView } from '#core/api/conclusions.ts'
import { AttestationView } from '#core/api/frameworks.ts'
import { ATTESTATION_PREDICATE } from '#core/framework/attestation-statement.ts'
import { type Database, openDatabase } from './database.ts'
import { type Log, logStatement } from './log-statement.ts'
import { type PageRequest, pageOf, readCursor } from './page.ts'
import { attestations } from './schema.ts'

/** More than a framework has controls and an organisation has products, many times over. */
const MAX_READ = 1_000

export async function saveAttestation(
  organisation: string,
  database: Database,
  attestation: Pick<
    AttestationView,
    'id' | 'framework' | 'control' | 'scope' | 'reason' | 'createdAt' | 'expiresAt'
  > & { readonly person: string; readonly statement: string },
): Promise<void> {
  await database.insert(attestations).values({ organisation, ...attestation })
}

export async function findAttestation(
  organisation: string,
  database: Database,
  id: string,
): Promise<AttestationView | null> {
  const [found] = await select(organisation, database, sql`t.id = ${id}`)
  return found ?? null
}

/** Newest first, those that ended included. */
export async function listAttestations(
  organisation: string,
  database: Database,
  { framework, page }: { readonly framework: string | null; readonly page: PageRequest },
): Promise<{ readonly items: readonly AttestationView[]; readonly next: string | null }> {
  const after = readCursor(page.cursor)
  const later = after === null ? sql`` : sql`and (t.created_at, t.id) < (${after[0]}, ${after[1]})`
  const chosen = framework === null ? sql`true` : sql`t.framework = ${framework}`
  const rows = await select(
    organisation,
    database,
    sql`${chosen} ${later} order by t.created_at desc, t.id desc limit ${page.limit + 1}`,
  )
  return pageOf(rows, page.limit, ({ createdAt, id }) => [createdAt, id])
}

/** All of a framework that nobody took back, expired ones included: a posture says so. */
export function attestationsOf(
  organisation: string,
  database: Database,
  framework: string,
): Promise<readonly AttestationView[]> {
  const within = sql`t.framework = ${framework} and t.revoked_at is null`
  return select(organisation, database, sql`${within} order by t.created_at desc limit ${MAX_READ}`)
}

export async function revokeAttestation(
  organisation: string,
  database: Database,
  { id, person, now, statement }: Record<'id' | 'person' | 'now' | 'statement', string>,
): Promise<void> {
  await database.run(
    sql`update attestations set revoked_at = ${now}, revoked_by = ${person}, statement = ${statement}, log_index = null
        where organisation = ${organisation} and id = ${id} and revoked_at is null`,
  )
}

/** Has the newest decision about an attestation signed and logged. The same statement again gives the same leaf. */
export async function logAttestation(
  organisation: string,
  env: Log & { readonly DB: D1Database },
  { id, statement, at }: Record<'id' | 'statement' | 'at', string>,
): Promise<void> {
  const { index } = await attestDecision(organisation, env, { statement, at })
  await openDatabase(env.DB).run(
    sql`update attestations set log_index = ${index}
        where organisation = ${organisation} and id = ${id} and statement = ${statement}`,
  )
}

/** By which `stemma verify FILE` checks a decision about an attestation. */
export function attestDecision(
  organisation: string,
  env: Log,
  decided: Record<'statement' | 'at', string>,
): Promise<ConclusionView> {
  return logStatement(organisation, env, { ...decided, predicateType: ATTESTATION_PREDICATE })
}

/** Of every organisation, those whose newest decision is not in the log. Nobody asks this but the clock. */
export function unloggedAttestations(
  database: Database,
  limit: number,
): Promise<readonly { readonly organisation: string; readonly id: string; readonly statement: string }[]> {
  return database.all(
    sql`select organisation, id, statement from attestations where statement is not null and log_index is null
        limit ${limit}`,
  )
}

interface StoredAttestation extends Omit<AttestationView, 'by' | 'revokedBy'> {
  readonly person: string
  readonly personName: string
  readonly revokedBy: string | null
  readonly revokedByName: string | null
}

async function select(organisation: string, database: Database, rest: SQL): Promise<readonly AttestationView[]> {
  const rows = await database.all<StoredAttestation>(
    sql`select t.id, t.framework, t.control, t.scope, t.reason, t.created_at as createdAt, t.expires_at as expiresAt,
          t.revoked_at as revokedAt, t.log_index as logIndex, t.person, p.name as personName, t.revoked_by as revokedBy,
          r.name as revokedByName
        from attestations t
        join people p on p.organisation = t.organisation and p.id = t.person
        left join people r on r.organisation = t.organisation and r.id = t.revoked_by
        where t.organisation = ${organisation} and ${rest}`,
  )
  return rows.map(({ person, personName, revokedBy, revokedByName, ...row }) =>
    AttestationView.parse({
      ...row,
      by: { id: person, name: personName },
      revokedBy: revokedBy === null ? null : { id: revokedBy, name: revokedByName ?? '' },
    }),
  )
}
