/** Where in a text a secret stands, and which rule says so. */
export interface Span {
  readonly start: number
  readonly end: number
  readonly rule: string
}

/** Stands between texts that were joined; no pattern crosses it: it is neither white space nor a part of any token. */
export const BETWEEN_TEXTS = '\n\u0001\n'

/**
 * In order and without overlap: what touches the same characters becomes one span. It is named by the rule that says
 * most: a form before a name that stands beside it, and our own rules, which are documented, before secretlint's.
 */
export function merged(spans: readonly Span[]): Span[] {
  const result: Span[] = []
  for (const span of spans.toSorted((left, right) => left.start - right.start || right.end - left.end)) {
    const last = result.at(-1)
    if (last === undefined || span.start >= last.end) result.push(span)
    else result[result.length - 1] = joined(last, span)
  }
  return result
}

function joined(first: Span, second: Span): Span {
  const rule = vagueness(second.rule) < vagueness(first.rule) ? second.rule : first.rule
  return { start: first.start, end: Math.max(first.end, second.end), rule }
}

function vagueness(rule: string): number {
  if (rule.startsWith('secretlint-')) return 2
  return rule === 'secret-assignment' || rule === 'secret-value' ? 1 : 0
}
