/** Statement: in-toto Statement v1 with Stemma's predicates; what is claimed. */
import { z } from 'zod'
import { CommitAttribution } from '../attribution/attribution.ts'
import { LineDigests } from '../attribution/line-digests.ts'
import { AgentConfiguration } from '../configuration/configuration.ts'
import { Fault } from '../fault.ts'
import { lengthClasses } from '../session/redaction/commitment.ts'
import { SessionHeader } from '../session/session.ts'
import { type Bytes, readUtf8, utf8 } from './bytes.ts'
import { canonicalJson } from './canonical-json.ts'
import { parseStrictJson } from './strict-json.ts'

export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1'

/** The one place where the home of our predicates is named. */
export const PREDICATE_BASE = 'https://stemma.dev/attestation'
export const AI_SESSION_PREDICATE = `${PREDICATE_BASE}/ai-session/v1`
export const OBSERVED_COMMITS_PREDICATE = `${PREDICATE_BASE}/observed-commits/v1`
export const MERGED_ATTRIBUTION_PREDICATE = `${PREDICATE_BASE}/merged-attribution/v1`
export const AI_CONFIG_PREDICATE = `${PREDICATE_BASE}/ai-config/v1`

const hex256 = z.string().regex(/^[0-9a-f]{64}$/)
const gitCommit = z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/)

/** Subjects are matched by digest only, never by name (in-toto Statement v1, "ResourceDescriptor"). */
const Subject = z.object({
  name: z.string().max(500).optional(),
  digest: z.union([z.object({ gitCommit }), z.object({ sha256: hex256 })]),
})

/** Where the redacted transcript lies; null in tier `metadata`, where none leaves the machine. */
const TranscriptReference = z.object({
  sha256: hex256,
  mediaType: z.string(),
  bytes: z.int().nonnegative(),
})

/** HMAC-SHA256 over rule, event, leaf and original, by a key that never leaves the machine. */
const Committed = z.object({
  rule: z.string(),
  /** null: in the header. */
  event: z.string().nullable(),
  leaf: z.string(),
  length: z.enum(lengthClasses),
  commitment: hex256,
})

const Redaction = z.object({
  /** Version of the rule set, as `stemma-redaction/<n>`. */
  rules: z.string(),
  /** Rule id -> how many values it replaced. */
  redacted: z.record(z.string(), z.int().nonnegative()),
  /** Values that still matched after redaction and were therefore removed whole. */
  withheld: z.int().nonnegative(),
  /** Kind -> how many pictures and other binaries became a digest; absent where none was looked for. */
  binaries: z.record(z.string(), z.int().nonnegative()).optional(),
  /** What was taken out of the session where, in order; the commitments can be opened by the machine's key alone. */
  manifest: z
    .object({
      entries: z.array(Committed),
      /** Entries that found no room: an envelope is bounded. */
      omitted: z.int().nonnegative(),
    })
    .optional(),
})

export const AiSession = z.object({
  session: SessionHeader,
  /** `owner/name` as the remote names it; null for a repository without a remote. */
  repository: z.string().max(300).nullable(),
  transcript: TranscriptReference.nullable(),
  attribution: z.array(CommitAttribution),
  /** null or absent: the machine had no key of an organisation, or the digests would not fit. */
  lineDigests: LineDigests.nullish(),
  redaction: Redaction,
  producer: z.object({ name: z.string(), version: z.string() }),
  /** When the machine says that it wrote the statement; the log's time decides, not this. */
  createdAt: z.iso.datetime(),
})
export type AiSession = Readonly<z.infer<typeof AiSession>>

/**
 * What a machine observed of commits to which no session contributed: without it, lines that a person was seen to write
 * would have to pass for unknown, and a share of AI lines would leave out everything that was written by hand.
 */
export const ObservedCommits = z.object({
  repository: z.string().max(300).nullable(),
  attribution: z.array(CommitAttribution).min(1),
  /** As in a session's statement. */
  lineDigests: LineDigests.nullish(),
  redaction: Redaction,
  producer: z.object({ name: z.string(), version: z.string() }),
  createdAt: z.iso.datetime(),
})
export type ObservedCommits = Readonly<z.infer<typeof ObservedCommits>>

/**
 * What the organisation's server makes of the evidence when a pull request is merged, for the commits by which the forge
 * put it on the base branch. It claims nothing that the evidence it names does not: that stays what a machine signed.
 */
export const MergedAttribution = z.object({
  repository: z.string().max(300),
  pullRequest: z.int().positive(),
  /** Last commit of the pull request's branch. */
  head: gitCommit,
  method: z.enum(['merge', 'squash', 'rebase']),
  attribution: z.array(CommitAttribution).min(1),
  /** Evidence from which the attribution comes, by its id, and how it was tied to the commits. */
  sources: z.array(z.object({ evidence: hex256, foundBy: z.enum(['commit', 'patch', 'lines']) })),
  /** Id of the statement about the same merge whose place this one takes: evidence came after the merge. */
  supersedes: hex256.optional(),
  producer: z.object({ name: z.string(), version: z.string() }),
  /** When the commit was made, as the forge tells it. */
  createdAt: z.iso.datetime(),
})
export type MergedAttribution = Readonly<z.infer<typeof MergedAttribution>>

/** What the coding agents on a machine were told and allowed in a repository, when evidence of it was sent. */
export const AiConfig = z.object({
  repository: z.string().max(300).nullable(),
  /** Checked out when the files were read; null in a repository without a commit. */
  commit: gitCommit.nullable(),
  /** `configurationHash` of `agents`. */
  hash: hex256,
  /** Hash of the evidence that this machine sent before; null for the first. */
  previous: hex256.nullable(),
  /** `metadata`: files by their digests, and nothing of what they say. */
  tier: z.enum(['full', 'metadata']),
  /** One for each agent that was looked for, so that an agent without files is known to have none. */
  agents: z.array(AgentConfiguration).min(1),
  redaction: Redaction,
  producer: z.object({ name: z.string(), version: z.string() }),
  createdAt: z.iso.datetime(),
})
export type AiConfig = Readonly<z.infer<typeof AiConfig>>

const statementOf = <Type extends string, Predicate extends z.ZodType>(predicateType: Type, predicate: Predicate) =>
  z.object({
    _type: z.literal(STATEMENT_TYPE),
    subject: z.array(Subject).min(1),
    predicateType: z.literal(predicateType),
    predicate,
  })

const Statement = z.discriminatedUnion('predicateType', [
  statementOf(AI_SESSION_PREDICATE, AiSession),
  statementOf(OBSERVED_COMMITS_PREDICATE, ObservedCommits),
  statementOf(AI_CONFIG_PREDICATE, AiConfig),
  statementOf(MERGED_ATTRIBUTION_PREDICATE, MergedAttribution),
])
export type Statement = Readonly<z.infer<typeof Statement>>
export type SessionStatement = Extract<Statement, { predicateType: typeof AI_SESSION_PREDICATE }>
export type CommitsStatement = Extract<Statement, { predicateType: typeof OBSERVED_COMMITS_PREDICATE }>
export type MergeStatement = Extract<Statement, { predicateType: typeof MERGED_ATTRIBUTION_PREDICATE }>
export type ConfigStatement = Extract<Statement, { predicateType: typeof AI_CONFIG_PREDICATE }>

/** Each commit as `gitCommit` and the redacted transcript as `sha256`. A session without either proves nothing and has no statement. */
export function aiSessionStatement(predicate: AiSession): SessionStatement {
  const transcript = predicate.transcript === null ? [] : [{ digest: { sha256: predicate.transcript.sha256 } }]
  const subject = [...commitSubjects(predicate), ...transcript]
  return { _type: STATEMENT_TYPE, subject, predicateType: AI_SESSION_PREDICATE, predicate }
}

export function observedCommitsStatement(predicate: ObservedCommits): CommitsStatement {
  const subject = commitSubjects(predicate)
  return { _type: STATEMENT_TYPE, subject, predicateType: OBSERVED_COMMITS_PREDICATE, predicate }
}

export function mergedAttributionStatement(predicate: MergedAttribution): MergeStatement {
  const subject = commitSubjects(predicate)
  return { _type: STATEMENT_TYPE, subject, predicateType: MERGED_ATTRIBUTION_PREDICATE, predicate }
}

/** The configuration by its hash, and the commit at which it was read. */
export function aiConfigStatement(predicate: AiConfig): ConfigStatement {
  const { hash, commit, repository } = predicate
  const name = repository === null ? {} : { name: repository }
  const subject = [
    { ...name, digest: { sha256: hash } },
    ...(commit === null ? [] : [{ ...name, digest: { gitCommit: commit } }]),
  ]
  return { _type: STATEMENT_TYPE, subject, predicateType: AI_CONFIG_PREDICATE, predicate }
}

function commitSubjects({ attribution, repository }: Pick<AiSession, 'attribution' | 'repository'>) {
  return attribution.map(({ commit }) => ({
    ...(repository === null ? {} : { name: repository }),
    digest: { gitCommit: commit },
  }))
}

/** The session that the statement is about; null where it is about commits alone. */
export function sessionOf(statement: Statement): AiSession['session'] | null {
  return statement.predicateType === AI_SESSION_PREDICATE ? statement.predicate.session : null
}

export function transcriptOf(statement: Statement): AiSession['transcript'] {
  return statement.predicateType === AI_SESSION_PREDICATE ? statement.predicate.transcript : null
}

/** The commits that the statement attributes; a configuration attributes none. */
export function attributionOf(statement: Statement): AiSession['attribution'] {
  return statement.predicateType === AI_CONFIG_PREDICATE ? [] : statement.predicate.attribution
}

/** Digests of everything that the predicate describes: what the subjects must name, no more and no less. */
export function describedDigests(statement: Statement): readonly string[] {
  if (statement.predicateType === AI_CONFIG_PREDICATE) {
    const { hash, commit } = statement.predicate
    return commit === null ? [hash] : [hash, commit]
  }
  const transcript = transcriptOf(statement)
  return [...attributionOf(statement).map(({ commit }) => commit), ...(transcript === null ? [] : [transcript.sha256])]
}

export function writeStatement(statement: Statement): Bytes {
  return utf8(canonicalJson(statement))
}

/** Reads exactly the signed bytes. Unknown fields are ignored (monotonic principle). Throws json-* or statement-malformed. */
export function readStatement(payload: Bytes): Statement {
  const text = readUtf8(payload)
  if (text === null) throw malformed('the payload is not UTF-8')
  const parsed = Statement.safeParse(parseStrictJson(text))
  if (!parsed.success) throw malformed(z.prettifyError(parsed.error))
  return parsed.data
}

function malformed(problem: string): Fault {
  return new Fault('statement-malformed', {
    message: `The signed payload is not a statement that this version reads: ${problem}`.slice(0, 2_000),
    hint: `Update the program that wrote it (\`npm install -g stemma\`); the form is published at ${AI_SESSION_PREDICATE}.`,
  })
}
