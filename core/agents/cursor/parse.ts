/** From the hooks of one session, and its transcript where there is one, to its normal form. */
import type { Event } from '../../session/event.ts'
import { summarise } from '../../session/header.ts'
import type { Session } from '../../session/session.ts'
import type { ParseContext, TranscriptFile } from '../agent.ts'
import { distinct, span, word } from '../header-facts.ts'
import { HOOK_STREAM, type HookPayload, readHookStream } from '../hook-stream.ts'
import { eachJsonLine } from '../json-lines.ts'
import { listIn, textIn } from '../json-value.ts'
import { startReading, unrecognisedCounts } from '../reading.ts'
import { safeId } from '../safe-id.ts'
import { lineIds } from '../unique-ids.ts'
import { hookDrafts } from './hook-drafts.ts'
import { folderIn, modelIn, sessionIn } from './hook-note.ts'
import { transcriptDrafts } from './transcript-drafts.ts'
import { agentIdOf, groupTranscripts } from './transcripts.ts'
import { CURSOR } from './words.ts'

export function parseCursor(files: readonly TranscriptFile[], context: ParseContext): Session | null {
  const stream = readHookStream(files)
  const transcripts = files.filter(({ path }) => path !== HOOK_STREAM)
  const sessionId = sessionIdOf(stream, transcripts)
  if (sessionId === null) return null
  const reading = startReading(context)
  const told = hookDrafts(stream, reading)
  const events: Event[] = []
  const unique = lineIds(sessionId)
  for (const { event, at, line } of told.drafts) {
    events.push({ ...event, id: unique('hook', line), at, thread: 'main' })
  }
  const from =
    stream.map(({ payload }) => folderIn(payload)).find((folder) => folder !== null) ?? context.roots[0] ?? null
  let records = stream.length
  let malformed = stream.filter(({ payload }) => payload === null).length
  for (const { path, text } of transcripts) {
    const thread = agentIdOf(path) ?? 'main'
    malformed += eachJsonLine(text, (record, line) => {
      records++
      for (const { event } of transcriptDrafts({ record, line }, told, { thread, from }, reading)) {
        events.push({ ...event, id: unique(thread, line), at: null, thread })
      }
    })
  }
  if (records === 0) return null
  const header = summarise(events, {
    id: `${CURSOR}:${sessionId}`,
    agent: { id: CURSOR, version: last(stream, (payload) => word(payload['cursor_version'])) },
    entrypoint: last(stream, (payload) => word(payload['composer_mode'])),
    ...span(stream.map(({ at }) => at)),
    branches: [],
    permissionModes: distinct(stream.map(({ payload }) => textIn(payload, 'permission_mode'))),
    forkedFrom: null,
    capture: context.capture,
    parse: { records, malformed, unrecognised: unrecognisedCounts(reading) },
    warnings: stream.length > 0 ? [] : ['No hook of Cursor ran: its transcript tells no time, no result and no model.'],
    countedMessages: context.countedMessages,
    recordsUsage: false,
    namedModels: distinct(stream.map(({ payload }) => modelIn(payload))),
  })
  return { ...header, events }
}

function sessionIdOf(stream: readonly HookPayload[], files: readonly TranscriptFile[]): string | null {
  for (const { payload } of stream) {
    const id = sessionIn(payload)
    if (id !== null) return id
  }
  const [named] = groupTranscripts(files.map(({ path }) => path)).keys()
  return safeId(named ?? null)
}

function last(
  stream: readonly HookPayload[],
  read: (payload: NonNullable<HookPayload['payload']>) => string | null,
): string | null {
  return stream.reduce<string | null>(
    (known, { payload }) => (payload === null ? known : (read(payload) ?? known)),
    null,
  )
}

/** Folders that were open. A transcript does not name its folder; where it lies must do. */
export function workingDirectories(files: readonly TranscriptFile[]): readonly string[] {
  const folders = readHookStream(files).flatMap(({ payload }) => listIn(payload, 'workspace_roots'))
  return distinct(folders.filter((folder) => typeof folder === 'string'))
}
