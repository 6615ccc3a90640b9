/**
 * AgentConfiguration: what an agent was allowed to do and told to do, as files on disk said when it was collected. The
 * normal form of every agent's settings: what evidence signs, what policies look at and what people are shown.
 */
import { z } from 'zod'

/** Whose files: the repository's, the person's own, or those that an administrator of the machine prescribes. */
export const layers = ['repository', 'user', 'managed'] as const
export type Layer = (typeof layers)[number]

export const configurationKinds = [
  'settings',
  'instructions',
  'mcp',
  'skill',
  'hook',
  'subagent',
  'command',
  'rule',
  'plugin',
] as const
export type ConfigurationKind = (typeof configurationKinds)[number]

const digest = z.string().regex(/^[0-9a-f]{64}$/)
/** Below the repository's root; below the home folder with `~`; absolute for the machine's own. */
const path = z.string().max(4_096)
/** A name that an agent gave, such as an event or a variable. */
const name = z.string().max(500)
const text = z.string().max(4_000)
const layer = z.enum(layers)
/** 1-based; null where the format does not tell. */
const line = z.int().positive().nullable()
const place = { file: path, layer, line }

export const ConfigurationFile = z.object({
  path,
  layer,
  kind: z.enum(configurationKinds),
  /** Hex SHA-256 of its bytes; of a file that holds the agent's state too, of what is read out of it. */
  digest,
})
export type ConfigurationFile = Readonly<z.infer<typeof ConfigurationFile>>

export const unreadReasons = ['symlink', 'too-large', 'unreadable', 'malformed', 'too-many'] as const
/** A place where configuration is, or may be, that was not looked into. */
export const UnreadFile = z.object({ path, layer, reason: z.enum(unreadReasons) })
export type UnreadFile = Readonly<z.infer<typeof UnreadFile>>

export const McpServer = z.object({
  name,
  transport: z.enum(['stdio', 'http', 'sse', 'unknown']),
  /** Host of a remote server, program of a local one; never arguments or headers, which hold secrets. */
  target: name.nullable(),
  /** Remote and without encryption. */
  isPlain: z.boolean(),
  isOn: z.boolean(),
  /** Where its code is when it starts: on the machine, fetched from a registry, or elsewhere for good. */
  source: z.enum(['machine', 'download', 'network', 'unknown']),
  /** Its calls are never asked about. */
  isTrusted: z.boolean(),
  /** Names of variables and headers that it is given; never their values. */
  environment: z.array(name),
  headers: z.array(name),
  ...place,
})
export type McpServer = Readonly<z.infer<typeof McpServer>>

export const Skill = z.object({
  name,
  /** Hex SHA-256 over the skill's folder; null where it could not be read. */
  digest: digest.nullable(),
  file: path,
  layer,
})
export type Skill = Readonly<z.infer<typeof Skill>>

export const PermissionRule = z.object({
  effect: z.enum(['allow', 'ask', 'deny']),
  /** In the agent's own words: `Bash(npm test:*)`. */
  rule: text,
  ...place,
})
export type PermissionRule = Readonly<z.infer<typeof PermissionRule>>

export const ConfiguredHook = z.object({
  event: name,
  /** null outside of the repository, where it is nobody's business but the person's. */
  command: text.nullable(),
  /** Base name of the first program; null where it is computed, or the hook runs none. */
  program: name.nullable(),
  ...place,
})
export type ConfiguredHook = Readonly<z.infer<typeof ConfiguredHook>>

export const settingKinds = [
  'permission-mode',
  'sandbox',
  'auto-approval',
  'model',
  /** A variable that is set for the agent: its name. */
  'environment',
  /** A program that the agent starts by itself: a helper for keys, a status line. */
  'program',
  /** Where requests go; the value is the host. */
  'address',
  'plugin',
] as const

export const Setting = z.object({
  kind: z.enum(settingKinds),
  /** As the file names it: `env.ANTHROPIC_BASE_URL`. */
  name,
  /** A mode, a model or a host; null for everything that could hold a secret. */
  value: name.nullable(),
  ...place,
})
export type Setting = Readonly<z.infer<typeof Setting>>

/** Unknown parts are null, not empty: an empty list says that there is none. Nothing in it is a secret's value. */
export const AgentConfiguration = z.object({
  agent: z.string().max(100),
  files: z.array(ConfigurationFile),
  unread: z.array(UnreadFile),
  /** The repository's files as they were accepted, on the default branch; null = there is nothing to compare. */
  accepted: z.array(ConfigurationFile).nullable(),
  /** The mode in which sessions begin; null = not set or not known. */
  permissionMode: name.nullable(),
  permissions: z.array(PermissionRule).nullable(),
  sandbox: z.boolean().nullable(),
  mcpServers: z.array(McpServer).nullable(),
  /** New servers of the repository are switched on without a question. */
  trustsEveryMcpServer: z.boolean().nullable(),
  skills: z.array(Skill).nullable(),
  hooks: z.array(ConfiguredHook).nullable(),
  settings: z.array(Setting).nullable(),
})
export type AgentConfiguration = Readonly<z.infer<typeof AgentConfiguration>>
