/**
 * What the hooks themselves tell of a session, as one more file of its transcript: for agents that write no transcript of
 * their own, or one that leaves out what their hooks say.
 */
import type { TranscriptFile } from '#core/agents/agent.ts'
import { HOOK_STREAM, writeHookStream } from '#core/agents/hook-stream.ts'
import { agentOf } from './spool.ts'
import type { SpoolRecord } from './spool-record.ts'

export interface HookStream {
  readonly file: TranscriptFile
  /** Of its last payload, milliseconds since 1970. */
  readonly modified: number
}

/** Session id in Stemma's form -> its stream; of agents alone that want theirs read. */
export function hookStreams(records: readonly SpoolRecord[]): ReadonlyMap<string, HookStream> {
  const payloads = new Map<string, { at: number; payload: unknown; isCut: boolean }[]>()
  for (const record of records) {
    const agent = agentOf(record)
    if (agent?.readsHookStream !== true) continue
    for (const payload of linesOf(record.payload)) {
      const session = agent.readHook(payload)?.session ?? agent.readHook(record.payload)?.session
      if (session === undefined) continue
      const told = payloads.get(session) ?? []
      told.push({ at: record.milliseconds, payload, isCut: record.isCut === true })
      payloads.set(session, told)
    }
  }
  return new Map(
    [...payloads].map(([session, told]) => {
      const cut = told.filter(({ isCut }) => isCut).length
      const text = writeHookStream(told.map(({ at, payload }) => ({ at, payload })))
      return [
        session,
        { file: { path: HOOK_STREAM, text, ...(cut > 0 ? { cut } : {}) }, modified: told.at(-1)?.at ?? 0 },
      ]
    }),
  )
}

/** Several events may be given at once, one a line. */
function linesOf(payload: unknown): readonly unknown[] {
  if (typeof payload !== 'string') return [payload]
  return payload.split('\n').filter((line) => line.trim() !== '')
}
