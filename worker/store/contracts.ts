/** Contracts of an organisation: every version is kept, the highest is in force. */
import { and, desc, eq } from 'drizzle-orm'
import { z } from 'zod'
import type { Contract } from '#core/policy/contract.ts'
import {
  type ContractsInForce,
  contractFor,
  defaultInForce,
  documentsOf,
  readContractsInForce,
} from '#core/policy/contracts-in-force.ts'
import { type Document, DocumentSource } from '#core/policy/document.ts'
import type { Database } from './database.ts'
import { contracts } from './schema.ts'

export async function contractsInForce(organisation: string, database: Database): Promise<ContractsInForce> {
  const [row] = await database
    .select({ version: contracts.version, contract: contracts.contract, documents: contracts.documents })
    .from(contracts)
    .where(eq(contracts.organisation, organisation))
    .orderBy(desc(contracts.version))
    .limit(1)
  return readContractsInForce(row)
}

/** What was in force under a version that verdicts name; the default where nobody has written that one. */
export async function contractsOfVersion(
  organisation: string,
  database: Database,
  version: number,
): Promise<ContractsInForce> {
  const [row] = await database
    .select({ version: contracts.version, contract: contracts.contract, documents: contracts.documents })
    .from(contracts)
    .where(and(eq(contracts.organisation, organisation), eq(contracts.version, version)))
  return readContractsInForce(row)
}

/** The contract that holds for a repository; null = of no known one. */
export async function contractInForce(
  organisation: string,
  database: Database,
  repository: string | null,
): Promise<Contract> {
  return contractFor(await contractsInForce(organisation, database), repository)
}

interface Texts {
  readonly version: number
  readonly sources: DocumentSource[] | null
}

/** The texts of the documents in force; null where the contract was not written as documents. */
export async function contractTexts(organisation: string, database: Database): Promise<Texts> {
  const [row] = await database
    .select({ version: contracts.version, sources: contracts.sources })
    .from(contracts)
    .where(eq(contracts.organisation, organisation))
    .orderBy(desc(contracts.version))
    .limit(1)
  return { version: row?.version ?? defaultInForce.version, sources: sourcesOf(row?.sources) }
}

/**
 * The texts of a former version, or of the one in force; what was not written as documents is written as one here, so
 * that it can be put in force again. null where there was no such version.
 */
export async function textsOfVersion(organisation: string, database: Database, version: number): Promise<Texts | null> {
  const [row] = await database
    .select({ version: contracts.version, contract: contracts.contract, sources: contracts.sources })
    .from(contracts)
    .where(and(eq(contracts.organisation, organisation), eq(contracts.version, version)))
  if (row === undefined && version !== defaultInForce.version) return null
  const sources = sourcesOf(row?.sources)
  if (sources !== null) return { version, sources }
  const [document] = documentsOf(readContractsInForce(row && { ...row, documents: null }))
  return { version, sources: [{ file: `version-${version}.json`, text: `${JSON.stringify(document, null, 2)}\n` }] }
}

function sourcesOf(stored: unknown): DocumentSource[] | null {
  return stored == null ? null : z.array(DocumentSource).parse(stored)
}

interface NewContract {
  /** Where documents are given: what they say of a repository that is not known. */
  readonly contract: Contract
  readonly documents: readonly Document[] | null
  readonly sources: readonly DocumentSource[] | null
  readonly person: string
  readonly now: string
}

/** false where somebody else wrote that version first. */
export async function saveContract(
  organisation: string,
  database: Database,
  { contract, documents, sources, person, now }: NewContract,
): Promise<boolean> {
  const saved = await database
    .insert(contracts)
    .values({ organisation, version: contract.version, contract, documents, sources, person, createdAt: now })
    .onConflictDoNothing()
    .returning({ version: contracts.version })
  return saved.length > 0
}
