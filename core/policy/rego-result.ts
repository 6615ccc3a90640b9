/** What a policy in Rego may answer, read strictly: what is not understood is an error and never a pass. */
import { citeEvents, citeFile, citeSession, citeSome } from './evaluation.ts'
import { type Citation, type Finding, type Severity, type Subject, severities } from './policy.ts'

export interface RegoWords {
  readonly policy: string
  readonly severity: Severity
  /** Where an entry says none of its own. */
  readonly fix: string
  readonly subject: Subject
}

/** A violation as the policy gave it: a text, or an object with `msg`. */
export type Entry = string | Readonly<Record<string, unknown>>

/** Policies that find more are broken or hostile; a report holds a few of them anyway. */
const MAX_ENTRIES = 1_000

/** `deny` may be a set, an array, an object of entries, one entry alone, or a boolean. Throws for anything else. */
export function entriesOf(rule: string, value: unknown): readonly Entry[] {
  if (value === false || value === null) return []
  if (value === true) return [`\`${rule}\` holds.`]
  if (isEntry(value)) return [value]
  const list = Array.isArray(value) ? value : typeof value === 'object' ? Object.values(value ?? {}) : null
  if (list === null) throw new TypeError(`\`${rule}\` is neither a set nor an array, an object, a text or a boolean`)
  if (list.length > MAX_ENTRIES)
    throw new RangeError(`\`${rule}\` has ${list.length} entries; at most ${MAX_ENTRIES} are read`)
  return list.map((entry) => {
    if (isEntry(entry)) return entry
    throw new TypeError(`an entry of \`${rule}\` is neither a text nor an object with a \`msg\``)
  })
}

function isEntry(value: unknown): value is Entry {
  if (typeof value === 'string') return true
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return textOf(value, 'msg', 'message') !== null
}

/** Events and files that the policy names are cited where they exist; otherwise the session is. */
export function findingOf(entry: Entry, { policy, severity, fix, subject }: RegoWords): Finding {
  if (typeof entry === 'string')
    return { policy, severity, message: bounded(entry), fix, citations: citeSession(subject.session) }
  const named = severities.find((one) => one === textOf(entry, 'severity')?.toLowerCase())
  const citations = citationsOf(entry, subject)
  return {
    policy,
    severity: named ?? severity,
    message: bounded(textOf(entry, 'msg', 'message') ?? ''),
    fix: bounded(textOf(entry, 'fix', 'remediation') ?? fix),
    citations: citations.length > 0 ? citeSome(citations) : citeSession(subject.session),
  }
}

const MAX_MESSAGE = 1_000

function bounded(text: string): string {
  const message = text.trim() || 'The policy gives no reason.'
  return message.length > MAX_MESSAGE ? `${message.slice(0, MAX_MESSAGE)}…` : message
}

function citationsOf(entry: Readonly<Record<string, unknown>>, { session }: Subject): readonly Citation[] {
  const { event, events } = entry
  const wanted = [event, ...(Array.isArray(events) ? events : [])].filter((id) => typeof id === 'string')
  const ids = new Set(wanted.length > 0 ? session.events.map(({ id }) => id) : [])
  const file = textOf(entry, 'file', 'path')
  const start = lineOf(entry['line'] ?? entry['start'])
  return [
    ...citeEvents(wanted.filter((id) => ids.has(id))),
    ...(file === null
      ? []
      : [citeFile(file, start, start === null ? null : Math.max(start, lineOf(entry['end']) ?? start))]),
  ]
}

function lineOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : null
}

function textOf(entry: object, ...names: readonly string[]): string | null {
  for (const name of names) {
    const value = (entry as Readonly<Record<string, unknown>>)[name]
    if (typeof value === 'string') return value
  }
  return null
}
