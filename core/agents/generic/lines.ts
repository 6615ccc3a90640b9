/** Lines of the format, strictly checked: what does not have it is named with its line, and the rest is kept. */
import type { TranscriptFile } from '../agent.ts'
import { HOOK_STREAM } from '../hook-stream.ts'
import { readObject } from '../json-lines.ts'
import { textIn, timeIn } from '../json-value.ts'
import { AgentEvent } from './format.ts'

export interface ReadLines {
  readonly events: readonly {
    readonly event: AgentEvent
    readonly at: string | null
    readonly line: number
    readonly path: string
  }[]
  /** Lines, empty ones left out. */
  readonly records: number
  readonly malformed: number
  /** What is wrong, and in which line. */
  readonly warnings: readonly string[]
}

/** Warnings of one session; more of them say nothing new, and a header is signed. */
const MAX_WARNINGS = 20

/** `sessionId`: lines of other sessions are not taken. */
export function readEventLines(files: readonly TranscriptFile[], sessionId: string): ReadLines {
  const events: { event: AgentEvent; at: string | null; line: number; path: string }[] = []
  const warnings: string[] = []
  let records = 0
  let malformed = 0
  for (const { path, text } of files) {
    const isStream = path === HOOK_STREAM
    for (const [index, raw] of text.split('\n').entries()) {
      if (raw.trim() === '') continue
      records++
      const line = index + 1
      const where = isStream ? `Event ${line} given to the hook` : `Line ${line} of ${path}`
      const envelope = isStream ? readObject(raw) : null
      const json = isStream ? payloadOf(envelope) : readObject(raw)
      const parsed = json === null ? null : AgentEvent.safeParse(json)
      const problem =
        parsed === null
          ? 'is not a JSON object'
          : parsed.success
            ? foreign(parsed.data, sessionId)
            : wrongIn(parsed.error)
      if (parsed?.success === true && problem === null) {
        const at = parsed.data.at === undefined ? timeIn(envelope, 'at') : timeIn({ at: parsed.data.at }, 'at')
        events.push({ event: parsed.data, at, line, path })
        continue
      }
      malformed++
      if (warnings.length < MAX_WARNINGS) warnings.push(`${where} ${problem}.`.slice(0, 400).toWellFormed())
    }
  }
  const more = malformed - warnings.length
  return {
    events,
    records,
    malformed,
    warnings: more > 0 ? [...warnings, `${more} more lines are not in the format.`] : warnings,
  }
}

function payloadOf(envelope: ReturnType<typeof readObject>) {
  const text = textIn(envelope, 'text')
  if (text !== null) return readObject(text)
  const payload = envelope?.['payload']
  return typeof payload === 'object' && payload !== null && !Array.isArray(payload) ? { ...payload } : null
}

function foreign({ sessionId }: AgentEvent, own: string): string | null {
  return sessionId === own ? null : `belongs to another session (${sessionId})`
}

/** The first problem, where it is and what is expected; never the value, which may be anything. */
function wrongIn({
  issues,
}: {
  readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[]
}): string {
  const [issue] = issues
  const where =
    issue === undefined || issue.path.length === 0 ? '' : ` at ${issue.path.map(String).join('.').slice(0, 100)}`
  return `does not have the format${where}: ${(issue?.message ?? 'unknown').slice(0, 200).replace(/\.$/, '')}`
}
