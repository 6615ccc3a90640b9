/**
 * Takes secrets out of a session before it leaves the machine: on parsed texts, never on serialised ones, where escapes
 * would hide half of them. What is still there at a second look is withheld whole.
 */
import type { Event } from './event.ts'
import { usableSecrets } from './known-secrets.ts'
import { type Commit, type Committed, commitments } from './redaction/commitment.ts'
import { compileRules, type RuleSet } from './redaction/rule-set.ts'
import { certainSpans, findSecrets, type LeafSpan } from './secret-findings.ts'
import type { Span } from './secret-span.ts'
import type { Session, SessionHeader } from './session.ts'
import { idsOf, idsOfEvent, type Leaf, mapEvent, mapHeader, type Visit } from './session-leaves.ts'
import { expectCount, readEventsInPieces, readHeader, readSession } from './session-text.ts'

export interface RedactionOptions {
  /** Values of `.env` files and the environment of this machine; too short and too common ones are left out here. */
  readonly knownSecrets?: readonly string[]
  /** An organisation's own rules, personal data, binaries: whatever is to be taken out and is no secret by itself. */
  readonly furtherRules?: readonly ((text: string) => readonly Span[])[]
  /** Values that are no secrets although they are known: ids to which events refer. */
  readonly ids?: ReadonlySet<string>
  /** Stays on the machine; with it the manifest commits to what was taken out. */
  readonly commitmentKey?: Uint8Array<ArrayBuffer>
}

export interface RedactionOutcome {
  /** Rule -> how many secrets it took out. */
  readonly redacted: Readonly<Record<string, number>>
  /** Texts that had to be left out whole. */
  readonly withheld: number
  /** What was taken out where, in order; empty without a commitment key. */
  readonly manifest: readonly Committed[]
}

export interface Redaction extends RedactionOutcome {
  readonly session: Session
}

/** Redacts a session in pieces: nothing of a batch is kept but counts and the manifest. */
export interface Redactor {
  readonly header: <Header extends SessionHeader>(header: Header) => Promise<Header>
  /** In order, in batches of any size; a megabyte and more at once costs the least. */
  readonly events: (batch: readonly Event[]) => Promise<readonly Event[]>
  readonly outcome: () => RedactionOutcome
}

export async function redactSession(session: Session, options: RedactionOptions = {}): Promise<Redaction> {
  const redactor = createRedactor({ ...options, ids: idsOf(session) })
  const header = await redactor.header(session)
  const events = await redactor.events(session.events)
  return { session: { ...header, events }, ...redactor.outcome() }
}

export function createRedactor(options: RedactionOptions = {}): Redactor {
  const rules = rulesOf(options)
  const commit = commitments(options.commitmentKey ?? null)
  const counts = new Map<string, number>()
  const manifest: Committed[] = []
  let withheld = 0

  async function redact<Part>(parts: readonly Part[], map: Mapping<Part>): Promise<readonly Part[]> {
    const firsts: number[] = []
    const leaves: Leaf[] = []
    for (const part of parts) {
      firsts.push(leaves.length)
      collectLeaves(part, map.leaves, leaves)
    }
    const found = findSecrets(leaves, rules)
    const clean = leaves.map((leaf, index) => redactedTexts(leaf, found[index] ?? []))
    // Only what was changed can differ at the second look: no finding depends on another leaf.
    const changed = [...found.keys()].filter((index) => (found[index]?.length ?? 0) > 0)
    const again = findSecrets(
      changed.map((index) => ({ ...(leaves[index] ?? emptyLeaf), texts: clean[index] ?? [] })),
      rules,
    )
    for (const [position, index] of changed.entries()) {
      const rule = again[position]?.[0]?.rule
      for (const span of found[index] ?? []) if (span.isFirst) counts.set(span.rule, (counts.get(span.rule) ?? 0) + 1)
      if (rule === undefined) continue
      withheld++
      clean[index] = (clean[index] ?? []).map(() => `[WITHHELD:${rule}]`)
    }
    const entries: Commit[] = []
    let position = 0
    const redacted = parts.map((part, number) => {
      let next = firsts[number] ?? 0
      const end = firsts[number + 1] ?? leaves.length
      if ((changed[position] ?? end) >= end) return part
      while ((changed[position] ?? end) < end) position++
      return map.leaves(part, ({ path }) => {
        const index = next++
        for (const { rule, text } of wholeSpans(leaves[index], found[index] ?? [])) {
          entries.push({ rule, event: map.event(part), leaf: path, text })
        }
        return clean[index] ?? []
      })
    })
    for (const entry of await commit(entries)) manifest.push(entry)
    return redacted
  }

  return {
    header: async (header) => {
      const [first] = await redact([header], { leaves: mapHeader, event: () => null })
      return first ?? header
    },
    events: (batch) => redact(batch, { leaves: mapEvent, event: ({ id }) => id }),
    outcome: () => ({
      redacted: Object.fromEntries([...counts].sort(([left], [right]) => (left < right ? -1 : 1))),
      withheld,
      manifest: [...manifest],
    }),
  }
}

interface Mapping<Part> {
  readonly leaves: (part: Part, visit: Visit) => Part
  readonly event: (part: Part) => string | null
}

function collectLeaves<Part>(part: Part, map: Mapping<Part>['leaves'], leaves: Leaf[]): void {
  map(part, (leaf) => {
    leaves.push(leaf)
    return leaf.texts
  })
}

function leavesOf<Part>(part: Part, map: Mapping<Part>['leaves']): Leaf[] {
  const leaves: Leaf[] = []
  collectLeaves(part, map, leaves)
  return leaves
}

const emptyLeaf: Leaf = { kind: 'free', key: null, path: '', texts: [] }

/** A finding of `scanRemaining`. Never the secret itself. */
export interface RemainingSecret {
  readonly rule: string
  /** Line of the text, from 1. */
  readonly line: number
  /** null in the header. */
  readonly event: string | null
}

/** Events looked at together: what is needed beside the text is as much as they need. */
const PIECE_EVENTS = 500

/**
 * Looks at a written session as it would be sent: every text by every rule, and the ids by those rules that go by form.
 * Empty for whatever `redactSession` and `writeSession` made. `options.ids` are those of the session; without them it is
 * read whole to find them. Throws transcript-malformed where the text is no session.
 */
export async function scanRemaining(text: string, options: RedactionOptions = {}): Promise<readonly RemainingSecret[]> {
  const header = readHeader(text)
  const rules = rulesOf({ ...options, ids: options.ids ?? idsOf(readSession(text)) })
  const remaining: RemainingSecret[] = [
    ...remainingIn([{ line: 1, event: null, leaves: leavesOf(header, mapHeader) }], rules),
  ]
  const lastLines = new Map<string, number>()
  let line = 1
  for (const events of readEventsInPieces(text, PIECE_EVENTS)) {
    const parts = events.map((event) => ({ line: ++line, event: event.id, leaves: leavesOf(event, mapEvent) }))
    remaining.push(...remainingIn(parts, rules))
    for (const [at, event] of events.entries()) {
      for (const id of idsOfEvent(event)) lastLines.set(id, line - events.length + at + 1)
    }
  }
  expectCount(header, line - 1)
  for (const id of [header.id, ...header.commits]) {
    for (const { rule } of certainSpans(id)) remaining.push({ rule, line: 1, event: null })
  }
  for (const [id, last] of lastLines) {
    // An id that is a secret is not named either: its line is.
    for (const { rule } of certainSpans(id)) remaining.push({ rule, line: last, event: null })
  }
  return remaining
}

interface ScannedPart extends Omit<RemainingSecret, 'rule'> {
  readonly leaves: readonly Leaf[]
}

/** The first finding of each part: of a session without its events, or of an event, so that a finding has a line. */
function remainingIn(parts: readonly ScannedPart[], rules: RuleSet): readonly RemainingSecret[] {
  const found = findSecrets(
    parts.flatMap(({ leaves }) => leaves),
    rules,
  )
  let next = 0
  return parts.flatMap(({ line, event, leaves }) => {
    const [span] = found.slice(next, next + leaves.length).flat()
    next += leaves.length
    return span === undefined ? [] : [{ rule: span.rule, line, event }]
  })
}

function rulesOf({ knownSecrets = [], furtherRules = [], ids = new Set() }: RedactionOptions): RuleSet {
  // The agent hands its session's id to its children by the environment: it is no secret, and events refer to it.
  const known = usableSecrets(knownSecrets).filter((value) => !ids.has(value))
  return compileRules({ knownSecrets: known, others: (text) => furtherRules.flatMap((rule) => rule(text)) })
}

function redactedTexts({ texts }: Leaf, spans: readonly LeafSpan[]): readonly string[] {
  if (spans.length === 0) return texts
  const byText = Map.groupBy(spans, (span) => span.text)
  return texts.map((text, index) => {
    let clean = ''
    let done = 0
    for (const { start, end, rule } of byText.get(index) ?? []) {
      clean += `${text.slice(done, start)}[REDACTED:${rule}]`
      done = end
    }
    return clean + text.slice(done)
  })
}

/** What each finding took out, over all the lines that it goes over. */
function wholeSpans(leaf: Leaf | undefined, spans: readonly LeafSpan[]): readonly { rule: string; text: string }[] {
  const whole: { rule: string; text: string }[] = []
  for (const { start, end, rule, text, isFirst } of spans) {
    const part = leaf?.texts[text]?.slice(start, end) ?? ''
    const last = whole.at(-1)
    if (isFirst || last === undefined) whole.push({ rule, text: part })
    else last.text += `\n${part}`
  }
  return whole
}
