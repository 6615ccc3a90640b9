/** Statement: in-toto Statement v1 with Stemma's predicates; what is claimed. */
import { z } from 'zod'
import { CommitAttribution } from '../attribution/attribution.ts'
import { Fault } from '../fault.ts'
import { SessionHeader } from '../session/session.ts'
import { type Bytes, readUtf8, utf8 } from './bytes.ts'
import { canonicalJson } from './canonical-json.ts'
import { parseStrictJson } from './strict-json.ts'

export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1'

/** The one place where the home of our predicates is named. */
export const PREDICATE_BASE = 'https://stemma.dev/attestation'
export const AI_SESSION_PREDICATE = `${PREDICATE_BASE}/ai-session/v1`

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

const Redaction = z.object({
  /** Version of the rule set, as `stemma-redaction/<n>`. */
  rules: z.string(),
  /** Rule id -> how many values it replaced. */
  redacted: z.record(z.string(), z.int().nonnegative()),
  /** Values that still matched after redaction and were therefore removed whole. */
  withheld: z.int().nonnegative(),
})

export const AiSession = z.object({
  session: SessionHeader,
  /** `owner/name` as the remote names it; null for a repository without a remote. */
  repository: z.string().max(300).nullable(),
  transcript: TranscriptReference.nullable(),
  attribution: z.array(CommitAttribution),
  redaction: Redaction,
  producer: z.object({ name: z.string(), version: z.string() }),
  /** When the machine says that it wrote the statement; the log's time decides, not this. */
  createdAt: z.iso.datetime(),
})
export type AiSession = Readonly<z.infer<typeof AiSession>>

const Statement = z.object({
  _type: z.literal(STATEMENT_TYPE),
  subject: z.array(Subject).min(1),
  predicateType: z.literal(AI_SESSION_PREDICATE),
  predicate: AiSession,
})
export type Statement = Readonly<z.infer<typeof Statement>>

/** Each commit as `gitCommit` and the redacted transcript as `sha256`. A session without either proves nothing and has no statement. */
export function aiSessionStatement(predicate: AiSession): Statement {
  const commits = predicate.attribution.map(({ commit }) => ({
    ...(predicate.repository === null ? {} : { name: predicate.repository }),
    digest: { gitCommit: commit },
  }))
  const transcript = predicate.transcript === null ? [] : [{ digest: { sha256: predicate.transcript.sha256 } }]
  return { _type: STATEMENT_TYPE, subject: [...commits, ...transcript], predicateType: AI_SESSION_PREDICATE, predicate }
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
