/** The rules of secretlint, as one more pair of eyes: maintained elsewhere, for providers that our own table lacks. */
import { lintSource } from '@secretlint/core'
import { rules } from '@secretlint/secretlint-rule-preset-recommend'
import type { Span } from './secret-span.ts'

/** Comments that switch rules off are for source code; in a transcript anybody could write them. */
const own = rules.filter((rule) => !rule.meta.id.endsWith('filter-comments'))

const config = { rules: own.map((rule) => ({ id: rule.meta.id, rule, options: {} })) }

/** One call costs milliseconds whatever the length: give it much text at once. */
export async function secretlintSpans(text: string): Promise<Span[]> {
  const source = { filePath: 'session.txt', content: text, contentType: 'text' as const, ext: '.txt' }
  const result = await lintSource({ source, options: { config, noPhysicFilePath: true, maskSecrets: true } })
  return result.messages.map(({ ruleId, range: [start, end] }) => ({
    start,
    end,
    rule: ruleId.replace(/^.*secretlint-rule-/, 'secretlint-').replace(/[^a-z0-9-]/g, '-'),
  }))
}
