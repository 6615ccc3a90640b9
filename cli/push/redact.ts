/** Secrets out of everything that leaves: the session, and the subjects and paths of commits. Looked at twice. */
import type { CommitAttribution } from '#core/attribution/attribution.ts'
import type { AiSession } from '#core/evidence/statement.ts'
import { Fault } from '#core/fault.ts'
import { summarise } from '#core/session/header.ts'
import { redactSession, scanRemaining } from '#core/session/redaction.ts'
import type { Session } from '#core/session/session.ts'
import { writeSession } from '#core/session/session-text.ts'
import type { Configuration } from '../io/configuration.ts'
import type { Contribution } from './contributions.ts'

/** Raised with the rules of core/session/redaction.ts, so that evidence tells by which of them it was cleaned. */
const RULES = 'stemma-redaction/1'

export interface Redacted {
  readonly session: Session
  /** `writeSession` of it, as it would be sent. */
  readonly text: string
  readonly attribution: readonly CommitAttribution[]
  readonly redaction: AiSession['redaction']
}

interface RedactionRequest {
  readonly secrets: readonly string[]
  readonly tier: Configuration['tier']
}

/** Throws secret-remains where a second look at what would be sent still finds something. */
export async function redact(
  { session, attribution }: Contribution,
  { secrets: knownSecrets, tier }: RedactionRequest,
): Promise<Redacted> {
  const clean = await redactSession(session, { knownSecrets })
  const commits = await redactCommits(attribution, knownSecrets)
  const text = writeSession(clean.session)
  const sent = tier === 'full' ? text : writeSession({ ...clean.session, events: [], eventCount: 0 })
  const remaining = await scanRemaining(sent, { knownSecrets })
  if (remaining.length > 0) throw remains(session.id, remaining)
  return {
    session: clean.session,
    text,
    attribution: commits.attribution,
    redaction: {
      rules: RULES,
      redacted: sum(clean.redacted, commits.redacted),
      withheld: clean.withheld + commits.withheld,
    },
  }
}

export interface RedactedCommits {
  readonly attribution: readonly CommitAttribution[]
  readonly redaction: AiSession['redaction']
}

/** Of commits to which no session contributed. Throws secret-remains like `redact`. */
export async function redactObserved(
  attribution: readonly CommitAttribution[],
  knownSecrets: readonly string[],
): Promise<RedactedCommits> {
  const { carrier, redacted, withheld, ...clean } = await redactCommits(attribution, knownSecrets)
  const remaining = await scanRemaining(writeSession(carrier), { knownSecrets })
  if (remaining.length > 0) throw remains('a commit', remaining)
  return { attribution: clean.attribution, redaction: { rules: RULES, redacted, withheld } }
}

/** Subjects are texts, and paths are paths, in the way that a session's warnings and branches are: the same rules hold. */
async function redactCommits(attribution: readonly CommitAttribution[], knownSecrets: readonly string[]) {
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
    { knownSecrets },
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
  knownSecrets: readonly string[],
): Promise<RedactedTexts> {
  const {
    session: carrier,
    redacted,
    withheld,
  } = await redactSession({ ...bareSession, warnings: [...given.texts], branches: [...given.paths] }, { knownSecrets })
  return {
    texts: carrier.warnings,
    paths: carrier.branches,
    redaction: { rules: RULES, redacted: { ...redacted }, withheld },
    remaining: await scanRemaining(writeSession(carrier), { knownSecrets }),
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

function remains(session: string, remaining: readonly { readonly rule: string; readonly line: number }[]): Fault {
  const shown = remaining.slice(0, 5).map(({ rule, line }) => `${rule} in line ${line}`)
  return new Fault('secret-remains', {
    message: `After redaction a secret is still in ${session} (${shown.join(', ')}), so it is not sent.`,
    hint: 'The session is kept and looked at again at the next push; send its statement alone with `tier: metadata` in .stemma.yml.',
  })
}
