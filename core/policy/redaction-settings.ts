/** What an organisation or a project wants taken out beyond secrets, and how much may leave at most. */
import { z } from 'zod'
import { CustomRule, customSearch } from '../session/redaction/custom-rules.ts'
import { personalDataKinds, personalDataSearch } from '../session/redaction/personal-data.ts'
import type { Span } from '../session/secret-span.ts'

export const RedactionSettings = z.strictObject({
  patterns: z.array(CustomRule).max(100).default([]),
  /** None unless asked for: names of people are part of how code comes to be. */
  personalData: z.array(z.enum(personalDataKinds)).default([]),
})
export type RedactionSettings = Readonly<z.infer<typeof RedactionSettings>>

/** Searches to be given as further rules; several settings add up. */
export function furtherRulesOf(
  settings: readonly (RedactionSettings | undefined)[],
): readonly ((text: string) => readonly Span[])[] {
  const patterns = settings.flatMap((one) => one?.patterns ?? [])
  const kinds = new Set(settings.flatMap((one) => one?.personalData ?? []))
  return [customSearch(patterns), personalDataSearch([...kinds])]
}
