/** Wire shapes of agent configurations. */
import { z } from 'zod'
import { AgentConfiguration, layers } from '../configuration/configuration.ts'
import { Drift } from '../configuration/drift.ts'
import { riskIds, riskSeverities } from '../configuration/risks.ts'

export const RiskView = z.object({
  /** Those that read the file. */
  agents: z.array(z.string()),
  risk: z.enum(riskIds),
  severity: z.enum(riskSeverities),
  message: z.string(),
  why: z.string(),
  fix: z.string(),
  file: z.string().nullable(),
  line: z.int().positive().nullable(),
  layer: z.enum(layers).nullable(),
})
export type RiskView = Readonly<z.infer<typeof RiskView>>

/** What a list says of one agent. */
export const AgentSummary = z.object({
  agent: z.string(),
  files: z.int().nonnegative(),
  /** null: its parts were not sent. */
  servers: z.int().nonnegative().nullable(),
  hooks: z.int().nonnegative().nullable(),
  permissionMode: z.string().nullable(),
  /** Those of severity medium and above, and the others; null: its parts were not sent. */
  risks: z.int().nonnegative().nullable(),
  notes: z.int().nonnegative().nullable(),
})
export type AgentSummary = Readonly<z.infer<typeof AgentSummary>>

export const ConfigurationRow = z.object({
  /** Evidence id. */
  id: z.string(),
  /** `owner/name`; null where no remote names it. */
  repository: z.string().nullable(),
  person: z.object({ id: z.string(), name: z.string() }),
  machine: z.object({ keyId: z.string(), name: z.string() }),
  receivedAt: z.string(),
  commit: z.string().nullable(),
  hash: z.string(),
  tier: z.enum(['full', 'metadata']),
  /** Those that have any files. */
  agents: z.array(AgentSummary),
  /** Items that differ from what this machine sent before; null = nothing before. */
  drift: z.int().nonnegative().nullable(),
})
export type ConfigurationRow = Readonly<z.infer<typeof ConfigurationRow>>

/** `GET /v1/configurations?repository&person&current&cursor&limit` */
export const ConfigurationPage = z.object({ items: z.array(ConfigurationRow), next: z.string().nullable() })
export type ConfigurationPage = Readonly<z.infer<typeof ConfigurationPage>>

/** `GET /v1/configurations/{id}/drift?since` */
export const ConfigurationDrift = z.object({
  id: z.string(),
  /** What it is compared with; null = this machine sent nothing of the repository before. */
  since: z.string().nullable(),
  drift: z.array(Drift),
})
export type ConfigurationDrift = Readonly<z.infer<typeof ConfigurationDrift>>

/** `GET /v1/configurations/{id}` */
export const ConfigurationView = z.object({
  configuration: ConfigurationRow,
  agents: z.array(AgentConfiguration),
  risks: z.array(RiskView),
})
export type ConfigurationView = Readonly<z.infer<typeof ConfigurationView>>
