/** What stands in the tables about one evidence when its message arrives: five queries, one round trip. */
import { and, desc, eq, lt, max } from 'drizzle-orm'
import { type ContractsInForce, readContractsInForce } from '#core/policy/contracts-in-force.ts'
import type { Database } from './database.ts'
import type { EvidenceRow } from './evidence.ts'
import { configurations, contracts, evidence, repositoryNames, sessions } from './schema.ts'

/** Evidence of a configuration that was sent by the same key, and for which repository ('' = no remote names it). */
export interface MachineConfiguration {
  readonly repository: string
  readonly evidenceId: string
}

export interface StateOfEvidence {
  /** null: there is no such evidence. */
  readonly evidence: EvidenceRow | null
  /** Whose session it is; null while the session has no row. */
  readonly owner: string | null
  readonly inForce: ContractsInForce
  /** For each repository the newest that the key had sent before this evidence. */
  readonly configurations: readonly MachineConfiguration[]
  /** The name under which a repository is stored, whatever it was called when the sender cloned it. */
  readonly presentName: <Name extends string | null>(repository: Name) => Name | string
}

export async function stateOfEvidence(
  organisation: string,
  database: Database,
  evidenceId: string,
): Promise<StateOfEvidence> {
  const isThis = and(eq(evidence.organisation, organisation), eq(evidence.id, evidenceId))
  const [[row], [session], [written], machine, names] = await database.batch([
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
    // SQLite takes the other columns from the row that has the maximum.
    database
      .select({
        repository: configurations.repository,
        evidenceId: configurations.evidenceId,
        logIndex: max(configurations.logIndex),
      })
      .from(configurations)
      .innerJoin(
        evidence,
        and(
          eq(evidence.organisation, configurations.organisation),
          eq(evidence.keyId, configurations.keyId),
          lt(configurations.logIndex, evidence.logIndex),
        ),
      )
      .where(and(eq(configurations.organisation, organisation), isThis))
      .groupBy(configurations.repository),
    database
      .select({ former: repositoryNames.former, present: repositoryNames.present })
      .from(repositoryNames)
      .where(eq(repositoryNames.organisation, organisation)),
  ])
  const presentNames = new Map(names.map(({ former, present }) => [former, present]))
  return {
    evidence: row ?? null,
    owner: session?.person ?? null,
    inForce: readContractsInForce(written),
    presentName: (repository) => (repository === null ? repository : (presentNames.get(repository) ?? repository)),
    configurations: machine.map(({ repository, evidenceId: id }) => ({ repository, evidenceId: id })),
  }
}
