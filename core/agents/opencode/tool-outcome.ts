/** How a tool call ended. What a plugin threw is an error like any other; ours says that it is ours. */
import type { EventOf } from '../../session/event.ts'
import { type JsonObject, objectIn, textIn } from '../json-value.ts'
import { DENIED } from './plugin.ts'
import type { ToolCategory } from './tools.ts'

type DeniedBy = EventOf<'denial'>['by']

export interface ToolOutcome {
  readonly outcome: EventOf<'toolResult'>['outcome']
  readonly exitCode: number | null
  readonly deniedBy: DeniedBy | null
}

export function outputOf(state: JsonObject): string {
  return textIn(state, 'error') ?? textIn(state, 'output') ?? ''
}

/** null: it has not ended. */
export function outcomeOf(state: JsonObject, tool: string, category: ToolCategory): ToolOutcome | null {
  const status = textIn(state, 'status')
  if (status === 'error') return failure(outputOf(state))
  if (status !== 'completed') return null
  // What stands for a call of a tool that there is not, or with input that it does not take.
  if (tool === 'invalid') return { outcome: 'failed', ...nobody }
  if (category !== 'shell') return { outcome: 'ok', ...nobody }
  const metadata = objectIn(state, 'metadata')
  const exitCode = integerIn(metadata, 'exit')
  if (exitCode !== null) return { outcome: exitCode === 0 ? 'ok' : 'failed', exitCode, deniedBy: null }
  const note = programNote(outputOf(state))
  if (/\buser aborted\b/i.test(note)) return { outcome: 'interrupted', ...nobody }
  return { outcome: /\bexceeding timeout\b|\btimed out\b/.test(note) ? 'failed' : 'unknown', ...nobody }
}

const nobody = { exitCode: null, deniedBy: null } as const

function failure(error: string): ToolOutcome {
  const start = error.slice(0, 400)
  if (start.startsWith(DENIED)) return { outcome: 'denied', exitCode: null, deniedBy: 'hook' }
  if (/^The user has specified a rule/.test(start)) return { outcome: 'denied', exitCode: null, deniedBy: 'rule' }
  // Where nobody is there to ask, the program refuses in the user's name.
  if (/^(Error: )?The user rejected permission/.test(start))
    return { outcome: 'denied', exitCode: null, deniedBy: 'user' }
  if (/^(Tool execution (aborted|interrupted)|The operation was aborted|AbortError)/.test(start)) {
    return { outcome: 'interrupted', ...nobody }
  }
  return { outcome: 'failed', ...nobody }
}

/** What the program itself says about a command ends the output, so that nothing printed can take its place. */
function programNote(output: string): string {
  return /<(?:shell|bash)_metadata>\n([^<]{0,1000})<\/(?:shell|bash)_metadata>\s*$/.exec(output.slice(-1200))?.[1] ?? ''
}

function integerIn(record: JsonObject | null, key: string): number | null {
  const value = record?.[key]
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : null
}
