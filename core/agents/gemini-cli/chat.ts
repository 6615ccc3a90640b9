/**
 * The messages of one chat file. Today's form is a log: the same id is written again as a message grows, `$set` patches
 * what is known of the chat, and its `messages` are what the model sees from then on, which is a copy, with other ids, of
 * what was told before: after a resume all of it, after a compression a part.
 */
import type { TranscriptFile } from '../agent.ts'
import { readDocument, readJsonLines } from '../json-lines.ts'
import { asObject, type JsonObject, listIn, objectIn, textIn, timeIn } from '../json-value.ts'
import { safeId } from '../safe-id.ts'

export interface ChatMessage {
  readonly id: string
  readonly json: JsonObject
  readonly at: string | null
  /** Taken from a list that repeats the conversation: what was told before must not be told again. */
  readonly isCopy: boolean
}

export interface Chat {
  readonly messages: readonly ChatMessage[]
  /** `startTime` and `lastUpdated`. */
  readonly times: readonly (string | null)[]
  readonly records: number
  readonly malformed: number
  /** Records that are neither. */
  readonly others: readonly JsonObject[]
}

export function readChat(file: TranscriptFile): Chat {
  const whole = readDocument(file.text)
  const { lines, malformed } =
    whole === null ? readJsonLines(file.text) : { lines: [{ line: 1, record: whole }], malformed: 0 }
  const messages = new Map<string, ChatMessage>()
  const times: (string | null)[] = []
  const others: JsonObject[] = []
  let records = 0
  const add = (json: JsonObject, isCopy: boolean): void => {
    records++
    const id = safeId(textIn(json, 'id')) ?? `${messages.size + 1}`
    const known = messages.get(id)
    if (known !== undefined && isCopy) return
    messages.set(id, {
      id,
      // A later copy knows more, but may leave out what an earlier one said.
      json: known === undefined ? json : { ...known.json, ...defined(json) },
      at: known?.at ?? timeIn(json, 'timestamp'),
      isCopy: known?.isCopy ?? isCopy,
    })
  }
  const addAll = (list: readonly unknown[], isCopy: boolean): void => {
    for (const message of list.map(asObject)) if (message !== null) add(message, isCopy)
  }
  for (const { record } of lines) {
    const patch = objectIn(record, '$set')
    if (patch !== null) {
      records++
      times.push(timeIn(patch, 'lastUpdated'))
      addAll(listIn(patch, 'messages'), true)
    } else if (textIn(record, 'sessionId') !== null) {
      records++
      times.push(timeIn(record, 'startTime'), timeIn(record, 'lastUpdated'))
      addAll(listIn(record, 'messages'), false)
    } else if (textIn(record, 'type') !== null) add(record, false)
    else {
      records++
      others.push(record)
    }
  }
  return { messages: [...messages.values()], times, records, malformed, others }
}

function defined(json: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(json).filter(([, value]) => value !== null && value !== undefined))
}
