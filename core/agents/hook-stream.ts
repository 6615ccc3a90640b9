/** The payloads of an agent's hooks as a file of its session's transcript: JSON lines, one payload each, in order. */
import type { TranscriptFile } from './agent.ts'
import { readJsonLines, readObject } from './json-lines.ts'
import { asObject, type JsonObject, textIn, timeIn } from './json-value.ts'

/** No agent names a transcript so. */
export const HOOK_STREAM = 'stemma-hooks.jsonl'

export interface HookPayload {
  /** When the hook was called; null where that is not known. */
  readonly at: string | null
  /** null for a text that is not JSON. */
  readonly payload: JsonObject | null
  /** 1-based place in the stream. */
  readonly line: number
}

/** `at`: milliseconds since 1970. A payload that is a text is one that may not be JSON. */
export function writeHookStream(told: readonly { readonly at: number; readonly payload: unknown }[]): string {
  const lines = told.map(({ at, payload }) =>
    JSON.stringify(
      typeof payload === 'string' ? { at: Math.floor(at), text: payload } : { at: Math.floor(at), payload },
    ),
  )
  return lines.map((line) => `${line}\n`).join('')
}

/** Empty where the session has no stream. */
export function readHookStream(files: readonly TranscriptFile[]): readonly HookPayload[] {
  return files
    .filter(({ path }) => path === HOOK_STREAM)
    .flatMap(({ text }) => readJsonLines(text).lines)
    .map(({ line, record }) => {
      const text = textIn(record, 'text')
      return { at: timeIn(record, 'at'), payload: text === null ? asObject(record['payload']) : readObject(text), line }
    })
}
