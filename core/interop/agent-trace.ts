/**
 * Agent Trace records, RFC 0.1.0 of January 2026 (github.com/cursor/agent-trace): one record a commit. Every class of ours has its own
 * contributor type there, so that nothing is lost; what the format has no word for stands under `metadata["dev.stemma"]`.
 */
import { z } from 'zod'
import type { CommitAttribution, FileAttribution, LineRange } from '../attribution/attribution.ts'
import { lineClasses } from '../attribution/attribution.ts'
import { utf8 } from '../evidence/bytes.ts'
import { sha256Hex } from '../evidence/digest.ts'
import { providerOf } from '../session/prices.ts'
import type { ClaimedRange, ImportedFile, ImportedRecord } from './imported.ts'
import { malformed, unsupported } from './refusal.ts'

/** Of RFC 0.1.0, in the two numbers that its schema asks for; the text of the RFC writes three. */
const AGENT_TRACE_VERSION = '0.1'
const MAX_MODEL = 250
const SESSION_URN = 'urn:stemma:session:'

const Contributor = z.looseObject({ type: z.enum(lineClasses), model_id: z.string().max(MAX_MODEL).optional() })
const Range = z.looseObject({
  start_line: z.int().min(1),
  end_line: z.int().min(1),
  content_hash: z.string().optional(),
  contributor: Contributor.optional(),
})
const Conversation = z.looseObject({
  url: z.string().optional(),
  contributor: Contributor.optional(),
  ranges: z.array(Range),
  related: z.array(z.looseObject({ type: z.string(), url: z.string() })).optional(),
})
const File = z.looseObject({ path: z.string().min(1), conversations: z.array(Conversation) })
/** By the schema a version has two numbers, in the RFC's own examples three: both are read. */
const TraceRecord = z.looseObject({
  version: z.string().regex(/^[0-9]+\.[0-9]+(\.[0-9]+)?$/),
  id: z.string(),
  timestamp: z.iso.datetime({ offset: true }),
  vcs: z.looseObject({ type: z.enum(['git', 'jj', 'hg', 'svn']), revision: z.string() }).optional(),
  tool: z.looseObject({ name: z.string().optional(), version: z.string().optional() }).optional(),
  files: z.array(File),
  metadata: z.record(z.string(), z.unknown()).optional(),
})
export type TraceRecord = z.infer<typeof TraceRecord>

/** The same commit always gives the same record. `version`: of Stemma. */
export async function writeTraceRecord(
  attribution: CommitAttribution,
  { version }: { readonly version: string },
): Promise<TraceRecord> {
  const { commit, authoredAt, files } = attribution
  return {
    version: AGENT_TRACE_VERSION,
    id: await recordId(commit),
    timestamp: new Date(authoredAt).toISOString(),
    vcs: { type: 'git', revision: commit },
    tool: { name: 'stemma', version },
    files: files.filter(({ ranges }) => ranges.length > 0).map(writeFile),
    metadata: {
      'dev.stemma': {
        witnesses: Object.fromEntries(
          files
            .filter(({ ranges }) => ranges.length > 0)
            .map(({ path, ranges }) => [
              path,
              ranges.map(({ start, end, confidence }) => ({ start, end, confidence })),
            ]),
        ),
      },
    },
  }
}

/** A UUID (version 8) out of the commit's id. */
async function recordId(commit: string): Promise<string> {
  const hex = await sha256Hex(utf8(`agent-trace ${commit}`))
  const variant = '89ab'[Number.parseInt(hex[16] ?? '0', 16) % 4] ?? '8'
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-')
}

function writeFile({ path, ranges }: FileAttribution): TraceRecord['files'][number] {
  const groups = Map.groupBy(ranges, (range) => JSON.stringify([range.class, range.session, range.model]))
  return {
    path,
    conversations: [...groups.values()].flatMap((own) => (own[0] ? [writeConversation(own[0], own)] : [])),
  }
}

function writeConversation(first: LineRange, ranges: readonly LineRange[]): z.infer<typeof Conversation> {
  const model = first.model === null ? {} : { model_id: modelId(first.model) }
  return {
    contributor: { type: first.class, ...model },
    ranges: ranges.map(({ start, end }) => ({ start_line: start, end_line: end })),
    ...(first.session === null
      ? {}
      : { related: [{ type: 'session', url: `${SESSION_URN}${encodeURIComponent(first.session)}` }] }),
  }
}

/** `provider/model`, as models.dev writes it. */
function modelId(model: string): string {
  const provider = model.includes('/') ? null : providerOf(model)
  return (provider === null ? model : `${provider}/${model}`).slice(0, MAX_MODEL)
}

/** Throws import-malformed with the place, or import-unsupported for another major version. */
export function readTraceRecord(value: unknown): ImportedRecord {
  const parsed = TraceRecord.safeParse(value)
  if (!parsed.success) throw malformed('Agent Trace record', parsed.error)
  const { version, timestamp, vcs, tool, files } = parsed.data
  if (Number(version.split('.')[0]) > 1) throw unsupported('Agent Trace', version, '0.x and 1.x')
  const warnings: string[] = []
  if (vcs !== undefined && vcs.type !== 'git') warnings.push(`Its revision is one of ${vcs.type} and not of git.`)
  const read = files.map((file) => readFile(file, warnings))
  return {
    schema: 'stemma.import/v1',
    source: 'agent-trace',
    version,
    signedBy: null,
    tool: tool?.name === undefined ? null : { name: tool.name, version: tool.version ?? null },
    commit: vcs?.type === 'git' ? vcs.revision : null,
    relatedCommits: [],
    at: timestamp,
    sessions: sessionsOf(read),
    files: read,
    warnings,
  }
}

function readFile({ path, conversations }: z.infer<typeof File>, warnings: string[]): ImportedFile {
  const ranges = conversations.flatMap((conversation) =>
    conversation.ranges.flatMap((range): ClaimedRange[] => {
      if (range.end_line < range.start_line) {
        warnings.push(`${path}: the range ${range.start_line}-${range.end_line} ends before it begins.`)
        return []
      }
      const contributor = range.contributor ?? conversation.contributor
      return [
        {
          start: range.start_line,
          end: range.end_line,
          claim: contributor?.type ?? 'unknown',
          session: sessionOf(conversation),
          model: contributor?.model_id ?? null,
        },
      ]
    }),
  )
  return { path, ranges: ranges.sort((left, right) => left.start - right.start), sha256: null }
}

/** Ours under its id, another tool's under its address. */
function sessionOf({ url, related }: z.infer<typeof Conversation>): string | null {
  const own = related?.find((one) => one.url.startsWith(SESSION_URN))?.url.slice(SESSION_URN.length)
  if (own === undefined) return url ?? null
  try {
    return decodeURIComponent(own)
  } catch {
    return own
  }
}

export function sessionsOf(files: readonly ImportedFile[]): ImportedRecord['sessions'] {
  const models = new Map<string, string | null>()
  for (const { session, model } of files.flatMap(({ ranges }) => ranges)) {
    if (session !== null) models.set(session, models.get(session) ?? model)
  }
  return [...models].map(([id, model]) => ({ id, model }))
}
