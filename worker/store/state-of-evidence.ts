/** What stands in the tables about one evidence when its message arrives: three queries, one round trip. */
import { and, desc, eq } from 'drizzle-orm'
import { type ContractsInForce, readContractsInForce } from '#core/policy/contracts-in-force.ts'
import type { Database } from './database.ts'
import type { EvidenceRow } from './evidence.ts'
import { contracts, evidence, sessions } from './schema.ts'

export interface StateOfEvidence {
  /** null: there is no such evidence. */
  readonly evidence: EvidenceRow | null
  /** Whose session it is; null while the session has no row. */
  readonly owner: string | null
  readonly inForce: ContractsInForce
}

export async function stateOfEvidence(
  organisation: string,
  database: Database,
  evidenceId: string,
): Promise<StateOfEvidence> {
  const isThis = and(eq(evidence.organisation, organisation), eq(evidence.id, evidenceId))
  const [[row], [session], [written]] = await database.batch([
    database.select().from(evidence).where(isThis),
    database
      .select({ person: sessions.person })
      .from(sessions)
      .innerJoin(evidence, and(eq(evidence.organisation, sessions.organisation), eq(evidence.sessionId, sessions.id)))
      .where(and(eq(sessions.organisation, organisation), isThis)),
    database
      .select({ version: contracts.version, contract: contracts.contract, documents: contracts.documents })
      .from(contracts)
      .where(eq(contracts.organisation, organisation))
      .orderBy(desc(contracts.version))
      .limit(1),
  ])
  return {
    evidence: row ?? null,
    owner: session?.person ?? null,
    inForce: readContractsInForce(written),
  }
}
