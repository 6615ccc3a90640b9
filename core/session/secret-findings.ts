/** All rules over many leaves at once: leaves are joined, so that a sweep runs over megabytes and not over words. */
import { compileRules, type RuleSet } from './redaction/rule-set.ts'
import { scan } from './redaction/scan.ts'
import { isSecretUnder } from './secret-assignment.ts'
import { BETWEEN_TEXTS, merged, type Span } from './secret-span.ts'
import type { Leaf } from './session-leaves.ts'

/** Spans in one text of a leaf. A finding over several lines has a span in each, and only the first counts. */
export interface LeafSpan extends Span {
  readonly text: number
  readonly isFirst: boolean
}

/** Large enough that the start of a sweep vanishes, small enough for its memory. */
const CHUNK_LENGTH = 1_000_000

/** For every leaf its spans in order; empty where it is clean. */
export function findSecrets(leaves: readonly Leaf[], rules: RuleSet): readonly (readonly LeafSpan[])[] {
  const found: (readonly LeafSpan[])[] = []
  for (let first = 0; first < leaves.length; ) {
    let length = 0
    let last = first
    while (last < leaves.length && (last === first || length < CHUNK_LENGTH)) {
      length += sizeOf(leaves[last])
      last++
    }
    for (const spans of findInChunk(leaves.slice(first, last), rules)) found.push(spans)
    first = last
  }
  return found
}

function sizeOf(leaf: Leaf | undefined): number {
  return leaf?.texts.reduce((sum, text) => sum + text.length + 1, 0) ?? 0
}

function findInChunk(leaves: readonly Leaf[], rules: RuleSet): (readonly LeafSpan[])[] {
  const joined = leaves.map(({ texts }) => (texts.length === 1 ? (texts[0] ?? '') : texts.join('\n')))
  const findings = scan(joined.join(BETWEEN_TEXTS), rules)
  const spans = cursor(merged(findings))
  const onlyCertain = cursor(merged(findings.filter(({ isNamed }) => !isNamed)))
  let offset = 0
  return leaves.map((leaf, index) => {
    const end = offset + (joined[index]?.length ?? 0)
    const all = spans(offset, end)
    const sure = onlyCertain(offset, end)
    const found = inTexts(leaf, offset, leaf.kind === 'path' ? sure : all)
    offset = end + BETWEEN_TEXTS.length
    return leaf.key === null ? found : underKey(leaf, leaf.key, found)
  })
}

const ownRules = compileRules({ isLinted: false })

/** What has the form of a secret wherever it stands, by our own rules. */
export function certainSpans(text: string): readonly Span[] {
  return merged(scan(text, ownRules).filter(({ isNamed }) => !isNamed))
}

/** Hands out the spans of one window after the other; windows go forward only. */
function cursor(spans: readonly Span[]): (start: number, end: number) => readonly Span[] {
  let next = 0
  return (start, end) => {
    while (next < spans.length && (spans[next]?.end ?? 0) <= start) next++
    if ((spans[next]?.start ?? Number.POSITIVE_INFINITY) >= end) return []
    const inside: Span[] = []
    for (let at = next; at < spans.length; at++) {
      const span = spans[at]
      if (span === undefined || span.start >= end) break
      inside.push(span)
    }
    return inside
  }
}

/** From places in the joined text to places in the texts of a leaf. */
function inTexts(leaf: Leaf, offset: number, spans: readonly Span[]): readonly LeafSpan[] {
  if (spans.length === 0) return []
  const found: LeafSpan[] = []
  const started = new Set<Span>()
  const within = cursor(spans)
  let start = offset
  for (const [index, text] of leaf.texts.entries()) {
    for (const span of within(start, start + text.length)) {
      const from = Math.max(span.start - start, 0)
      const to = Math.min(span.end - start, text.length)
      if (from >= to) continue
      found.push({ start: from, end: to, rule: span.rule, text: index, isFirst: !started.has(span) })
      started.add(span)
    }
    start += text.length + 1
  }
  return found
}

function underKey(leaf: Leaf, key: string, found: readonly LeafSpan[]): readonly LeafSpan[] {
  const whole = leaf.texts.map((text, index): LeafSpan | null => {
    const rule = isSecretUnder(key, text)
    if (rule === null) return null
    const own = found.find((span) => span.text === index)
    return { start: 0, end: text.length, rule: own?.rule ?? rule, text: index, isFirst: true }
  })
  if (whole.every((span) => span === null)) return found
  return leaf.texts.flatMap((_, index) => whole[index] ?? found.filter((span) => span.text === index))
}
