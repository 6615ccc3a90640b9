/** Every text of a session that people, tools or models wrote, and a way to put other texts in their places. */
import type { Event, FileEdit } from './event.ts'
import type { Session } from './session.ts'

/**
 * `free`: anything may stand here. `path`: a name of a file, tool or branch, where only what has the form of a secret
 * counts. Ids, times, hashes, models and figures are not visited: they must survive, and say nothing by themselves.
 */
export type LeafKind = 'free' | 'path'

export interface Leaf {
  readonly kind: LeafKind
  /** The key under which a tool was given the text; null where the place has no name of its own. */
  readonly key: string | null
  /** One text, or the lines of a hunk, which belong together. */
  readonly texts: readonly string[]
}

/** Gives as many texts as the leaf has. */
export type Visit = (leaf: Leaf) => readonly string[]

/** A copy of the session with what `visit` gives for each leaf, always visited in the same order. */
export function mapLeaves(session: Session, visit: Visit): Session {
  const free = (text: string, key: string | null = null): string =>
    visit({ kind: 'free', key, texts: [text] })[0] ?? text
  const path = (text: string): string => visit({ kind: 'path', key: null, texts: [text] })[0] ?? text
  const freeOrNull = (text: string | null): string | null => (text === null ? null : free(text))
  return {
    ...session,
    agent: { ...session.agent, version: freeOrNull(session.agent.version) },
    entrypoint: freeOrNull(session.entrypoint),
    branches: session.branches.map(path),
    tools: session.tools.map((use) => ({ ...use, tool: path(use.tool) })),
    files: session.files.map((file) => ({ ...file, path: path(file.path) })),
    subagents: session.subagents.map((one) => ({ ...one, type: free(one.type), description: free(one.description) })),
    permissionModes: session.permissionModes.map(path),
    ...(session.delegation === undefined
      ? {}
      : {
          delegation: {
            parent: session.delegation.parent,
            orchestrator: freeOrNull(session.delegation.orchestrator),
            human: freeOrNull(session.delegation.human),
          },
        }),
    parse: { ...session.parse, unrecognised: renamed(session.parse.unrecognised, path) },
    warnings: session.warnings.map((warning) => free(warning)),
    events: session.events.map((event) => mapEvent(event, { visit, free, path })),
  }
}

interface Mappers {
  readonly visit: Visit
  readonly free: (text: string, key?: string | null) => string
  readonly path: (text: string) => string
}

function mapEvent(event: Event, mappers: Mappers): Event {
  const { free, path } = mappers
  switch (event.kind) {
    case 'prompt':
    case 'message':
    case 'reasoning':
    case 'interruption':
      return { ...event, text: free(event.text) }
    case 'context':
      return { ...event, source: path(event.source), text: free(event.text) }
    case 'toolCall':
      return {
        ...event,
        tool: path(event.tool),
        input: mapMembers(event.input, mappers),
        command: event.command === null ? null : free(event.command),
        paths: event.paths.map(path),
      }
    case 'toolResult':
      return { ...event, output: free(event.output), edits: event.edits.map((edit) => mapEdit(edit, mappers)) }
    case 'denial':
      return { ...event, reason: free(event.reason) }
    case 'subagent':
      return { ...event, type: free(event.type), description: free(event.description) }
    case 'unrecognised':
      return { ...event, type: path(event.type), record: mapValue(event.record, null, mappers) }
    case 'usage':
    case 'compaction':
    case 'commit':
      return event
  }
}

/** Lines of a hunk are looked at together, without their marks: a private key goes over many of them. */
function mapEdit(edit: FileEdit, { visit, path }: Mappers): FileEdit {
  return {
    ...edit,
    path: path(edit.path),
    hunks: edit.hunks.map((hunk) => {
      const bare = hunk.lines.map((line) => line.slice(1))
      const clean = visit({ kind: 'free', key: null, texts: bare })
      return { ...hunk, lines: hunk.lines.map((line, index) => line.slice(0, 1) + (clean[index] ?? '')) }
    }),
  }
}

/** A member of a list is known by the name of the list. */
function mapValue(value: unknown, key: string | null, mappers: Mappers): unknown {
  if (typeof value === 'string') return mappers.free(value, key)
  if (Array.isArray(value)) return value.map((member) => mapValue(member, key, mappers))
  if (typeof value === 'object' && value !== null) return mapMembers({ ...value }, mappers)
  return value
}

function mapMembers(members: Record<string, unknown>, mappers: Mappers): Record<string, unknown> {
  const names = new Set<string>()
  return Object.fromEntries(
    Object.entries(members).map(([key, value]) => [distinct(mappers.free(key), names), mapValue(value, key, mappers)]),
  )
}

function renamed(counts: Readonly<Record<string, number>>, path: (text: string) => string): Record<string, number> {
  const names = new Set<string>()
  return Object.fromEntries(Object.entries(counts).map(([name, count]) => [distinct(path(name), names), count]))
}

/** Two keys may become one placeholder; neither value is lost. */
function distinct(name: string, taken: Set<string>): string {
  let free = name
  for (let number = 2; taken.has(free); number++) free = `${name} ${number}`
  taken.add(free)
  return free
}

/** What `mapLeaves` does not visit: ids and names that others refer to. */
export function idsOf(session: Session): ReadonlySet<string> {
  const ids = new Set<string>([session.id, session.id.slice(session.id.indexOf(':') + 1), ...session.commits])
  for (const event of session.events) {
    ids.add(event.id).add(event.thread)
    if ('callId' in event && event.callId !== null) ids.add(event.callId)
    if ('agentId' in event) ids.add(event.agentId)
    if ('messageId' in event) ids.add(event.messageId)
    if ('commit' in event) ids.add(event.commit)
  }
  return ids
}
