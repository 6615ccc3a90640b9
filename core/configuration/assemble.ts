/** What was read out of an agent's files -> its configuration in normal form. */
import { utf8 } from '../evidence/bytes.ts'
import { canonicalJson } from '../evidence/canonical-json.ts'
import { sha256Hex } from '../evidence/digest.ts'
import type { AgentConfiguration, ConfigurationFile, Layer, Setting, Skill, UnreadFile } from './configuration.ts'
import { type Facts, factsForLayer } from './facts.ts'

export interface ReadFile extends ConfigurationFile {
  readonly facts: Facts
}

export interface Collected {
  readonly files: readonly ReadFile[]
  readonly unread: readonly UnreadFile[]
  readonly accepted: readonly ConfigurationFile[] | null
}

export async function assemble(agent: string, { files, unread, accepted }: Collected): Promise<AgentConfiguration> {
  const placed = files.flatMap((file) => {
    const { facts, path, layer } = { ...file, facts: factsForLayer(file.facts, file.layer) }
    const at = <Entry>(list: readonly Entry[]) => list.map((entry) => ({ ...entry, file: path, layer }))
    return [
      {
        permissions: at(facts.permissions),
        mcpServers: at(facts.mcpServers),
        hooks: at(facts.hooks),
        settings: at(facts.settings),
      },
    ]
  })
  const settings = placed.flatMap((one) => one.settings)
  const ofSessions = inPrecedence(
    sorted(settings).filter(({ file }) => files.some(({ path, kind }) => path === file && kind === 'settings')),
  )
  const sandbox = ofSessions.find(({ kind }) => kind === 'sandbox')?.value ?? null
  return normalised({
    agent,
    files: files.map(({ path, layer, kind, digest }) => ({ path, layer, kind, digest })),
    unread: [...unread],
    accepted: accepted === null ? null : [...accepted],
    permissionMode: ofSessions.find(({ kind }) => kind === 'permission-mode')?.value ?? null,
    permissions: placed.flatMap((one) => one.permissions),
    sandbox: sandbox === null ? null : !/^(?:false|off|none|disabled|danger-full-access)$/i.test(sandbox),
    mcpServers: placed.flatMap((one) => one.mcpServers),
    trustsEveryMcpServer: ofSessions.some(
      ({ name, value }) => name === 'enableAllProjectMcpServers' && value === 'true',
    ),
    skills: await skillsOf(files),
    hooks: placed.flatMap((one) => one.hooks),
    settings,
  })
}

/** What an administrator prescribes wins, then what a person set for the repository, the repository itself, the person's own. */
function inPrecedence(settings: readonly Setting[]): readonly Setting[] {
  const rank: Readonly<Record<Layer, number>> = { managed: 0, repository: 2, user: 3 }
  const rankOf = ({ layer, file }: Setting) => (layer === 'repository' && /\.local\.\w+$/.test(file) ? 1 : rank[layer])
  return settings.toSorted((left, right) => rankOf(left) - rankOf(right))
}

/** One for each folder with a SKILL.md; its digest covers the folder, for a skill brings programs along. */
async function skillsOf(files: readonly ReadFile[]): Promise<Skill[]> {
  const own = files.filter(({ kind }) => kind === 'skill')
  const heads = own.filter(({ path }) => /(?:^|\/)SKILL\.md$/.test(path))
  return Promise.all(
    heads.map(async ({ path, layer }) => {
      const folder = path.slice(0, -'SKILL.md'.length)
      const content = own
        .filter((file) => file.layer === layer && file.path.startsWith(folder))
        .map((file) => [file.path.slice(folder.length), file.digest])
      const name = folder.split('/').at(-2) ?? folder
      return { name, digest: await digestOf(sorted(content)), file: path, layer }
    }),
  )
}

/** Order is no content: the same entries give the same configuration, in whatever order they were found. */
export function normalised(configuration: AgentConfiguration): AgentConfiguration {
  const { files, unread, accepted, permissions, mcpServers, skills, hooks, settings } = configuration
  const list = <Entry>(entries: readonly Entry[]): Entry[] => sorted(entries)
  return {
    ...configuration,
    files: list(files),
    unread: list(unread),
    accepted: accepted && list(accepted),
    permissions: permissions && list(permissions),
    mcpServers:
      mcpServers &&
      list(mcpServers.map((one) => ({ ...one, environment: list(one.environment), headers: list(one.headers) }))),
    skills: skills && list(skills),
    hooks: hooks && list(hooks),
    settings: settings && list(settings),
  }
}

/** Agents in normal form and in order, as a statement lists them. */
export function listed(agents: readonly AgentConfiguration[]): AgentConfiguration[] {
  return agents.map(normalised).toSorted((left, right) => (left.agent < right.agent ? -1 : 1))
}

/**
 * Hex SHA-256 over what a statement lists, fields of a newer version included. What it is compared with (`accepted`) is
 * no part of what the machine has.
 */
export function hashOfListed(agents: readonly object[]): Promise<string> {
  return digestOf(agents.map((agent) => ({ ...agent, accepted: null })))
}

export function configurationHash(agents: readonly AgentConfiguration[]): Promise<string> {
  return hashOfListed(listed(agents))
}

/** Tier `metadata`: that files are there, and their digests; nothing of what they say. */
export function digestsOnly(configuration: AgentConfiguration): AgentConfiguration {
  return {
    ...configuration,
    permissionMode: null,
    permissions: null,
    sandbox: null,
    mcpServers: null,
    trustsEveryMcpServer: null,
    hooks: null,
    settings: null,
  }
}

export function digestOf(value: unknown): Promise<string> {
  return sha256Hex(utf8(canonicalJson(value)))
}

/** The same entry twice is one. */
function sorted<Entry>(entries: readonly Entry[]): Entry[] {
  const keyed = new Map(entries.map((entry) => [canonicalJson(entry), entry]))
  return [...keyed].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, entry]) => entry)
}
