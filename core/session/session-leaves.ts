/** Every text of a session that people, tools or models wrote, and a way to put other texts in their places. */
import type { Event, FileEdit } from './event.ts'
import type { Session, SessionHeader } from './session.ts'

/**
 * `free`: anything may stand here. `path`: a name of a file, tool or branch, where only what has the form of a secret
 * counts. Ids, times, hashes, models and figures are not visited: they must survive, and say nothing by themselves.
 */
export type LeafKind = 'free' | 'path'

export interface Leaf {
  readonly kind: LeafKind
  /** The key under which a tool was given the text; null where the place has no name of its own. */
  readonly key: string | null
  /** Where it stands in its event or header, such as `input.config.0.value`; keys as `visit` gave them. */
  readonly path: string
  /** One text, or lines that belong together: of a hunk, or of a list. */
  readonly texts: readonly string[]
}

/** Gives as many texts as the leaf has. */
export type Visit = (leaf: Leaf) => readonly string[]

/** A copy of the header with what `visit` gives for each leaf, always visited in the same order. */
export function mapHeader<Header extends SessionHeader>(header: Header, visit: Visit): Header {
  const { free, path } = mappersOf(visit)
  const freeOrNull = (text: string | null, at: string): string | null => (text === null ? null : free(text, at))
  return {
    ...header,
    agent: { ...header.agent, version: freeOrNull(header.agent.version, 'agent.version') },
    entrypoint: freeOrNull(header.entrypoint, 'entrypoint'),
    branches: header.branches.map((name, index) => path(name, `branches.${index}`)),
    tools: header.tools.map((use, index) => ({ ...use, tool: path(use.tool, `tools.${index}.tool`) })),
    files: header.files.map((file, index) => ({ ...file, path: path(file.path, `files.${index}.path`) })),
    subagents: header.subagents.map((one, index) => ({
      ...one,
      type: free(one.type, `subagents.${index}.type`),
      description: free(one.description, `subagents.${index}.description`),
    })),
    permissionModes: header.permissionModes.map((mode, index) => path(mode, `permissionModes.${index}`)),
    parse: { ...header.parse, unrecognised: renamed(header.parse.unrecognised, path) },
    warnings: header.warnings.map((warning, index) => free(warning, `warnings.${index}`)),
  }
}

interface Mappers {
  readonly visit: Visit
  readonly free: (text: string, at: string, key?: string | null) => string
  readonly path: (text: string, at: string) => string
}

function mappersOf(visit: Visit): Mappers {
  return {
    visit,
    free: (text, at, key = null) => visit({ kind: 'free', key, path: at, texts: [text] })[0] ?? text,
    path: (text, at) => visit({ kind: 'path', key: null, path: at, texts: [text] })[0] ?? text,
  }
}

/** The same for an event. */
export function mapEvent(event: Event, visit: Visit): Event {
  const mappers = mappersOf(visit)
  const { free, path } = mappers
  switch (event.kind) {
    case 'prompt':
    case 'message':
    case 'reasoning':
    case 'interruption':
      return { ...event, text: free(event.text, 'text') }
    case 'context':
      return { ...event, source: path(event.source, 'source'), text: free(event.text, 'text') }
    case 'toolCall':
      return {
        ...event,
        tool: path(event.tool, 'tool'),
        input: mapMembers(event.input, 'input', mappers),
        command: event.command === null ? null : free(event.command, 'command'),
        paths: event.paths.map((name, index) => path(name, `paths.${index}`)),
      }
    case 'toolResult':
      return {
        ...event,
        output: free(event.output, 'output'),
        edits: event.edits.map((edit, index) => mapEdit(edit, `edits.${index}`, mappers)),
      }
    case 'denial':
      return { ...event, reason: free(event.reason, 'reason') }
    case 'subagent':
      return { ...event, type: free(event.type, 'type'), description: free(event.description, 'description') }
    case 'unrecognised':
      return {
        ...event,
        type: path(event.type, 'type'),
        record: mapValue(event.record, { at: 'record', key: null }, mappers),
      }
    case 'usage':
    case 'compaction':
    case 'commit':
      return event
  }
}

/** Lines of a hunk are looked at together, without their marks: a private key goes over many of them. */
function mapEdit(edit: FileEdit, at: string, { visit, path }: Mappers): FileEdit {
  return {
    ...edit,
    path: path(edit.path, `${at}.path`),
    hunks: edit.hunks.map((hunk, index) => {
      const bare = hunk.lines.map((line) => line.slice(1))
      const clean = visit({ kind: 'free', key: null, path: `${at}.hunks.${index}.lines`, texts: bare })
      return { ...hunk, lines: hunk.lines.map((line, number) => line.slice(0, 1) + (clean[number] ?? '')) }
    }),
  }
}

interface Place {
  readonly at: string
  /** A member of a list is known by the name of the list. */
  readonly key: string | null
}

/** Deeper places are told by their beginning, or a path would cost its depth at every level. */
const MAX_PATH = 200

function below(at: string, name: string | number): string {
  return at.length > MAX_PATH ? at : `${at}.${name}`
}

function mapValue(value: unknown, { at, key }: Place, mappers: Mappers): unknown {
  if (typeof value === 'string') return mappers.free(value, at, key)
  if (Array.isArray(value)) {
    // Lines that a tool gives as a list may break a token just as lines of a text do.
    if (value.length > 1 && value.every((member) => typeof member === 'string')) {
      return mappers.visit({ kind: 'free', key, path: at, texts: value })
    }
    return value.map((member, index) => mapValue(member, { at: below(at, index), key }, mappers))
  }
  if (typeof value === 'object' && value !== null) return mapMembers({ ...value }, at, mappers)
  return value
}

function mapMembers(members: Record<string, unknown>, at: string, mappers: Mappers): Record<string, unknown> {
  const names = new Set<string>()
  const own = nameIn(members)
  return Object.fromEntries(
    Object.entries(members).map(([key, value]) => {
      const name = distinct(mappers.free(key, at), names)
      const known = own !== null && /^(?:value|val)$/i.test(key) ? own : key
      return [name, mapValue(value, { at: below(at, name), key: known }, mappers)]
    }),
  )
}

/** `{ name: 'API_TOKEN', value: '…' }` is how environments are written in lists. */
function nameIn(members: Record<string, unknown>): string | null {
  for (const key of ['name', 'key', 'Name', 'Key']) {
    const name = members[key]
    if (typeof name === 'string') return name
  }
  return null
}

function renamed(counts: Readonly<Record<string, number>>, path: Mappers['path']): Record<string, number> {
  const names = new Set<string>()
  return Object.fromEntries(
    Object.entries(counts).map(([name, count]) => [distinct(path(name, 'parse.unrecognised'), names), count]),
  )
}

/** Two keys may become one placeholder; neither value is lost. */
function distinct(name: string, taken: Set<string>): string {
  let free = name
  for (let number = 2; taken.has(free); number++) free = `${name} ${number}`
  taken.add(free)
  return free
}

/** What is not visited: ids and names that others refer to. */
export function idsOf(session: Session): ReadonlySet<string> {
  const ids = new Set<string>([session.id, session.id.slice(session.id.indexOf(':') + 1), ...session.commits])
  for (const event of session.events) for (const id of idsOfEvent(event)) ids.add(id)
  return ids
}

export function idsOfEvent(event: Event): readonly string[] {
  return [
    event.id,
    event.thread,
    ...('callId' in event && event.callId !== null ? [event.callId] : []),
    ...('agentId' in event ? [event.agentId] : []),
    ...('messageId' in event ? [event.messageId] : []),
    ...('commit' in event ? [event.commit] : []),
  ]
}
