/** Event: one normalised thing that happened in a session. Every agent's transcript becomes a list of these. */
import { z } from 'zod'
import { Usage } from './usage.ts'

/** Present on every event. */
const common = {
  /** Unique in the session and stable: the same transcript always gives the same ids. */
  id: z.string().min(1),
  /** RFC 3339 UTC as the agent recorded it; null where the agent records no time. */
  at: z.iso.datetime().nullable(),
  /** `main`, or the id of the subagent in whose thread it happened. */
  thread: z.string().min(1),
}

/** One contiguous change, in the manner of a unified diff hunk; `lines` begin with ' ', '+' or '-'. */
export const Hunk = z.object({
  oldStart: z.int().nonnegative(),
  oldLines: z.int().nonnegative(),
  newStart: z.int().nonnegative(),
  newLines: z.int().nonnegative(),
  lines: z.array(z.string()),
})
export type Hunk = Readonly<z.infer<typeof Hunk>>

/** What one tool call did to one file. A created file has one hunk that adds all its lines. */
export const FileEdit = z.object({
  /** Relative to the repository root with `/`; absolute, with the home folder as `~`, for files outside of it. */
  path: z.string().min(1),
  kind: z.enum(['create', 'update', 'delete']),
  hunks: z.array(Hunk),
  /** The person changed the agent's proposal before accepting it, where the agent records that. */
  userModified: z.boolean().nullable(),
})
export type FileEdit = Readonly<z.infer<typeof FileEdit>>

export const toolCategories = ['edit', 'shell', 'read', 'search', 'web', 'mcp', 'subagent', 'skill', 'other'] as const
export const toolOutcomes = ['ok', 'failed', 'denied', 'interrupted', 'unknown'] as const

const Prompt = z.object({ ...common, kind: z.literal('prompt'), text: z.string() })
/** Text that stood in the user's role but was put there by the program: instruction files, summaries, notifications. */
const Context = z.object({ ...common, kind: z.literal('context'), source: z.string(), text: z.string() })
const Message = z.object({ ...common, kind: z.literal('message'), text: z.string() })
const Reasoning = z.object({ ...common, kind: z.literal('reasoning'), text: z.string() })
const ToolCall = z.object({
  ...common,
  kind: z.literal('toolCall'),
  callId: z.string().min(1),
  /** The agent's own name of the tool. */
  tool: z.string(),
  category: z.enum(toolCategories),
  input: z.record(z.string(), z.unknown()),
  /** The command line where the category is `shell`. */
  command: z.string().nullable(),
  /** Files that the call names, in the form of FileEdit.path. */
  paths: z.array(z.string()),
})
const ToolResult = z.object({
  ...common,
  kind: z.literal('toolResult'),
  callId: z.string().min(1),
  outcome: z.enum(toolOutcomes),
  /** Of a shell command, where it is known; 0 is only written where the agent recorded success. */
  exitCode: z.int().nullable(),
  output: z.string(),
  edits: z.array(FileEdit),
})
const UsageRecord = z.object({
  ...common,
  kind: z.literal('usage'),
  /** The provider's id of the answer: one usage event for each, across records, threads and files. */
  messageId: z.string().min(1),
  model: z.string(),
  usage: Usage,
})
const Denial = z.object({
  ...common,
  kind: z.literal('denial'),
  callId: z.string().nullable(),
  by: z.enum(['rule', 'hook', 'user', 'classifier', 'unknown']),
  reason: z.string(),
})
const Interruption = z.object({ ...common, kind: z.literal('interruption'), text: z.string() })
const Compaction = z.object({
  ...common,
  kind: z.literal('compaction'),
  trigger: z.enum(['auto', 'manual', 'unknown']),
  tokensBefore: z.int().nonnegative().nullable(),
  tokensAfter: z.int().nonnegative().nullable(),
})
const Subagent = z.object({
  ...common,
  kind: z.literal('subagent'),
  /** The thread of the subagent's own events. */
  agentId: z.string().min(1),
  type: z.string(),
  description: z.string(),
  model: z.string().nullable(),
  callId: z.string().nullable(),
})
/** A commit that the agent's own tool reported. */
const Commit = z.object({ ...common, kind: z.literal('commit'), callId: z.string().nullable(), commit: z.string() })
/** A record that this version of Stemma does not know: kept (bounded), counted and reported, never dropped silently. */
const Unrecognised = z.object({
  ...common,
  kind: z.literal('unrecognised'),
  type: z.string(),
  record: z.unknown(),
})

export const Event = z.discriminatedUnion('kind', [
  Prompt,
  Context,
  Message,
  Reasoning,
  ToolCall,
  ToolResult,
  UsageRecord,
  Denial,
  Interruption,
  Compaction,
  Subagent,
  Commit,
  Unrecognised,
])
export type Event = Readonly<z.infer<typeof Event>>
export type EventKind = Event['kind']
export type EventOf<Kind extends EventKind> = Extract<Event, { kind: Kind }>
