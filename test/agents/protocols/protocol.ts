/** One provider's way of asking a model: where it asks, how tool results are counted, and how an answer is written. */
import { randomUUID } from 'node:crypto'
import type { Usage } from '#core/session/usage.ts'
import type { Step } from '../script.ts'

export interface ModelRequest {
  readonly method: string
  /** Without the query. */
  readonly path: string
  /** null where the body is not JSON. */
  readonly body: unknown
}

/** `name` is null where the protocol does not name its events. */
export interface ServerEvent {
  readonly name: string | null
  readonly data: unknown
}

export type Reply =
  | { readonly status?: number; readonly json: unknown }
  | {
      readonly events: readonly ServerEvent[]
      /** What some providers write after the last event. */
      readonly ending?: string
    }

export interface Answer {
  readonly step: Step
  /** What the answer must report, in the normal form. */
  readonly usage: Usage
}

/** The script, as far as a protocol may ask it. */
export interface Conversation {
  /** The next step of the scripted conversation, by the number of tool results that the request holds. */
  readonly next: (results: number) => Answer
  /** An answer beside the conversation: titles, routing and the like. */
  readonly aside: (text: string) => Answer
}

export interface Protocol {
  /**
   * Tokens that the n-th answer reports (from 1), as far as the protocol can say them: they grow, so that a double count
   * shows.
   */
  readonly usageOf: (answer: number) => Usage
  /** null for a request that is not of this protocol. */
  readonly answer: (request: ModelRequest, conversation: Conversation) => Reply | null
}

export function token(length: number): string {
  return `${randomUUID()}${randomUUID()}`.replaceAll('-', '').slice(0, length)
}
