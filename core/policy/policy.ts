/** Policy: a rule over a subject that yields Findings. One file a rule under rules/; the registry lists them. */
import { z } from 'zod'
import type { CommitAttribution } from '../attribution/attribution.ts'
import type { AgentConfiguration } from '../configuration/configuration.ts'
import type { Event } from '../session/event.ts'
import type { Session } from '../session/session.ts'
import type { PullRequest } from './pull-request.ts'
import type { Spending } from './spending.ts'

export const severities = ['critical', 'high', 'medium', 'low'] as const
export type Severity = (typeof severities)[number]

/**
 * `session`: the signed header; `transcript`: the events; `configuration`: the agent's; `spending`: what others spent.
 * Without what a rule decides by it is skipped, or doubts, and says so.
 */
export const evidenceKinds = ['session', 'transcript', 'commits', 'configuration', 'pullRequest', 'spending'] as const
export type EvidenceKind = (typeof evidenceKinds)[number]

/** What proves a finding: at least one event id, or a file with lines. */
export const Citation = z.object({
  event: z.string().nullable(),
  file: z.string().nullable(),
  /** 1-based, inclusive. */
  start: z.int().positive().nullable(),
  end: z.int().positive().nullable(),
})
export type Citation = Readonly<z.infer<typeof Citation>>

/** One violation or observation. `message` says what happened in plain text; it may quote hostile text. */
export const Finding = z.object({
  policy: z.string(),
  severity: z.enum(severities),
  message: z.string(),
  fix: z.string(),
  citations: z.array(Citation).min(1),
})
export type Finding = Readonly<z.infer<typeof Finding>>

/** A thing that a policy could not decide ("cannot tell"), with why; it is never a pass and never a violation. */
export const Doubt = z.object({ message: z.string(), citations: z.array(Citation) })
export type Doubt = Readonly<z.infer<typeof Doubt>>

/** What a rule answers. `skipped` = the rule does not apply to this subject, with the reason. */
export interface Evaluation {
  readonly findings: readonly Finding[]
  readonly doubts: readonly Doubt[]
  readonly skipped: string | null
  /** An observation that is no violation ("one attempt was denied"); becomes the verdict's reason. */
  readonly note?: string | null
}

/** What policies look at. */
export interface Subject {
  readonly session: Session
  readonly commits: readonly CommitAttribution[]
  /** null or absent = not available to this evaluation; rules about pull requests are then skipped and say so. */
  readonly pullRequest?: PullRequest | null
  /** null or absent = nobody collected it; rules about configuration are then skipped, or doubt, and say so. */
  readonly configuration?: AgentConfiguration | null
  /** What others spent, where a budget of the contract asks for it; null or absent = nobody summed it up. */
  readonly spending?: readonly Spending[] | null
}

export const results = ['pass', 'fail', 'error', 'skipped', 'waived'] as const
export type Result = (typeof results)[number]

/** Verdict of one policy on one subject. A doubt without a finding is `error`: "cannot tell" is never a pass. */
export const Verdict = z.object({
  policy: z.string(),
  /** Version of the rule that decided; with the evidence id it keys the stored verdict. */
  version: z.int().positive(),
  result: z.enum(results),
  gate: z.boolean(),
  findings: z.array(Finding),
  doubts: z.array(Doubt),
  reason: z.string().nullable(),
})
export type Verdict = Readonly<z.infer<typeof Verdict>>

/** An example subject in short: the events of a session, of which the rule must say the named thing. */
export interface Example {
  readonly title: string
  /** Shell commands of one session in order, or complete events. `exit` defaults to 0. */
  readonly commands?: readonly (string | { readonly command: string; readonly exit: number })[]
  readonly events?: readonly Event[]
  readonly session?: Partial<Session>
  readonly commits?: readonly CommitAttribution[]
  readonly pullRequest?: PullRequest
  readonly configuration?: AgentConfiguration
  readonly spending?: readonly Spending[]
  /** Parameters, where the usual ones would not show it. */
  readonly with?: Readonly<Record<string, unknown>>
}

export interface PolicyDefinition<Parameters, Id extends string = string> {
  readonly id: Id
  readonly version: number
  readonly title: string
  /** Why an organisation wants it, one or two sentences. */
  readonly why: string
  /** What a developer does about a finding. */
  readonly fix: string
  readonly severity: Severity
  /** What it decides by. */
  readonly evidence: readonly EvidenceKind[]
  /** `header`: decides by the signed header alone, so it can judge a session whose events were not sent. */
  readonly reads?: 'header'
  /**
   * The policy is judged on a pull request as a whole too. `instead`: that verdict stands in the place of those on its
   * single sessions; `beside`: it is added to them, where it says anything.
   */
  readonly onPullRequest?: 'instead' | 'beside'
  /** What only the forge knows, and the rule needs: without it, it is decided on the platform only. */
  readonly asksForge?: readonly ('reviews' | 'files' | 'signatures')[]
  /** One tool call alone is enough to object, so that the local guard can ask the rule before the call runs. */
  readonly guards?: true
  readonly parameters: z.ZodType<Parameters>
  readonly evaluate: (subject: Subject, parameters: Parameters) => Evaluation
  readonly examples: {
    readonly violates: readonly Example[]
    readonly passes: readonly Example[]
    readonly doubtful?: readonly Example[]
  }
}

/** A policy as the registry holds it: parameters are checked inside, so that policies of all kinds fit one list. */
export interface Policy<Id extends string = string> extends Omit<PolicyDefinition<unknown, Id>, 'evaluate'> {
  readonly evaluate: (subject: Subject, parameters: unknown) => Evaluation
}

/** The id stays a literal type, so that a framework which names a policy that nobody wrote does not compile. */
export function definePolicy<const Id extends string, Parameters>(
  definition: PolicyDefinition<Parameters, Id>,
): Policy<Id> {
  return {
    ...definition,
    evaluate: (subject, parameters) => definition.evaluate(subject, definition.parameters.parse(parameters ?? {})),
  }
}
