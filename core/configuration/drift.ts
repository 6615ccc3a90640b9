/** Drift: what differs between two configurations, item by item. */
import { z } from 'zod'
import { canonicalJson } from '../evidence/canonical-json.ts'
import { type AgentConfiguration, layers } from './configuration.ts'

const itemKinds = ['file', 'permission', 'server', 'hook', 'setting', 'skill', 'unread'] as const

export const Drift = z.object({
  agent: z.string(),
  item: z.enum(itemKinds),
  change: z.enum(['added', 'removed', 'changed']),
  name: z.string(),
  file: z.string(),
  layer: z.enum(layers),
  /** What was and what is, in short; null where there was nothing, or nothing but a digest is known. */
  before: z.string().nullable(),
  after: z.string().nullable(),
})
export type Drift = Readonly<z.infer<typeof Drift>>

interface Item extends Pick<Drift, 'item' | 'name' | 'file' | 'layer'> {
  /** Tells whether it changed. */
  readonly content: string
  readonly shown: string | null
}

/**
 * Ordered by agent, file and name. Parts that one of the two does not know are left out: that somebody stopped to send
 * them is no change of theirs. A line that moved is none either.
 */
export function driftBetween(
  before: readonly AgentConfiguration[],
  after: readonly AgentConfiguration[],
): readonly Drift[] {
  const ids = [...new Set([...before, ...after].map(({ agent }) => agent))].sort()
  return ids.flatMap((agent) => {
    const [old, present] = [before, after].map((list) => list.find((one) => one.agent === agent))
    const known = itemKinds.filter((kind) => isKnown(old, kind) && isKnown(present, kind))
    const [was, is] = [old, present].map((one) => indexed(one, known))
    return [...new Set([...(was?.keys() ?? []), ...(is?.keys() ?? [])])].sort().flatMap((key): Drift[] => {
      const [left, right] = [was?.get(key), is?.get(key)]
      const entry = right ?? left
      if (entry === undefined || left?.content === right?.content) return []
      const { item, name, file, layer } = entry
      const change = left === undefined ? 'added' : right === undefined ? 'removed' : 'changed'
      return [{ agent, item, change, name, file, layer, before: left?.shown ?? null, after: right?.shown ?? null }]
    })
  })
}

/** An agent that is named in one of them only had nothing before, or has nothing now. */
function isKnown(configuration: AgentConfiguration | undefined, kind: Item['item']): boolean {
  if (configuration === undefined || kind === 'file' || kind === 'unread') return true
  const { permissions, mcpServers, hooks, settings, skills } = configuration
  return { permission: permissions, server: mcpServers, hook: hooks, setting: settings, skill: skills }[kind] !== null
}

function indexed(
  configuration: AgentConfiguration | undefined,
  kinds: readonly Item['item'][],
): ReadonlyMap<string, Item> {
  const items = new Map<string, Item>()
  for (const item of configuration === undefined ? [] : itemsOf(configuration)) {
    if (!kinds.includes(item.item)) continue
    const key = [item.file, item.item, item.layer, item.name].join('\u0000')
    const before = items.get(key)
    // Two of one name in one file, such as two rules of one text: both count.
    items.set(key, before === undefined ? item : { ...item, content: `${before.content}\n${item.content}` })
  }
  return items
}

function itemsOf({
  files,
  unread,
  permissions,
  mcpServers,
  hooks,
  settings,
  skills,
}: AgentConfiguration): readonly Item[] {
  return [
    ...files.map(({ path, layer, kind, digest }) => ({
      item: 'file' as const,
      name: kind,
      file: path,
      layer,
      content: digest,
      shown: null,
    })),
    ...unread.map(({ path, layer, reason }) => ({
      item: 'unread' as const,
      name: reason,
      file: path,
      layer,
      content: reason,
      shown: reason,
    })),
    ...(permissions ?? []).map(({ effect, rule, file, layer }) => ({
      item: 'permission' as const,
      name: rule,
      file,
      layer,
      content: effect,
      shown: effect,
    })),
    ...(mcpServers ?? []).map(({ line: _, ...server }) => {
      const { name, file, layer, target, transport } = server
      return {
        item: 'server' as const,
        name,
        file,
        layer,
        content: canonicalJson(server),
        shown: `${transport} ${target ?? 'unknown'}`,
      }
    }),
    ...(hooks ?? []).map(({ event, command, program, file, layer }) => {
      const said = command ?? program ?? 'a program'
      return { item: 'hook' as const, name: `${event}: ${said}`, file, layer, content: said, shown: said }
    }),
    ...(settings ?? []).map(({ kind, name, value, file, layer }) => {
      return { item: 'setting' as const, name, file, layer, content: `${kind} ${value ?? ''}`, shown: value }
    }),
    ...(skills ?? []).map(({ name, digest, file, layer }) => ({
      item: 'skill' as const,
      name,
      file,
      layer,
      content: digest ?? '',
      shown: null,
    })),
  ]
}

/** `.mcp.json: server tracker added (http mcp.example.com)` */
export function driftInWords({ item, change, name, file, before, after }: Drift): string {
  const values = [before, after].filter((value) => value !== null)
  const detail = item === 'hook' || values.length === 0 ? '' : ` (${[...new Set(values)].join(' -> ')})`
  return item === 'file' ? `${file} ${change}` : `${file}: ${item} ${name} ${change}${detail}`
}
