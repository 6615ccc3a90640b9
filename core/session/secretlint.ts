/**
 * The rules of secretlint, as one more pair of eyes: maintained elsewhere, for kinds that our own table lacks. They are
 * asked without secretlint's engine, which writes marks into the process's performance timeline at every call and reads
 * all of them again at the next: thousands of calls took the square of it, and a push never ended.
 */
import { rules } from '@secretlint/secretlint-rule-preset-recommend'
import type { SecretLintSourceCode } from '@secretlint/types'
import type { Span } from './secret-span.ts'

/** Comments that switch rules off are for source code; in a transcript anybody could write them. */
const scanners = rules.filter(({ meta }) => meta.type === 'scanner')

/** What of a source the rules read. The file's name says nothing, so those that go by it are silent. */
type Source = Pick<SecretLintSourceCode, 'filePath' | 'ext' | 'contentType' | 'content'>

/** In no order. */
export function secretlintSpans(text: string): Span[] {
  const spans: Span[] = []
  for (const scanner of scanners) {
    const rule = scanner.meta.id.replace(/^.*secretlint-rule-/, 'secretlint-').replace(/[^a-z0-9-]/g, '-')
    const handler = scanner.create(
      {
        sharedOptions: {},
        // The message holds the secret and is of no use here.
        createTranslator: () => () => ({ message: '', messageId: '', data: undefined }),
        report: ({ range: [start, end] }) => spans.push({ start, end, rule }),
        ignore: () => undefined,
      },
      {},
    )
    const file = handler.file as ((source: Source) => unknown) | undefined
    file?.({ filePath: 'session.txt', ext: '.txt', contentType: 'text', content: text })
  }
  return spans
}
