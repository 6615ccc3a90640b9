/** What a reader takes out of one file of settings. Whose file it is, is the collector's to add. */
import type { ConfiguredHook, Layer, McpServer, PermissionRule, Setting } from './configuration.ts'

type Placed<Entry> = Omit<Entry, 'file' | 'layer'>

export interface Facts {
  readonly permissions: readonly Placed<PermissionRule>[]
  readonly mcpServers: readonly Placed<McpServer>[]
  readonly hooks: readonly Placed<ConfiguredHook>[]
  readonly settings: readonly Placed<Setting>[]
  /** Paths of further instruction files, as the file names them. */
  readonly imports: readonly string[]
}

export const noFacts: Facts = { permissions: [], mcpServers: [], hooks: [], settings: [], imports: [] }

/** Bounds that no file of settings written by people comes near; what is beyond them is not evidence but an attack. */
const MAX_ENTRIES = 1_000
const MAX_NAME = 500
const MAX_TEXT = 4_000

export function factsOf(parts: Partial<Facts>): Facts {
  const { permissions = [], mcpServers = [], hooks = [], settings = [], imports = [] } = parts
  return {
    permissions: some(permissions, (one) => ({ ...one, rule: bounded(one.rule, MAX_TEXT) })),
    mcpServers: some(mcpServers, (one) => ({
      ...one,
      name: bounded(one.name),
      target: optional(one.target),
      environment: some(one.environment, (name) => bounded(name)),
      headers: some(one.headers, (name) => bounded(name)),
    })),
    hooks: some(hooks, (one) => ({
      ...one,
      event: bounded(one.event),
      command: optional(one.command, MAX_TEXT),
      program: optional(one.program),
    })),
    settings: some(settings, (one) => ({ ...one, name: bounded(one.name), value: optional(one.value) })),
    imports: some(imports, (path) => bounded(path)),
  }
}

function some<Entry>(list: readonly Entry[], change: (entry: Entry) => Entry): Entry[] {
  return list.slice(0, MAX_ENTRIES).map(change)
}

function optional(text: string | null, limit = MAX_NAME): string | null {
  return text === null ? null : bounded(text, limit)
}

/** A cut through a pair, or half of one in the file, has no form in UTF-8. */
function bounded(text: string, limit = MAX_NAME): string {
  return text.slice(0, limit).toWellFormed()
}

export function joinFacts(list: readonly Facts[]): Facts {
  return {
    permissions: list.flatMap(({ permissions }) => permissions),
    mcpServers: list.flatMap(({ mcpServers }) => mcpServers),
    hooks: list.flatMap(({ hooks }) => hooks),
    settings: list.flatMap(({ settings }) => settings),
    imports: list.flatMap(({ imports }) => imports),
  }
}

/** Outside of the repository a person's words stay with the person: which program runs, and how wide a rule is, is enough. */
export function factsForLayer(facts: Facts, layer: Layer): Facts {
  if (layer === 'repository') return facts
  return {
    ...facts,
    hooks: facts.hooks.map((hook) => ({ ...hook, command: null })),
    permissions: facts.permissions.map((one) => ({ ...one, rule: withoutArguments(one.rule) })),
  }
}

/** `Bash(npm run secret-project:*)` -> `Bash(npm …)`; rules that name no argument stay whole. */
function withoutArguments(rule: string): string {
  const [, tool, inner] = /^([\w.-]+)\((.*)\)$/s.exec(rule) ?? []
  if (tool === undefined || inner === undefined) return /^[\w.*:-]{1,100}$/.test(rule) ? rule : '…'
  const [, word = '', rest = ''] = /^([\w*-]{0,40})(.*)$/s.exec(inner) ?? []
  return /^(?:| ?\*|:\*)$/.test(rest) ? rule : `${tool}(${word} …)`
}
