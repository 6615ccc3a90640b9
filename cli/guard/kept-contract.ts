/** The contract that the last push was given, as `contract.json` keeps it. */
import { Contract, defaultContract } from '#core/policy/contract.ts'

/** `text` null: none was ever kept, so the default one holds. Throws where a kept one cannot be read: that is a failure. */
export function keptContract(text: string | null): Contract {
  return text === null ? defaultContract : Contract.parse(JSON.parse(text).contract)
}
