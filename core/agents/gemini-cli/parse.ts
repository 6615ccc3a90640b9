/** From the files of one session to its normal form. */
import type { Event } from '../../session/event.ts'
import { summarise } from '../../session/header.ts'
import type { Session } from '../../session/session.ts'
import type { ParseContext, TranscriptFile } from '../agent.ts'
import { span } from '../header-facts.ts'
import { textIn } from '../json-value.ts'
import { contextDraft, type Draft, startReading, unrecognisedCounts } from '../reading.ts'
import { safeId } from '../safe-id.ts'
import { unrecognised } from '../unrecognised.ts'
import { type Chat, readChat } from './chat.ts'
import { draftsOf, type Reading } from './message-drafts.ts'
import { agentIdOf, isMain, projectRoot, sessionIdIn } from './transcripts.ts'

export const GEMINI_CLI = 'gemini-cli'

interface Thread {
  /** `main` or the id of the subagent. */
  readonly name: string
  readonly chat: Chat
}

export function parseGeminiCli(files: readonly TranscriptFile[], context: ParseContext): Session | null {
  const sessionId = sessionIdOf(files)
  if (sessionId === null) return null
  const threads = threadsOf(files, sessionId)
  const records = threads.reduce((sum, { chat }) => sum + chat.records, 0)
  if (records === 0) return null
  const reading: Reading = {
    ...startReading(context),
    workingDirectory: projectRoot(files),
    toldTexts: new Set(),
    toldCalls: new Set(),
  }
  const events = eventsOf(threads, sessionId, reading)
  const times = threads.flatMap(({ chat }) => [...chat.times, ...chat.messages.map(({ at }) => at)])
  const header = summarise(events, {
    id: `${GEMINI_CLI}:${sessionId}`,
    // Neither version nor branch nor approval mode stand in the files.
    agent: { id: GEMINI_CLI, version: null },
    entrypoint: null,
    ...span([...times, ...events.map(({ at }) => at)]),
    branches: [],
    permissionModes: [],
    forkedFrom: null,
    capture: context.capture,
    parse: {
      records,
      malformed: threads.reduce((sum, { chat }) => sum + chat.malformed, 0),
      unrecognised: unrecognisedCounts(reading),
    },
    warnings: [],
    countedMessages: context.countedMessages,
    recordsUsage: true,
  })
  return { ...header, events }
}

function sessionIdOf(files: readonly TranscriptFile[]): string | null {
  for (const { path, text } of files) {
    const id = isMain(path) ? safeId(sessionIdIn(text)) : null
    if (id !== null) return id
  }
  return null
}

/** Eight characters of an id may be those of another session: its file is not ours. Older forms come before newer ones. */
function threadsOf(files: readonly TranscriptFile[], sessionId: string): readonly Thread[] {
  const mains = files.filter(({ path, text }) => isMain(path) && sessionIdIn(text) === sessionId)
  const [first, ...others] = mains.map(readChat)
  const main = others.reduce((whole, chat) => joined(whole, chat), first ?? emptyChat)
  const subagents = files.flatMap((file): readonly Thread[] => {
    const id = agentIdOf(file.path)
    return id === null || id === 'main' ? [] : [{ name: id, chat: readChat(file) }]
  })
  return [{ name: 'main', chat: main }, ...subagents]
}

const emptyChat: Chat = { messages: [], times: [], records: 0, malformed: 0, others: [] }

/** An old chat that is resumed is written anew in today's form, with the ids that it had. */
function joined(older: Chat, newer: Chat): Chat {
  const messages = new Map([...older.messages, ...newer.messages].map((message) => [message.id, message]))
  return {
    messages: [...messages.values()],
    times: [...older.times, ...newer.times],
    records: older.records + newer.records,
    malformed: older.malformed + newer.malformed,
    others: [...older.others, ...newer.others],
  }
}

function eventsOf(threads: readonly Thread[], sessionId: string, reading: Reading): readonly Event[] {
  const told = threads.flatMap(({ name, chat }) => {
    let since = ''
    return chat.messages.map((message) => {
      if (message.at !== null && message.at > since) since = message.at
      return { name, message, since }
    })
  })
  // Stable: within one thread and one instant the order of the messages stays.
  const inOrder = told.toSorted((left, right) => (left.since < right.since ? -1 : left.since > right.since ? 1 : 0))
  const announced = new Set<string>()
  const events: Event[] = []
  for (const { name, message } of inOrder) {
    const isNew = name !== 'main' && !announced.has(name)
    announced.add(name)
    const drafts: readonly Draft[] = [
      ...(isNew ? [announcement(name, threads, reading)] : []),
      ...draftsOf(message, reading, name !== 'main'),
    ]
    let number = 0
    for (const { event, id, thread, at } of drafts) {
      // The program gives the same id to the first message of every chat.
      const own = `${sessionId}:${name === 'main' ? '' : `${name}:`}${message.id}`
      const eventId = id ?? (number++ === 0 ? own : `${own}#${number}`)
      events.push({ ...event, id: eventId, at: at ?? message.at, thread: thread ?? name })
    }
  }
  return [...events, ...otherEvents(threads, sessionId, reading)]
}

function announcement(agentId: string, threads: readonly Thread[], reading: Reading): Draft {
  const messages = threads.find(({ name }) => name === agentId)?.chat.messages ?? []
  const first = (key: string, type: string): string | null =>
    messages
      .map(({ json }) => (textIn(json, 'type') === type ? textIn(json, key) : null))
      .find((text) => text !== null) ?? null
  const description = reading
    .clean(first('content', 'user') ?? '')
    .slice(0, 500)
    .toWellFormed()
  const model = first('model', 'gemini')?.slice(0, 200).toWellFormed() ?? null
  const about = { agentId, type: 'unknown', description, model, callId: null }
  return { id: `subagent:${agentId}`, thread: 'main', event: { kind: 'subagent', ...about } }
}

/** What stands between the messages: a conversation that was taken back, and what is not known. */
function otherEvents(threads: readonly Thread[], sessionId: string, reading: Reading): readonly Event[] {
  return threads.flatMap(({ name, chat }) =>
    chat.others.flatMap((record, index) => {
      const rewound = textIn(record, '$rewindTo')
      const drafts = rewound === null ? unrecognised('none', record, reading) : contextDraft('rewind', rewound, reading)
      return drafts.map(
        ({ event }): Event => ({ ...event, id: `${sessionId}:${name}:other:${index}`, at: null, thread: name }),
      )
    }),
  )
}
