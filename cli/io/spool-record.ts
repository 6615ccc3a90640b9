/** One record of the spool, as `cli/stemma` writes it: facts, an empty line, the agent's payload, what was seen. */
import { z } from 'zod'
import { GENERIC } from '#core/agents/generic/format.ts'

/** What one hook saw of a work tree. */
export type Snapshot =
  | {
      readonly kind: 'file'
      /** Top of the work tree, as the hook spelled it. */
      readonly root: string
      /** Relative to `root`. */
      readonly path: string
      /** Id of the content; `absent` = no such file; `ignored` = git ignores it, so that nothing was kept. */
      readonly blob: string
    }
  | { readonly kind: 'tree'; readonly root: string; readonly tree: string }
  | { readonly kind: 'lost'; readonly root: string }

export interface SpoolRecord {
  /** `<nanoseconds since 1970>-<process>`: sorts by time. */
  readonly name: string
  /** Since 1970, with a fraction. */
  readonly milliseconds: number
  /** The word after `stemma hook`: which configuration called, which need not be the agent that did. */
  readonly agent: string
  /** A further word, with which some agents name the event. */
  readonly argument: string
  /** Working folder of the hook process. */
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
  /** null where it is not JSON; in our own format the text itself, since it may be several lines of JSON. */
  readonly payload: unknown
  /** Of a payload beyond the launcher's limit: only its plain facts are in `payload`. */
  readonly isCut?: true | undefined
  readonly snapshot: Snapshot | null
}

const SEPARATOR = '\nstemma-snapshots\n'
const END = '\nstemma-end\n'

/** null for what is no record at all. A record that a crash cut off has no snapshot, or `lost` where one was begun. */
export function parseRecord(name: string, text: string): SpoolRecord | null {
  if (!text.startsWith('stemma-spool/1\n')) return null
  const headEnd = text.indexOf('\n\n')
  if (headEnd === -1) return null
  const facts = new Map<string, string>()
  const environment: Record<string, string> = {}
  for (const line of text.slice(0, headEnd).split('\n').slice(1)) {
    const [, key = '', value = ''] = /^(\w+) ?(.*)$/.exec(line) ?? []
    const [, variable, content] = /^(\w+) (.*)$/.exec(value) ?? []
    if (key !== 'environment') facts.set(key, value)
    else if (variable !== undefined && content !== undefined) environment[variable] = content
  }
  const rest = text.slice(headEnd + 2)
  // A payload cannot hold a line of ours: JSON writes no newline inside a string. Whatever it is, ours comes last.
  const snapshotStart = rest.lastIndexOf(SEPARATOR)
  const { payload, isCut } = payloadOf(snapshotStart === -1 ? rest : rest.slice(0, snapshotStart), facts.get('agent'))
  return {
    name,
    milliseconds: timeOf(facts.get('at') ?? name),
    agent: facts.get('agent') ?? '',
    argument: facts.get('argument') ?? '',
    folder: facts.get('folder') ?? '',
    environment,
    payload,
    ...(isCut ? { isCut } : {}),
    snapshot: snapshotStart === -1 ? null : parseSnapshot(rest.slice(snapshotStart + SEPARATOR.length)),
  }
}

function parseSnapshot(text: string): Snapshot | null {
  const isWhole = `\n${text}`.endsWith(END)
  const [first = '', second = ''] = text.split('\n')
  const root = /^root (.+)$/.exec(first)?.[1]
  if (root === undefined) return null
  const [, tree] = /^tree ([0-9a-f]{40,64})$/.exec(second) ?? []
  const [, blob, path] = /^file ([0-9a-f]{40,64}|absent|ignored) (.+)$/.exec(second) ?? []
  if (!isWhole) return { kind: 'lost', root }
  if (tree !== undefined) return { kind: 'tree', root, tree }
  return blob !== undefined && path !== undefined ? { kind: 'file', root, path, blob } : { kind: 'lost', root }
}

/** Nanoseconds as digits; a double keeps a quarter of a microsecond of them. */
function timeOf(digits: string): number {
  const [nanoseconds = '0'] = /^\d+/.exec(digits) ?? []
  return Number(nanoseconds) / 1_000_000
}

function payloadOf(text: string, agent: string | undefined): { readonly payload: unknown; readonly isCut: boolean } {
  const isCut = text.length > ENORMOUS
  try {
    return { payload: JSON.parse(text), isCut: false }
  } catch {
    const payload = isCut ? factsOfCut(text) : null
    return { payload: payload === null && agent === GENERIC && text.trim() !== '' ? text : payload, isCut }
  }
}

const ENORMOUS = 16 * 1024 * 1024

/** The launcher keeps beginning and end of an enormous payload, which is then no JSON: its plain facts are read one by one. */
function factsOfCut(text: string): unknown {
  const facts: Record<string, unknown> = {}
  const named =
    /"(session_id|sessionId|conversation_id|transcript_path|cwd|permission_mode|hook_event_name|tool_name|toolName|tool_use_id|toolCallId|model|turn_id|file_path|cursor_version)"\s*:\s*"([^"\\]{0,4096})"/g
  for (const part of [text.slice(0, 65_536), text.slice(-4_096)]) {
    for (const [, name = '', value] of part.matchAll(named)) facts[name] ??= value
  }
  if (Object.keys(facts).length === 0) return null
  const { file_path: path, ...rest } = facts
  return path === undefined ? rest : { ...rest, tool_input: { file_path: path } }
}

export const ArchivedRecord: z.ZodType<SpoolRecord> = z.object({
  name: z.string(),
  milliseconds: z.number(),
  agent: z.string(),
  argument: z.string(),
  folder: z.string(),
  environment: z.record(z.string(), z.string()),
  payload: z.unknown(),
  isCut: z.literal(true).optional(),
  snapshot: z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('file'), root: z.string(), path: z.string(), blob: z.string() }),
      z.object({ kind: z.literal('tree'), root: z.string(), tree: z.string() }),
      z.object({ kind: z.literal('lost'), root: z.string() }),
    ])
    .nullable(),
})
