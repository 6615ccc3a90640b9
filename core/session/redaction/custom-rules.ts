/** An organisation's own patterns: RE2, which takes linear time whatever the pattern, since others wrote both sides. */
import { RE2JS } from 're2js'
import { z } from 'zod'
import type { Span } from '../secret-span.ts'

export const CustomRule = z.strictObject({
  /** Shown in placeholders and counts, as `custom-<name>`. */
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,40}$/, 'must be lower-case letters, digits and dashes'),
  /** RE2 syntax; the first group, or else the whole match, is taken out. */
  pattern: z
    .string()
    .min(1)
    .max(1_000)
    .refine((pattern) => compiled(pattern) !== null, 'is no RE2 pattern'),
  /** The pattern is tried only on texts that hold one of these, in any case: much faster where there are some. */
  keywords: z.array(z.string().min(2).max(100)).max(20).optional(),
})
export type CustomRule = Readonly<z.infer<typeof CustomRule>>

/** One search for all rules, to be given as a further rule. */
export function customSearch(rules: readonly CustomRule[]): (text: string) => readonly Span[] {
  const searches = rules.flatMap(({ name, pattern, keywords }) => {
    const regular = compiled(pattern)
    return regular === null ? [] : [{ rule: `custom-${name}`, regular, keywords: (keywords ?? []).map(lower) }]
  })
  if (searches.length === 0) return () => []
  return (text) => {
    const spans: Span[] = []
    let lowered: string | null = null
    for (const { rule, regular, keywords } of searches) {
      if (keywords.length > 0) {
        lowered ??= lower(text)
        const all = lowered
        if (!keywords.some((keyword) => all.includes(keyword))) continue
      }
      const matcher = regular.matcher(text)
      while (matcher.find()) {
        const group = matcher.groupCount() > 0 && matcher.start(1) >= 0 ? 1 : 0
        const [start, end] = [matcher.start(group), matcher.end(group)]
        if (end > start) spans.push({ start, end, rule })
      }
    }
    return spans
  }
}

function lower(text: string): string {
  return text.toLowerCase()
}

function compiled(pattern: string): RE2JS | null {
  try {
    return RE2JS.compile(pattern)
  } catch {
    return null
  }
}
