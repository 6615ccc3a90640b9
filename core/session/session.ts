/** Session: a whole run of one agent, the normal form of every agent's transcript, and how it is written down. */
import { z } from 'zod'
import type { Event } from './event.ts'
import { Cost, Usage } from './usage.ts'

const timestamp = z.iso.datetime()
const count = z.int().nonnegative()

const ModelUse = z.object({
  model: z.string(),
  /** anthropic, openai, google, …; null where the transcript does not tell. */
  provider: z.string().nullable(),
  requests: count,
  usage: Usage,
  cost: Cost,
})
export type ModelUse = Readonly<z.infer<typeof ModelUse>>

const ToolUse = z.object({ tool: z.string(), calls: count, failures: count, denials: count })

/** What the agent's own edits did to a file, summed over the session; not what was committed. */
const SessionFile = z.object({ path: z.string().min(1), edits: count, linesAdded: count, linesRemoved: count })

const SubagentRun = z.object({
  agentId: z.string().min(1),
  type: z.string(),
  description: z.string(),
  model: z.string().nullable(),
})

const sessionId = z.string().regex(/^[a-z0-9-]+:[A-Za-z0-9._-]{1,200}$/)

/** On whose behalf a session ran, as far as whoever started it says so. */
const Delegation = z.object({
  /** The session that started this one, in the form of SessionHeader.id. */
  parent: sessionId.nullable(),
  /** Program that started it: a pipeline, a queue of work. */
  orchestrator: z.string().max(200).nullable(),
  /** Person who asked for it. */
  human: z.string().max(200).nullable(),
})

/** Ids of the events that show it, the first of them. */
const proof = z.array(z.string()).max(20)

/** What a session was to do, as far as it shows. In tier `metadata`: counts and the keys of tickets. */
export const Asked = z.object({
  /** What people wrote; `prompts` holds the beginning of it. */
  promptCount: count,
  prompts: z.array(z.object({ event: z.string(), text: z.string() })),
  tickets: z.array(
    z.object({
      /** `SHOP-12`, `#12`, `acme/shop#12` */
      key: z.string(),
      url: z.string().nullable(),
      /** Branches whose names carry it. */
      branches: z.array(z.string()),
      events: proof,
    }),
  ),
  documentCount: count,
  /** Texts for people, not code: a path in the form of FileEdit.path, or the address of a page. */
  documents: z.array(z.object({ name: z.string(), events: proof })),
  skillCount: count,
  skills: z.array(z.object({ name: z.string(), uses: count, events: proof })),
})
export type Asked = Readonly<z.infer<typeof Asked>>

/** How completely the transcript could be read. */
const Parse = z.object({
  records: count,
  /** Lines that are not JSON, a cut last line included. */
  malformed: count,
  /** Record type -> how many of them this version does not know. */
  unrecognised: z.record(z.string(), count),
})

/** What the local guard decided, by policy; a call about which two policies spoke counts with both. */
const GuardCounts = z.object({
  policies: z.array(
    z.object({
      policy: z.string(),
      denied: count,
      asked: count,
      /** It could not tell, nobody could be asked, and the call went on. */
      allowed: count,
    }),
  ),
  /** Times that the guard itself broke. */
  failures: count,
})

export const captureKinds = ['hook', 'swept', 'both'] as const

/** Everything about a session but its events: small enough to be signed whole. */
export const SessionHeader = z.object({
  schema: z.literal('stemma.session/v1'),
  /** `<agent>:<the agent's own id>` */
  id: sessionId,
  agent: z.object({ id: z.string().min(1), version: z.string().nullable() }),
  /** How the agent was started (cli, sdk-cli, …), in its own words. */
  entrypoint: z.string().nullable(),
  startedAt: timestamp.nullable(),
  endedAt: timestamp.nullable(),
  branches: z.array(z.string()),
  models: z.array(ModelUse),
  /** null = the agent records no usage. */
  usage: Usage.nullable(),
  cost: Cost,
  tools: z.array(ToolUse),
  files: z.array(SessionFile),
  subagents: z.array(SubagentRun),
  /** Commits that the agent's own tools reported, full or abbreviated ids. */
  commits: z.array(z.string()),
  permissionModes: z.array(z.string()),
  prompts: count,
  eventCount: count,
  /** The session that this one was forked from, where shared records prove it. */
  forkedFrom: z.string().nullable(),
  /** Models that the agent names without telling their usage; absent where usage tells the models. */
  namedModels: z.array(z.string()).optional(),
  /** Absent where nobody looked: written when evidence is made, from the redacted session. */
  asked: Asked.optional(),
  /** Absent where nobody said. */
  delegation: Delegation.optional(),
  /** Which witness saw it: the agent's hooks, the sweep of transcript folders at push, or both. */
  capture: z.enum(captureKinds),
  parse: Parse,
  warnings: z.array(z.string()),
  /** Absent = no decision of the local guard is known: it was off, or had nothing to object. */
  guard: GuardCounts.optional(),
})
export type SessionHeader = Readonly<z.infer<typeof SessionHeader>>

export interface Session extends SessionHeader {
  readonly events: readonly Event[]
}

/** Media type of a written session: JSON lines, the header first, then one event a line. */
export const SESSION_MEDIA_TYPE = 'application/vnd.stemma.session+jsonl'
