/** Every text and path of a configuration in one fixed order, so that redaction can look at each and give back another. */
import type { AgentConfiguration } from './configuration.ts'

export interface TextChanges {
  readonly text: (text: string) => string
  readonly path: (path: string) => string
}

export function mapTexts(configuration: AgentConfiguration, { text, path }: TextChanges): AgentConfiguration {
  const optional = (value: string | null) => (value === null ? null : text(value))
  const { files, unread, accepted, permissions, mcpServers, skills, hooks, settings, permissionMode } = configuration
  return {
    ...configuration,
    files: files.map((one) => ({ ...one, path: path(one.path) })),
    unread: unread.map((one) => ({ ...one, path: path(one.path) })),
    accepted: each(accepted, (one) => ({ ...one, path: path(one.path) })),
    permissionMode: optional(permissionMode),
    permissions: each(permissions, (one) => ({ ...one, rule: text(one.rule), file: path(one.file) })),
    mcpServers: each(mcpServers, (one) => ({
      ...one,
      name: text(one.name),
      target: optional(one.target),
      environment: one.environment.map(text),
      headers: one.headers.map(text),
      file: path(one.file),
    })),
    skills: each(skills, (one) => ({ ...one, name: text(one.name), file: path(one.file) })),
    hooks: each(hooks, (one) => ({
      ...one,
      event: text(one.event),
      command: optional(one.command),
      program: optional(one.program),
      file: path(one.file),
    })),
    settings: each(settings, (one) => ({
      ...one,
      name: text(one.name),
      value: optional(one.value),
      file: path(one.file),
    })),
  }
}

function each<Entry>(list: readonly Entry[] | null, change: (entry: Entry) => Entry): Entry[] | null {
  return list === null ? null : list.map(change)
}
