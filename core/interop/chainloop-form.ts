/**
 * The published form of Chainloop's evidence 0.1 (github.com/chainloop-dev/chainloop, schemas of AI coding sessions and of
 * agents' configuration): closed objects, to which later versions of the same 0.1 added members all the same. What is of
 * another type is refused, what is not known is left out and told.
 */
import { z } from 'zod'
import { malformed } from './refusal.ts'

const count = z.int()
const anything = z.record(z.string(), z.unknown())
const Agent = z.strictObject({ name: z.string().min(1), version: z.string().optional() })

const ChangedFile = z.looseObject({
  path: z.string().min(1),
  status: z.string(),
  lines_added: count.optional(),
  lines_removed: count.optional(),
  attribution: z.string().optional(),
  line_ranges: z.array(z.strictObject({ start: count, end: count })).optional(),
  session_ids: z.array(z.string()).optional(),
})

export const SessionEvidence = z.strictObject({
  schema_version: z.string().min(1),
  agent: Agent,
  session: z.strictObject({
    id: z.string().min(1),
    slug: z.string().optional(),
    mode: z.string().optional(),
    started_at: z.string().min(1),
    ended_at: z.string().optional(),
    duration_seconds: z.int().min(0),
  }),
  spec: z
    .array(
      z.strictObject({
        kind: z.string(),
        uri: z.string().optional(),
        digest: z.string().regex(/^sha256:[a-f0-9]{64}$/),
        captured_at: z.string().min(1),
      }),
    )
    .optional(),
  git_context: anything.optional(),
  code_changes: z
    .looseObject({
      files_modified: count.optional(),
      files_created: count.optional(),
      files_deleted: count.optional(),
      lines_added: count.optional(),
      lines_removed: count.optional(),
      ai_lines_added: count.optional(),
      ai_lines_removed: count.optional(),
      human_lines_added: count.optional(),
      human_lines_removed: count.optional(),
      files: z.array(ChangedFile).optional(),
    })
    .optional(),
  model: anything.optional(),
  usage: anything.optional(),
  tools_used: anything.optional(),
  conversation: anything.optional(),
  subagents: z.array(anything).optional(),
  raw_session: z.record(z.string(), z.array(z.unknown())).optional(),
  warnings: z.array(z.string()).optional(),
})

export const ConfigurationEvidence = z.strictObject({
  schema_version: z.string().min(1),
  agent: Agent,
  config_hash: z.string(),
  captured_at: z.iso.datetime({ offset: true }),
  git_context: z
    .strictObject({
      repository: z.string().optional(),
      branch: z.string().optional(),
      commit_sha: z.string().optional(),
    })
    .optional(),
  config_files: z.array(
    z.strictObject({
      path: z.string().min(1),
      // Not yet in the first schema of this version.
      kind: z.string().optional(),
      sha256: z.string(),
      size: z.int().min(0),
      content: z.string(),
    }),
  ),
  permissions: z.unknown().optional(),
  mcp_servers: z.unknown().optional(),
  subagents: z.unknown().optional(),
})

/** `what`: for people. Throws import-malformed with the first place that is wrong. */
export function readForm<T>(
  form: z.ZodType<T>,
  data: unknown,
  what: string,
): { readonly value: T; readonly warnings: readonly string[] } {
  const parsed = form.safeParse(data)
  if (parsed.success) return { value: parsed.data, warnings: [] }
  const unknown = parsed.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [],
  )
  const again = form.safeParse(without(data, unknown))
  if (!again.success) throw malformed(what, again.error)
  const names = unknown.map((path) => path.map(String).join('.'))
  return { value: again.data, warnings: [`Not in the published schema, and not read: ${names.join(', ')}.`] }
}

function without(data: unknown, paths: readonly (readonly PropertyKey[])[]): unknown {
  const copy: unknown = JSON.parse(JSON.stringify(data) ?? 'null')
  for (const path of paths) {
    const holder = path.slice(0, -1).reduce<unknown>((value, key) => (isHolder(value) ? value[key] : null), copy)
    const last = path.at(-1)
    if (isHolder(holder) && last !== undefined) delete holder[last]
  }
  return copy
}

function isHolder(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === 'object' && value !== null
}
