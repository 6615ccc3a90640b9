/** Secrets out of everything that leaves: the session, and the subjects and paths of commits. Looked at twice. */
import type { CommitAttribution } from '#core/attribution/attribution.ts'
import type { AiSession } from '#core/evidence/statement.ts'
import { Fault } from '#core/fault.ts'
import type { Event } from '#core/session/event.ts'
import { summarise } from '#core/session/header.ts'
import { withoutBinaries } from '#core/session/redaction/binaries.ts'
import type { Committed } from '#core/session/redaction/commitment.ts'
import {
  createRedactor,
  type RedactionOptions,
  type RemainingSecret,
  redactSession,
  scanRemaining,
} from '#core/session/redaction.ts'
import type { Session } from '#core/session/session.ts'
import { idsOf } from '#core/session/session-leaves.ts'
import { writeSession } from '#core/session/session-text.ts'
import type { Tier } from '../io/configuration.ts'
import type { Contribution } from './contributions.ts'

/** Raised with the rules of core/session/redaction, so that evidence tells by which of them it was cleaned. */
const RULES = 'stemma-redaction/3'

/** About 200 bytes each: as many as leave an envelope room for the commits. */
const MAX_MANIFEST = 1_000

export interface Redacted {
  readonly session: Session
  /** `writeSession` of it, as it would be sent. */
  readonly text: string
  readonly attribution: readonly CommitAttribution[]
  readonly redaction: AiSession['redaction']
}

/** What may leave, and what is taken out of it. */
export interface Privacy extends Pick<RedactionOptions, 'knownSecrets' | 'furtherRules' | 'commitmentKey'> {
  readonly tier: Tier
}

/** Throws secret-remains where a second look at what would be sent still finds something. */
export async function redact({ session, attribution }: Contribution, privacy: Privacy): Promise<Redacted> {
  const { tier, ...options } = privacy
  const ids = idsOf(session)
  const clean = await redactInPieces(session, { ...options, ids, keepsBinaries: tier === 'full' })
  const commits = await redactCommits(attribution, options)
  const text = writeSession(clean.session)
  const sent = tier === 'metadata' ? writeSession({ ...clean.session, events: [], eventCount: 0 }) : text
  const remaining = await scanRemaining(sent, tier === 'metadata' ? options : { ...options, ids })
  if (remaining.length > 0) throw remains(session.id, remaining)
  return {
    session: clean.session,
    text,
    attribution: commits.attribution,
    redaction: {
      rules: RULES,
      redacted: sum(clean.redacted, commits.redacted),
      withheld: clean.withheld + commits.withheld,
      ...(tier === 'full' ? {} : { binaries: clean.dropped }),
      ...manifestOf(clean.manifest, tier),
    },
  }
}

/** About a megabyte of an ordinary session: what the rules cost least on, and all that they need at a time. */
const PIECE_EVENTS = 500

/** What the rules need of a long session beside it is as much as one piece needs. */
async function redactInPieces(
  session: Session,
  { keepsBinaries, ...options }: RedactionOptions & { readonly keepsBinaries: boolean },
) {
  const redactor = createRedactor(options)
  const header = await redactor.header(session)
  const events: Event[] = []
  let dropped: Readonly<Record<string, number>> = {}
  for (let first = 0; first < session.events.length; first += PIECE_EVENTS) {
    const piece = session.events.slice(first, first + PIECE_EVENTS)
    const bare = keepsBinaries ? { events: piece, dropped: {} } : await withoutBinaries(piece)
    dropped = sum(dropped, bare.dropped)
    for (const event of await redactor.events(bare.events)) events.push(event)
  }
  return { session: { ...header, events }, dropped, ...redactor.outcome() }
}

/** Without a transcript there is nothing that the places of the manifest could point to. */
function manifestOf(entries: readonly Committed[], tier: Tier): Pick<AiSession['redaction'], 'manifest'> {
  const told = tier === 'metadata' ? entries.filter(({ event }) => event === null) : entries
  if (told.length === 0) return {}
  return { manifest: { entries: told.slice(0, MAX_MANIFEST), omitted: Math.max(0, told.length - MAX_MANIFEST) } }
}

export interface RedactedCommits {
  readonly attribution: readonly CommitAttribution[]
  readonly redaction: AiSession['redaction']
}

/** Of commits to which no session contributed. Throws secret-remains like `redact`. */
export async function redactObserved(
  attribution: readonly CommitAttribution[],
  { tier: _, ...options }: Privacy,
): Promise<RedactedCommits> {
  const { carrier, redacted, withheld, ...clean } = await redactCommits(attribution, options)
  const remaining = await scanRemaining(writeSession(carrier), options)
  if (remaining.length > 0) throw remains('a commit', remaining)
  return { attribution: clean.attribution, redaction: { rules: RULES, redacted, withheld } }
}

/** Subjects are texts, and paths are paths, in the way that a session's warnings and branches are: the same rules hold. */
async function redactCommits(attribution: readonly CommitAttribution[], options: RedactionOptions) {
  const {
    session: carrier,
    redacted,
    withheld,
  } = await redactSession(
    {
      ...bareSession,
      warnings: attribution.map(({ subject }) => subject),
      branches: attribution.flatMap(({ files }) => files.map(({ path }) => path)),
    },
    options,
  )
  let next = 0
  const commits = attribution.map((commit, index) => ({
    ...commit,
    subject: carrier.warnings[index] ?? '',
    files: commit.files.map((file) => ({ ...file, path: carrier.branches[next++] ?? '' })),
  }))
  return { attribution: commits, redacted, withheld, carrier }
}

export interface RedactedTexts {
  readonly texts: readonly string[]
  readonly paths: readonly string[]
  readonly redaction: AiSession['redaction']
  /** What a second look still finds. */
  readonly remaining: Awaited<ReturnType<typeof scanRemaining>>
}

/** Texts and paths of no session, by the rules for sessions. */
export async function redactTexts(
  given: Readonly<Record<'texts' | 'paths', readonly string[]>>,
  { tier: _, ...options }: Privacy,
): Promise<RedactedTexts> {
  const {
    session: carrier,
    redacted,
    withheld,
  } = await redactSession({ ...bareSession, warnings: [...given.texts], branches: [...given.paths] }, options)
  return {
    texts: carrier.warnings,
    paths: carrier.branches,
    redaction: { rules: RULES, redacted: { ...redacted }, withheld },
    remaining: await scanRemaining(writeSession(carrier), options),
  }
}

/** Nothing but a form in which texts of commits pass through the rules for sessions. */
const bareSession: Session = {
  ...summarise([], {
    id: 'none:none',
    agent: { id: 'none', version: null },
    entrypoint: null,
    startedAt: null,
    endedAt: null,
    branches: [],
    permissionModes: [],
    forkedFrom: null,
    capture: 'hook',
    parse: { records: 0, malformed: 0, unrecognised: {} },
    warnings: [],
    recordsUsage: false,
    countedMessages: new Set(),
  }),
  events: [],
}

function sum(left: Readonly<Record<string, number>>, right: Readonly<Record<string, number>>): Record<string, number> {
  const counts = { ...left }
  for (const [rule, count] of Object.entries(right)) counts[rule] = (counts[rule] ?? 0) + count
  return counts
}

function remains(session: string, remaining: readonly RemainingSecret[]): Fault {
  const shown = remaining.slice(0, 5).map(({ rule, line, event }) => `${rule} in ${event ?? `line ${line}`}`)
  const more = remaining.length > shown.length ? ` and ${remaining.length - shown.length} more` : ''
  return new Fault('secret-remains', {
    message: `After redaction a secret is still in ${session} (${shown.join(', ')}${more}), so it is not sent.`,
    hint: 'The session is kept and looked at again at the next push; send its statement alone with `tier: metadata` in .stemma.yml.',
  })
}
