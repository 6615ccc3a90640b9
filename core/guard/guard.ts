/** Guard: what a contract says of one tool call before it runs, and how an agent is told. */
import { z } from 'zod'
import type { JsonObject } from '../agents/json-value.ts'
import type { EventOf, FileEdit } from '../session/event.ts'

/** `allow` is silence: the agent's own permissions then decide, which the guard never widens. */
export const guardDecisions = ['allow', 'ask', 'deny'] as const
export type GuardDecision = (typeof guardDecisions)[number]

/** A call that waits for leave. Every field is somebody else's word. */
export interface PendingCall {
  /** Session id in Stemma's form. */
  readonly session: string
  readonly callId: string | null
  readonly tool: string
  readonly category: EventOf<'toolCall'>['category']
  readonly input: JsonObject
  readonly command: string | null
  /** As the call writes them. */
  readonly paths: readonly string[]
  /** What the call would do to files, as far as it says; paths as the call writes them. */
  readonly edits: readonly Pick<FileEdit, 'path' | 'kind' | 'hunks'>[]
  readonly workingDirectory: string | null
}

/** How an agent asks the guard, and how it wants to be answered. */
export interface AgentGuard {
  /** Id of the agent. */
  readonly agent: string
  /** null for what is no call that waits: any other event, and what cannot be read. */
  readonly readCall: (payload: unknown) => PendingCall | null
  /** Whether this agent can put the question of this call to a person. */
  readonly canAsk: (payload: unknown) => boolean
  /** Whether another hook of this agent brings the same call and can ask: a question waits for it, a denial does not. */
  readonly asksLater?: (payload: unknown) => boolean
  /** What the hook prints. `payload` tells the event, where the form of the answer depends on it. */
  readonly reply: (decision: Exclude<GuardDecision, 'allow'>, reason: string, payload: unknown) => string
}

/** One decision as it is kept for the evidence: one JSON line. Calls that were allowed without a doubt leave none. */
export const GuardRecord = z.object({
  /** RFC 3339 UTC */
  at: z.iso.datetime(),
  /** Session id in Stemma's form; null where a failure came before it was known. */
  session: z.string().nullable(),
  callId: z.string().nullable(),
  tool: z.string(),
  command: z.string().nullable(),
  /** In the form of FileEdit.path. */
  paths: z.array(z.string()),
  decision: z.enum(guardDecisions),
  /** Policies that decided; empty where the guard itself failed. */
  policies: z.array(z.string()),
  reason: z.string(),
  /** The guard broke, and what the contract says for that case was done. */
  failed: z.boolean(),
})
export type GuardRecord = Readonly<z.infer<typeof GuardRecord>>
