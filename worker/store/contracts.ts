/** Contracts of an organisation: every version is kept, the highest is in force. */
import { desc, eq } from 'drizzle-orm'
import { Contract, defaultContract } from '#core/policy/contract.ts'
import type { Database } from './database.ts'
import { contracts } from './schema.ts'

export async function contractInForce(organisation: string, database: Database): Promise<Contract> {
  const [row] = await database
    .select({ contract: contracts.contract })
    .from(contracts)
    .where(eq(contracts.organisation, organisation))
    .orderBy(desc(contracts.version))
    .limit(1)
  return row === undefined ? defaultContract : Contract.parse(row.contract)
}

/** false where somebody else wrote that version first. */
export async function saveContract(
  organisation: string,
  database: Database,
  { contract, person, now }: { readonly contract: Contract; readonly person: string; readonly now: string },
): Promise<boolean> {
  const saved = await database
    .insert(contracts)
    .values({ organisation, version: contract.version, contract, person, createdAt: now })
    .onConflictDoNothing()
    .returning({ version: contracts.version })
  return saved.length > 0
}
