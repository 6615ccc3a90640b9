/** Versions of custom policies: the number of the contract that brought the text, kept while the text stays. */
import { differenceOf } from './difference.ts'
import type { Document } from './document.ts'

export function numberPolicies(
  documents: readonly Document[],
  { before, version }: { readonly before: readonly Document[]; readonly version: number },
): readonly Document[] {
  return documents.map((document) => {
    if (document.kind !== 'Policy') return document
    const old = before.find((one) => one.kind === 'Policy' && one.metadata.name === document.metadata.name)
    const kept =
      old?.kind === 'Policy' && differenceOf([old], [document]).length === 0 ? old.metadata.version : undefined
    return { ...document, metadata: { ...document.metadata, version: kept ?? version } }
  })
}
