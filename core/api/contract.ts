/** Wire shapes of contracts that are written as documents. */
import { z } from 'zod'
import { ContractChange } from '../policy/difference.ts'
import { DocumentSource } from '../policy/document.ts'

/** `PUT /v1/contract` with documents: the whole set, which takes the place of the one before. */
export const ContractSources = z.strictObject({ sources: z.array(DocumentSource).min(1).max(100) })
export type ContractSources = Readonly<z.infer<typeof ContractSources>>

/** What applying them did, or with `dryRun` would do. */
export const ContractApplied = z.object({
  /** The version in force after it. */
  version: z.int().positive(),
  dryRun: z.boolean(),
  changes: z.array(ContractChange),
})
export type ContractApplied = Readonly<z.infer<typeof ContractApplied>>

/** `GET /v1/contract/documents`: as they were written; null where the contract was not written as documents. */
export const ContractTexts = z.object({ version: z.int().positive(), sources: z.array(DocumentSource).nullable() })
