/**
 * Takes secrets out of a session before it leaves the machine: on parsed texts, never on serialised ones, where escapes
 * would hide half of them. What is still there at a second look is withheld whole.
 */
import { usableSecrets } from './known-secrets.ts'
import { certainSpans, findSecrets, type LeafSpan, type Search, type SecretScanner } from './secret-findings.ts'
import { secretlintSpans } from './secretlint.ts'
import type { Session } from './session.ts'
import { idsOf, type Leaf, mapLeaves } from './session-leaves.ts'
import { readSession } from './session-text.ts'

export interface RedactionOptions {
  /** Values of `.env` files and the environment of this machine; too short and too common ones are left out here. */
  readonly knownSecrets?: readonly string[]
  /** Further rules than our own; secretlint's where nothing is said. */
  readonly scanner?: SecretScanner
}

export interface Redaction {
  readonly session: Session
  /** Rule -> how many secrets it took out. */
  readonly redacted: Readonly<Record<string, number>>
  /** Texts that had to be left out whole. */
  readonly withheld: number
}

export async function redactSession(session: Session, options: RedactionOptions = {}): Promise<Redaction> {
  const search = searchFor(session, options)
  const leaves = leavesOf(session)
  const found = await findSecrets(leaves, search)
  const clean = leaves.map((leaf, index) => redactedLeaf(leaf, found[index] ?? []))
  // Only what was changed can differ at the second look: no finding depends on another leaf.
  const changed = [...clean.keys()].filter((index) => (found[index]?.length ?? 0) > 0)
  const again = await findSecrets(
    changed.map((index) => clean[index] ?? emptyLeaf),
    search,
  )
  let withheld = 0
  for (const [position, index] of changed.entries()) {
    const rule = again[position]?.[0]?.rule
    const leaf = clean[index]
    if (rule === undefined || leaf === undefined) continue
    withheld++
    clean[index] = { ...leaf, texts: leaf.texts.map(() => `[WITHHELD:${rule}]`) }
  }
  let next = 0
  const redacted = mapLeaves(session, () => clean[next++]?.texts ?? [])
  return { session: redacted, redacted: countByRule(found.flat()), withheld }
}

/** A finding of `scanRemaining`: which rule, in which line of the text (1-based). Never the secret itself. */
export interface RemainingSecret {
  readonly rule: string
  readonly line: number
}

/**
 * Looks at a written session as it would be sent: every text by every rule, and the ids by those rules that go by form.
 * Empty for whatever `redactSession` and `writeSession` made. Throws transcript-malformed where the text is no session.
 */
export async function scanRemaining(text: string, options: RedactionOptions = {}): Promise<readonly RemainingSecret[]> {
  const session = readSession(text)
  const search = searchFor(session, options)
  const remaining: RemainingSecret[] = []
  // A session without its events and each event alone: so that a finding has a line.
  const parts = [{ ...session, events: [] }, ...session.events.map((event) => ({ ...bare(session), events: [event] }))]
  const leaves = parts.map((part) => leavesOf(part))
  const found = await findSecrets(leaves.flat(), search)
  let index = 0
  for (const [part, own] of leaves.entries()) {
    const spans = found.slice(index, index + own.length).flat()
    index += own.length
    for (const { rule } of spans.slice(0, 1)) remaining.push({ rule, line: part + 1 })
  }
  for (const id of idsOf(session)) {
    for (const { rule } of certainSpans(id, [])) remaining.push({ rule, line: 1 })
  }
  return remaining
}

function bare(session: Session): Session {
  return {
    ...session,
    agent: { ...session.agent, version: null },
    entrypoint: null,
    branches: [],
    tools: [],
    files: [],
    subagents: [],
    permissionModes: [],
    parse: { ...session.parse, unrecognised: {} },
    warnings: [],
  }
}

function searchFor(session: Session, options: RedactionOptions): Search {
  // The agent hands its session's id to its children by the environment: it is no secret, and events refer to it.
  const ids = idsOf(session)
  const knownSecrets = usableSecrets(options.knownSecrets ?? []).filter((value) => !ids.has(value))
  return { knownSecrets, scanner: options.scanner ?? secretlintSpans }
}

function leavesOf(session: Session): Leaf[] {
  const leaves: Leaf[] = []
  mapLeaves(session, (leaf) => {
    leaves.push(leaf)
    return leaf.texts
  })
  return leaves
}

const emptyLeaf: Leaf = { kind: 'free', key: null, texts: [] }

function redactedLeaf(leaf: Leaf, spans: readonly LeafSpan[]): Leaf {
  if (spans.length === 0) return leaf
  const byText = Map.groupBy(spans, (span) => span.text)
  const texts = leaf.texts.map((text, index) => {
    let clean = ''
    let done = 0
    for (const { start, end, rule } of byText.get(index) ?? []) {
      clean += `${text.slice(done, start)}[REDACTED:${rule}]`
      done = end
    }
    return clean + text.slice(done)
  })
  return { ...leaf, texts }
}

function countByRule(spans: readonly LeafSpan[]): Record<string, number> {
  const counts = new Map<string, number>()
  for (const { rule, isFirst } of spans) if (isFirst) counts.set(rule, (counts.get(rule) ?? 0) + 1)
  return Object.fromEntries([...counts].sort(([left], [right]) => (left < right ? -1 : 1)))
}
