/** AgentConfiguration: what an agent was allowed to do and told to do, as files on disk said when it was collected. */

export const configurationKinds = ['settings', 'instructions', 'mcp', 'skill', 'hook', 'subagent', 'command'] as const
export type ConfigurationKind = (typeof configurationKinds)[number]

export interface ConfigurationFile {
  /** Relative to the repository; below the home folder with `~`. */
  readonly path: string
  readonly kind: ConfigurationKind
  /** Hex SHA-256 of its bytes; of a folder, of the sorted list of its files' digests. */
  readonly digest: string
}

export interface McpServer {
  readonly name: string
  readonly transport: 'stdio' | 'http' | 'sse' | 'unknown'
  /** Host of a remote server, program of a local one; never arguments or headers, which hold secrets. */
  readonly target: string | null
  /** Remote and without encryption. */
  readonly isPlain: boolean
  readonly file: string
}

export interface Skill {
  readonly name: string
  /** Hex SHA-256 over the skill's folder; null where it could not be read. */
  readonly digest: string | null
  readonly file: string
}

export interface PermissionRule {
  readonly effect: 'allow' | 'ask' | 'deny'
  /** In the agent's own words: `Bash(npm test:*)`. */
  readonly rule: string
  readonly file: string
}

export interface ConfiguredHook {
  readonly event: string
  readonly command: string
  readonly file: string
}

/** Unknown parts are null, not empty: an empty list says that there is none. */
export interface AgentConfiguration {
  readonly agent: string
  readonly files: readonly ConfigurationFile[]
  /** The files as they were accepted (the default branch, or the start of the session); null = there is nothing to compare. */
  readonly accepted: readonly ConfigurationFile[] | null
  /** The mode in which sessions begin; null = not set or not known. */
  readonly permissionMode: string | null
  readonly permissions: readonly PermissionRule[] | null
  readonly sandbox: boolean | null
  readonly mcpServers: readonly McpServer[] | null
  /** New servers of the repository are switched on without a question. */
  readonly trustsEveryMcpServer: boolean | null
  readonly skills: readonly Skill[] | null
  readonly hooks: readonly ConfiguredHook[] | null
}
