/**
 * Chainloop's evidence of AI sessions and of agents' configuration, schema 0.1. Its line ranges are of the work tree while
 * the session ran and of no commit, and its label is one for a whole file: they are claims about files, and hold no line.
 */
import { z } from 'zod'
import { listIn, textIn } from '../agents/json-value.ts'
import { fromBase64 } from '../evidence/bytes.ts'
import { sha256Hex } from '../evidence/digest.ts'
import { ConfigurationEvidence, readForm, SessionEvidence } from './chainloop-form.ts'
import type { ClaimedRange, ImportedRecord } from './imported.ts'
import { unsupported } from './refusal.ts'

export const chainloopKinds = {
  CHAINLOOP_AI_CODING_SESSION: 'chainloop-ai-session',
  CHAINLOOP_AI_AGENT_CONFIG: 'chainloop-ai-config',
} as const

const known = /^(?:v?0\.1(?:\.\d+)?)$/

/** Ids of their agents that we call otherwise. */
const agents: ReadonlyMap<string, string> = new Map([
  ['claude', 'claude-code'],
  ['claude-code', 'claude-code'],
])

export function readChainloopSession(data: unknown): ImportedRecord {
  const { value, warnings: unread } = readForm(SessionEvidence, data, 'AI-session evidence of Chainloop')
  const { schema_version: version, agent, session, git_context: git, code_changes: changes } = value
  if (!known.test(version)) throw unsupported("Chainloop's AI-session evidence", version, '0.1')
  const id = `${agents.get(agent.name) ?? agent.name}:${session.id}`
  const warnings = [...(value.warnings ?? []), ...unread]
  const model = textIn(value.model ?? null, 'primary')
  const files = (changes?.files ?? []).map(({ path, attribution, line_ranges: lines = [] }) => {
    const claim = attribution === 'ai' || attribution === 'human' ? attribution : 'unknown'
    const sound = lines.filter(({ start, end }) => start >= 1 && end >= start)
    if (sound.length < lines.length) warnings.push(`${path}: ${lines.length - sound.length} line ranges are none.`)
    const isAi = claim === 'ai'
    const ranges = sound.map(
      ({ start, end }): ClaimedRange => ({
        start,
        end,
        claim,
        session: isAi ? id : null,
        model: isAi ? model : null,
      }),
    )
    return { path, ranges: ranges.sort((left, right) => left.start - right.start), sha256: null }
  })
  return {
    schema: 'stemma.import/v1',
    source: 'chainloop-ai-session',
    version,
    signedBy: null,
    tool: { name: agent.name, version: agent.version ?? null },
    commit: null,
    relatedCommits: commitsIn(listIn(git ?? null, 'commits')),
    at: session.started_at,
    sessions: [{ id, model }],
    files,
    warnings,
  }
}

/** Ids, or objects that carry one. */
function commitsIn(commits: readonly unknown[]): string[] {
  const Named = z.union([z.string(), z.looseObject({ sha: z.string() }).transform(({ sha }) => sha)])
  return commits.flatMap((commit) => {
    const id = Named.safeParse(commit).data
    return id !== undefined && /^[0-9a-f]{7,64}$/.test(id) ? [id] : []
  })
}

export async function readChainloopConfiguration(data: unknown): Promise<ImportedRecord> {
  const { value, warnings: unread } = readForm(ConfigurationEvidence, data, 'agent-configuration evidence of Chainloop')
  const { schema_version: version, agent, captured_at: at, git_context: git, config_files: given } = value
  if (!known.test(version)) throw unsupported("Chainloop's agent-configuration evidence", version, '0.1')
  const warnings = [...unread]
  for (const { path, sha256, content } of given) {
    const bytes = fromBase64(content)
    if (bytes === null) warnings.push(`${path}: its content is not base64.`)
    else if ((await sha256Hex(bytes)) !== sha256.toLowerCase())
      warnings.push(`${path}: its content has another digest.`)
  }
  return {
    schema: 'stemma.import/v1',
    source: 'chainloop-ai-config',
    version,
    signedBy: null,
    tool: { name: agent.name, version: agent.version ?? null },
    commit: git?.commit_sha ?? null,
    relatedCommits: [],
    at,
    sessions: [],
    files: given.map(({ path, sha256 }) => ({ path, ranges: [], sha256: sha256.toLowerCase() })),
    warnings,
  }
}
