/** git-ai's authorship log -> claims: keys of today (`s_…::t_…`, `h_…`) and of before (7 or 16 hexadecimal digits). */
import { z } from 'zod'
import { lineClasses } from '../attribution/attribution.ts'
import { sessionsOf } from './agent-trace.ts'
import { GIT_AI_SCHEMA, gitAiTools } from './git-ai-write.ts'
import type { ClaimedRange, ImportedFile, ImportedRecord } from './imported.ts'
import { type Lines, readLines } from './line-list.ts'
import { malformed, unsupported } from './refusal.ts'

const AgentId = z.looseObject({ tool: z.string(), id: z.string().optional(), model: z.string().optional() })
const Author = z.looseObject({ agent_id: AgentId.optional() })
const Extension = z.looseObject({
  version: z.literal(1),
  files: z
    .array(
      z.object({
        path: z.string().min(1),
        ranges: z.array(
          z.object({
            start: z.int().positive(),
            end: z.int().positive(),
            class: z.enum(lineClasses),
            session: z.string().nullable(),
          }),
        ),
      }),
    )
    .default([]),
})
const Metadata = z.looseObject({
  schema_version: z.string(),
  base_commit_sha: z.string().default(''),
  git_ai_version: z.string().optional(),
  prompts: z.record(z.string(), Author).default({}),
  sessions: z.record(z.string(), Author).default({}),
  stemma: Extension.optional().catch(undefined),
})
type Metadata = z.infer<typeof Metadata>

/** `commit`: to which the note is attached; null = not known, then the log's own word counts. */
export function readGitAiNote(text: string, commit: string | null): ImportedRecord {
  const divider = /(?:^|\n)---\r?\n/.exec(text)
  if (divider === null) throw malformed('authorship log of git-ai', 'the divider `---` is missing')
  const metadata = readMetadata(text.slice(divider.index + divider[0].length))
  const warnings: string[] = []
  const files = withExtension(readAttestations(text.slice(0, divider.index), metadata, warnings), metadata)
  return {
    schema: 'stemma.import/v1',
    source: 'git-ai',
    version: metadata.schema_version,
    signedBy: null,
    tool: { name: 'git-ai', version: metadata.git_ai_version ?? null },
    commit: commit ?? (metadata.base_commit_sha || null),
    relatedCommits: [],
    at: null,
    sessions: sessionsOf(files),
    files: [...files],
    warnings,
  }
}

function readMetadata(text: string): Metadata {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw malformed('authorship log of git-ai', 'what follows the divider is not JSON')
  }
  const parsed = Metadata.safeParse(json)
  if (!parsed.success) throw malformed('authorship log of git-ai', parsed.error)
  const version = parsed.data.schema_version
  if (!/^authorship\/3\.\d+\.\d+$/.test(version)) throw unsupported('the authorship log', version, GIT_AI_SCHEMA)
  return parsed.data
}

function readAttestations(text: string, metadata: Metadata, warnings: string[]): readonly ImportedFile[] {
  const files: { path: string; ranges: ClaimedRange[] }[] = []
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue
    const where = `line ${index + 1}`
    if (!/^\s/.test(line)) {
      files.push({ path: /^"(.*)"$/.exec(line)?.[1] ?? line, ranges: [] })
      continue
    }
    const [, key, list] = /^ {2}(\S+) (\S+)$/.exec(line) ?? []
    const lines = list === undefined ? null : readLines(list)
    const file = files.at(-1)
    if (key === undefined || lines === null || file === undefined) {
      throw malformed('authorship log of git-ai', `${where} is neither a path nor a key with its lines`)
    }
    file.ranges.push(...claimsOf(key, lines, metadata, (said) => warnings.push(`${where}: ${said}`)))
  }
  return files.map(({ path, ranges }) => ({ path, ranges: settled(ranges), sha256: null }))
}

function claimsOf(key: string, lines: readonly Lines[], metadata: Metadata, warn: (said: string) => void) {
  if (key.startsWith('h_')) return lines.map((one) => ({ ...one, claim: 'human' as const, session: null, model: null }))
  const session = /^(s_[0-9a-f]{14})(?:::t_[0-9a-f]{14})?$/.exec(key)?.[1]
  if (session === undefined && !/^(?:[0-9a-f]{7}|[0-9a-f]{16})$/.test(key)) {
    warn(`the key ${key.slice(0, 60)} is of no known kind, so its lines are nobody's.`)
    return lines.map((one) => ({ ...one, claim: 'unknown' as const, session: null, model: null }))
  }
  const agent = (session === undefined ? metadata.prompts[key] : metadata.sessions[session])?.agent_id
  if (agent === undefined) warn(`the metadata does not say who ${key} is.`)
  const model = agent?.model === undefined || agent.model === 'unknown' ? null : agent.model
  const claim = { claim: 'ai' as const, session: agent === undefined ? null : sessionId(agent), model }
  return lines.map((one) => ({ ...one, ...claim }))
}

function sessionId({ tool, id }: z.infer<typeof AgentId>): string | null {
  const ours = [...gitAiTools].find(([, theirs]) => theirs === tool)?.[0] ?? tool
  return id === undefined ? null : `${ours}:${id}`
}

/** Each line once. Where an agent and a person are both named, it is mixed; of two agents, the one named first counts. */
function settled(ranges: readonly ClaimedRange[]): ClaimedRange[] {
  const bounds = [...new Set(ranges.flatMap(({ start, end }) => [start, end + 1]))].sort((one, other) => one - other)
  const pieces: ClaimedRange[] = []
  for (const [index, start] of bounds.entries()) {
    const next = bounds[index + 1]
    const over = ranges.filter((range) => range.start <= start && range.end >= start)
    const first = over.find(({ claim }) => claim === 'ai') ?? over[0]
    if (next === undefined || first === undefined) continue
    const isMixed = first.claim === 'ai' && over.some(({ claim }) => claim === 'human')
    pieces.push({ ...first, start, end: next - 1, claim: isMixed ? 'mixed' : first.claim })
  }
  return pieces
}

/** What our own export said beyond the format; it can only refine what the log attests. */
function withExtension(files: readonly ImportedFile[], { stemma }: Metadata): readonly ImportedFile[] {
  if (stemma === undefined) return files
  const paths = new Set([...files, ...stemma.files].map(({ path }) => path))
  return [...paths].map((path) => {
    const attested = files.find((file) => file.path === path)?.ranges ?? []
    const said = stemma.files.filter((file) => file.path === path).flatMap(({ ranges }) => ranges)
    const mixed = said.filter((one) => one.class === 'mixed')
    const added = said
      .filter(({ start, end }) => end >= start && !attested.some((one) => one.start <= end && start <= one.end))
      .map(({ start, end, class: claim, session }): ClaimedRange => ({ start, end, claim, session, model: null }))
    const ranges = [...attested.flatMap((range) => asMixed(range, mixed)), ...added]
    return { path, ranges: ranges.sort((left, right) => left.start - right.start), sha256: null }
  })
}

function asMixed(range: ClaimedRange, mixed: readonly Lines[]): readonly ClaimedRange[] {
  if (range.claim !== 'ai') return [range]
  const marks = mixed.map(({ start, end }) => ({ ...range, start, end, claim: 'human' as const }))
  return settled([range, ...marks]).filter(({ start, end }) => start >= range.start && end <= range.end)
}
