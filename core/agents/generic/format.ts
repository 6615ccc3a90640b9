/**
 * The format in which any agent or orchestrator can tell Stemma of a session: JSON lines, one event each. Published as
 * docs/schema/agent-event.v1.schema.json and explained in docs/guides/integrate-an-agent.md.
 */
import { z } from 'zod'
import { toolCategories, toolOutcomes } from '../../session/event.ts'

export const GENERIC = 'generic'
export const EVENT_SCHEMA = 'stemma.event/v1'

/** What stands in a session's id, a thread or a file name. */
const id = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/)
const tokens = z.int().nonnegative().max(1_000_000_000)
const text = z.string()
const path = z.string().min(1).max(4096)

const common = {
  schema: z.literal(EVENT_SCHEMA).describe('Says that the line is in this format.'),
  sessionId: id.describe('The session, one word that is unique in the repository.'),
  at: z.iso.datetime({ offset: true }).optional().describe('When it happened, RFC 3339 with its zone.'),
  id: id.optional().describe('Of the event, unique in the session. An id that comes a second time is the same event.'),
  thread: id.optional().describe('`main`, or the agentId of the subagent in whose thread it happened.'),
}

const Edit = z
  .strictObject({
    path: path.describe('Absolute, or relative to `cwd` of the session.'),
    change: z.enum(['create', 'update', 'delete']),
    diff: text.optional().describe('Unified diff of this file alone.'),
    before: text.optional().describe('Whole content before; with `after` it takes the place of `diff`.'),
    after: text.optional().describe('Whole content afterwards.'),
  })
  .describe('What was done to one file. Without diff and contents only the file is known, not its lines.')
export type Edit = Readonly<z.infer<typeof Edit>>

const variants = [
  z.strictObject({
    ...common,
    kind: z.literal('sessionStart'),
    agent: z
      .strictObject({
        id: z.string().regex(/^[a-z0-9-]{1,60}$/),
        version: z.string().max(100).optional(),
      })
      .optional()
      .describe('The agent at work. Ids of agents that Stemma reads itself are not accepted here.'),
    cwd: path.optional().describe('Absolute folder in which the session runs.'),
    branch: z.string().max(300).optional(),
    entrypoint: z.string().max(100).optional().describe('How it was started: `ci`, `cli`, `editor`.'),
    permissionMode: z.string().max(100).optional(),
    model: z.string().max(200).optional().describe('Where usage is not told; otherwise usage names the models.'),
    parent: z
      .string()
      .regex(/^[a-z0-9-]+:[A-Za-z0-9._-]{1,200}$/)
      .optional()
      .describe('Session that started this one, as `<agent>:<id>`.'),
    orchestrator: z.string().min(1).max(200).optional().describe('Program that started it.'),
    human: z.string().min(1).max(200).optional().describe('Person who asked for it.'),
  }),
  z.strictObject({ ...common, kind: z.literal('sessionEnd'), reason: z.string().max(1_000).optional() }),
  z.strictObject({ ...common, kind: z.literal('prompt'), text: text.describe('What a person wrote.') }),
  z.strictObject({
    ...common,
    kind: z.literal('context'),
    source: z.string().min(1).max(100).describe('`instructions`, `orchestrator`, `summary`, …'),
    text: text.describe('What a program put into the conversation.'),
  }),
  z.strictObject({ ...common, kind: z.literal('message'), text: text.describe('What the agent said.') }),
  z.strictObject({ ...common, kind: z.literal('reasoning'), text }),
  z.strictObject({
    ...common,
    kind: z.literal('toolCall'),
    callId: id,
    tool: z.string().min(1).max(200),
    category: z.enum(toolCategories).optional().describe('`other` where it is left out.'),
    input: z.record(z.string(), z.unknown()).optional(),
    command: text.optional().describe('Command line of a shell tool.'),
    paths: z.array(path).max(2_000).optional().describe('Files that the call names.'),
  }),
  z.strictObject({
    ...common,
    kind: z.literal('toolResult'),
    callId: id,
    outcome: z.enum(toolOutcomes).optional().describe('Left out: told by `exitCode`, else `unknown`.'),
    exitCode: z.int().optional(),
    output: text.optional(),
    edits: z.array(Edit).max(2_000).optional(),
  }),
  z.strictObject({ ...common, kind: z.literal('fileEdit'), ...Edit.shape }),
  z.strictObject({
    ...common,
    kind: z.literal('usage'),
    messageId: id.describe('Of the answer; an answer that is told again is counted once.'),
    model: z.string().min(1).max(200),
    usage: z
      .strictObject({
        uncachedInput: tokens,
        cacheRead: tokens.optional(),
        cacheWrite5m: tokens.optional(),
        cacheWrite1h: tokens.optional(),
        output: tokens.describe('Reasoning included.'),
        reasoning: tokens.optional(),
      })
      .describe('Tokens of one answer. Nothing is counted twice: `uncachedInput` leaves out what was cached.'),
  }),
  z.strictObject({
    ...common,
    kind: z.literal('denial'),
    callId: id.optional(),
    by: z.enum(['rule', 'hook', 'user', 'classifier', 'unknown']).optional(),
    reason: z.string().max(4_000).optional(),
  }),
  z.strictObject({ ...common, kind: z.literal('interruption'), text: text.optional() }),
  z.strictObject({
    ...common,
    kind: z.literal('compaction'),
    trigger: z.enum(['auto', 'manual', 'unknown']).optional(),
    tokensBefore: tokens.optional(),
    tokensAfter: tokens.optional(),
  }),
  z.strictObject({
    ...common,
    kind: z.literal('subagent'),
    agentId: id.describe('`thread` of its own events.'),
    type: z.string().max(200).optional(),
    description: z.string().max(500).optional(),
    model: z.string().max(200).optional(),
    callId: id.optional(),
  }),
  z.strictObject({
    ...common,
    kind: z.literal('commit'),
    commit: z.string().regex(/^[0-9a-f]{7,64}$/),
    callId: id.optional(),
  }),
] as const

export const AgentEvent = z.discriminatedUnion('kind', variants).meta({
  title: 'Event of a coding agent',
  description: 'One line of a session that a program tells Stemma of, as a file or through `stemma hook generic`.',
})
export type AgentEvent = Readonly<z.infer<typeof AgentEvent>>
export type AgentEventOf<Kind extends AgentEvent['kind']> = Extract<AgentEvent, { kind: Kind }>
