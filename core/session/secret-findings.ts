/** All rules over many leaves at once: leaves are joined, so that a rule runs over megabytes and not over words. */
import { knownSpans } from './known-secrets.ts'
import { privateKeys } from './private-keys.ts'
import { redactionRules } from './redaction-rules.ts'
import { assignments, isSecretUnder } from './secret-assignment.ts'
import { BETWEEN_TEXTS, merged, type Span } from './secret-span.ts'
import type { Leaf } from './session-leaves.ts'

/** Finds what other tools know about; a test may take another pair of eyes. */
export type SecretScanner = (text: string) => Promise<readonly Span[]>

export interface Search {
  /** Usable values only, see `usableSecrets`. */
  readonly knownSecrets: readonly string[]
  readonly scanner: SecretScanner
}

/** Spans in one text of a leaf. A finding over several lines has a span in each, and only the first counts. */
export interface LeafSpan extends Span {
  readonly text: number
  readonly isFirst: boolean
}

/** Large enough that a scanner's cost of starting vanishes, small enough for its memory. */
const CHUNK_LENGTH = 1_000_000

/** For every leaf its spans in order; empty where it is clean. */
export async function findSecrets(leaves: readonly Leaf[], search: Search): Promise<readonly (readonly LeafSpan[])[]> {
  const found: (readonly LeafSpan[])[] = []
  for (let first = 0; first < leaves.length; ) {
    let length = 0
    let last = first
    while (last < leaves.length && (last === first || length < CHUNK_LENGTH)) {
      length += sizeOf(leaves[last])
      last++
    }
    found.push(...(await findInChunk(leaves.slice(first, last), search)))
    first = last
  }
  return found
}

function sizeOf(leaf: Leaf | undefined): number {
  return leaf?.texts.reduce((sum, text) => sum + text.length + 1, 0) ?? 0
}

async function findInChunk(leaves: readonly Leaf[], search: Search): Promise<(readonly LeafSpan[])[]> {
  const joined = leaves.map((leaf) => leaf.texts.join('\n'))
  const text = joined.join(BETWEEN_TEXTS)
  const certain = [...certainSpans(text, search.knownSecrets), ...(await search.scanner(text))]
  const spans = cursor(merged([...certain, ...assignments(text)]))
  const onlyCertain = cursor(merged(certain))
  let offset = 0
  return leaves.map((leaf, index) => {
    const end = offset + (joined[index]?.length ?? 0)
    const all = spans(offset, end)
    const sure = onlyCertain(offset, end)
    const found = inTexts(leaf, offset, leaf.kind === 'path' ? sure : all)
    offset = end + BETWEEN_TEXTS.length
    return underKey(leaf, found)
  })
}

/** What has the form of a secret, or is one that is known, wherever it stands. */
export function certainSpans(text: string, knownSecrets: readonly string[]): Span[] {
  const spans = [...knownSpans(text, knownSecrets), ...privateKeys(text)]
  for (const { id, hints, pattern, accept } of redactionRules) {
    if (!hints.some((hint) => text.includes(hint))) continue
    for (const match of text.matchAll(pattern)) {
      const secret = match.groups?.['secret'] ?? match[0]
      if (accept !== undefined && !accept(secret)) continue
      // The secret ends the match in every rule but those that ask for what follows.
      const start = match.index + match[0].lastIndexOf(secret)
      spans.push({ start, end: start + secret.length, rule: id })
    }
  }
  return spans
}

/** Hands out the spans of one window after the other; windows go forward only. */
function cursor(spans: readonly Span[]): (start: number, end: number) => readonly Span[] {
  let next = 0
  return (start, end) => {
    while (next < spans.length && (spans[next]?.end ?? 0) <= start) next++
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
function inTexts(leaf: Leaf, offset: number, spans: readonly Span[]): LeafSpan[] {
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

function underKey(leaf: Leaf, found: readonly LeafSpan[]): readonly LeafSpan[] {
  const [text] = leaf.texts
  if (leaf.key === null || text === undefined) return found
  const rule = isSecretUnder(leaf.key, text)
  if (rule === null) return found
  return [{ start: 0, end: text.length, rule: found[0]?.rule ?? rule, text: 0, isFirst: true }]
}
