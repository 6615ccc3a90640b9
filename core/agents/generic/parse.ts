/** From the lines of one session, in files or given to the hook, to its normal form. */
import type { Event } from '../../session/event.ts'
import { summarise } from '../../session/header.ts'
import type { Session, SessionHeader } from '../../session/session.ts'
import type { ParseContext, TranscriptFile } from '../agent.ts'
import { distinct, span, word } from '../header-facts.ts'
import { HOOK_STREAM, readHookStream } from '../hook-stream.ts'
import { textIn } from '../json-value.ts'
import { startReading } from '../reading.ts'
import { safeId } from '../safe-id.ts'
import { draftsOf } from './drafts.ts'
import { type AgentEventOf, GENERIC } from './format.ts'
import { readEventLines } from './lines.ts'
import { sessionIdOf } from './transcripts.ts'

/** Agents that Stemma reads itself: who claims to be one of them must be read as that one. */
export const ownAgents: readonly string[] = ['claude-code', 'codex', 'gemini-cli', 'opencode', 'copilot-cli', 'cursor']

export function parseGeneric(files: readonly TranscriptFile[], context: ParseContext): Session | null {
  const sessionId = sessionIdIn(files)
  if (sessionId === null) return null
  const read = readEventLines(files, sessionId)
  const starts = read.events.flatMap(({ event }) => (event.kind === 'sessionStart' ? [event] : []))
  const told = <Key extends keyof AgentEventOf<'sessionStart'>>(key: Key) =>
    starts.findLast((start) => start[key] !== undefined)?.[key]
  const cwd = told('cwd') ?? context.roots[0] ?? null
  const reading = startReading(context)
  const events: Event[] = []
  const lines = new Set<string>()
  const ids = new Set<string>()
  for (const { event: line, at, line: number, path } of read.events) {
    if (line.id !== undefined && lines.has(line.id)) continue
    if (line.id !== undefined) lines.add(line.id)
    const own = line.id ?? `${path === HOOK_STREAM ? 'hook:' : ''}${number}`
    let part = 0
    for (const { event, id } of draftsOf(line, cwd, number, reading)) {
      const eventId = id ?? `${sessionId}:${own}${part++ === 0 ? '' : `#${part}`}`
      if (ids.has(eventId)) continue
      ids.add(eventId)
      events.push({ ...event, id: eventId, at, thread: line.thread ?? 'main' })
    }
  }
  const agent = told('agent')
  const isTaken = agent !== undefined && ownAgents.includes(agent.id)
  const hasUsage = events.some(({ kind }) => kind === 'usage')
  const delegation = delegationOf(starts, reading.clean)
  const header = summarise(events, {
    id: `${GENERIC}:${sessionId}`,
    agent: { id: agent === undefined || isTaken ? GENERIC : agent.id, version: isTaken ? null : word(agent?.version) },
    entrypoint: word(told('entrypoint')),
    ...span(read.events.map(({ at }) => at)),
    branches: distinct(starts.map(({ branch }) => branch ?? null)),
    permissionModes: distinct(starts.map(({ permissionMode }) => permissionMode ?? null)),
    forkedFrom: null,
    capture: context.capture,
    parse: { records: read.records, malformed: read.malformed, unrecognised: {} },
    warnings: [
      ...read.warnings.map(reading.clean),
      ...(isTaken ? [`It calls itself ${agent.id}, which Stemma reads from that agent's own records only.`] : []),
    ],
    countedMessages: context.countedMessages,
    recordsUsage: hasUsage,
    ...(hasUsage ? {} : { namedModels: distinct(starts.map(({ model }) => model ?? null)) }),
    ...(delegation === null ? {} : { delegation }),
  })
  return { ...header, events }
}

function delegationOf(
  starts: readonly AgentEventOf<'sessionStart'>[],
  clean: (text: string) => string,
): NonNullable<SessionHeader['delegation']> | null {
  const [parent = null] = starts.flatMap((start) => (start.parent === undefined ? [] : [start.parent]))
  const [orchestrator = null] = starts.flatMap((start) =>
    start.orchestrator === undefined ? [] : [clean(start.orchestrator)],
  )
  const [human = null] = starts.flatMap((start) => (start.human === undefined ? [] : [clean(start.human)]))
  return parent === null && orchestrator === null && human === null ? null : { parent, orchestrator, human }
}

function sessionIdIn(files: readonly TranscriptFile[]): string | null {
  for (const { path } of files) {
    const named = sessionIdOf(path)
    if (named !== null) return named
  }
  for (const { payload } of readHookStream(files)) {
    const id = safeId(textIn(payload, 'sessionId'))
    if (id !== null) return id
  }
  return null
}
