/** Sessions, messages and parts, from rows of the database or from the files of older versions: their JSON is the same. */
import type { TranscriptFile } from '../agent.ts'
import { readJsonLines, readObject } from '../json-lines.ts'
import { type JsonObject, objectIn, textIn } from '../json-value.ts'
import { safeId } from '../safe-id.ts'

export interface Stored {
  readonly id: string
  readonly sessionId: string
  /** Of a part. */
  readonly messageId: string | null
  readonly json: JsonObject
}

export interface Store {
  readonly sessions: readonly Stored[]
  readonly messages: readonly Stored[]
  readonly parts: readonly Stored[]
  readonly records: number
  readonly malformed: number
}

type Kind = 'session' | 'message' | 'part'

export function readStore(files: readonly TranscriptFile[]): Store {
  const kept: Record<Kind, Map<string, Stored>> = { session: new Map(), message: new Map(), part: new Map() }
  let records = 0
  let malformed = 0
  const add = (kind: Kind, stored: Stored | null): void => {
    records++
    if (stored === null) malformed++
    else if (!kept[kind].has(stored.id)) kept[kind].set(stored.id, stored)
  }
  for (const { path, text } of files) {
    const kind = /^(session|message|part)\//.exec(path)?.[1]
    if (isKind(kind)) add(kind, fromFile(kind, text))
    else {
      const read = readJsonLines(text)
      malformed += read.malformed
      for (const { record } of read.lines) {
        const named = textIn(record, 'kind')
        if (isKind(named)) add(named, fromRow(named, record))
        else {
          records++
          malformed++
        }
      }
    }
  }
  const { session, message, part } = kept
  return {
    sessions: [...session.values()],
    messages: [...message.values()],
    parts: [...part.values()],
    records,
    malformed,
  }
}

function isKind(text: string | null | undefined): text is Kind {
  return text === 'session' || text === 'message' || text === 'part'
}

/** null where a file is cut, or says not what it is. */
function fromFile(kind: Kind, text: string): Stored | null {
  const json = readObject(text)
  const id = safeId(textIn(json, 'id'))
  const sessionId = kind === 'session' ? id : safeId(textIn(json, 'sessionID'))
  const messageId = safeId(textIn(json, 'messageID'))
  if (json === null || id === null || sessionId === null || (kind === 'part' && messageId === null)) return null
  return { id, sessionId, messageId, json }
}

function fromRow(kind: Kind, row: JsonObject): Stored | null {
  const id = safeId(textIn(row, 'id'))
  const sessionId = safeId(textIn(row, 'session'))
  const messageId = safeId(textIn(row, 'message'))
  const json = objectIn(row, 'data') ?? readObject(textIn(row, 'data') ?? '')
  if (json === null || id === null || sessionId === null || (kind === 'part' && messageId === null)) return null
  return { id, sessionId, messageId, json }
}
