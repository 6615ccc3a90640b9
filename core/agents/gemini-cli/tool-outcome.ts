/** How a tool call ended: a failed command is a success to Gemini CLI, and only its output tells. */
import type { EventOf } from '../../session/event.ts'
import { asObject, type JsonObject, objectIn, textIn } from '../json-value.ts'
import type { ToolCategory } from './tools.ts'

type DeniedBy = EventOf<'denial'>['by']

export interface ToolOutcome {
  readonly outcome: EventOf<'toolResult'>['outcome']
  readonly exitCode: number | null
  readonly deniedBy: DeniedBy | null
}

/** What the model was told: a text, or parts with a response. */
export function outputOf(call: JsonObject): string {
  const result = call['result']
  if (typeof result === 'string') return result
  const parts = Array.isArray(result) ? result : [result]
  return parts
    .map((part) => {
      const response = objectIn(objectIn(asObject(part), 'functionResponse'), 'response')
      return textIn(response, 'output') ?? textIn(response, 'error') ?? textIn(asObject(part), 'text') ?? ''
    })
    .filter((text) => text !== '')
    .join('\n')
}

/** null: it has not ended. */
export function outcomeOf(call: JsonObject, output: string, category: ToolCategory): ToolOutcome | null {
  const status = textIn(call, 'status')
  if (status === 'cancelled') return cancelled(output)
  if (status === 'error') {
    const deniedBy = refusal(output)
    return { outcome: deniedBy === null ? 'failed' : 'denied', exitCode: null, deniedBy }
  }
  if (status !== 'success') return null
  if (category !== 'shell') return { outcome: 'ok', exitCode: null, deniedBy: null }
  if (/^Command (moved to|is running in) (the )?background/.test(unwrapped(output))) {
    return { outcome: 'unknown', exitCode: null, deniedBy: null }
  }
  const exitCode = exitCodeIn(output)
  const outcome = exitCode === null ? 'unknown' : exitCode === 0 ? 'ok' : 'failed'
  return { outcome, exitCode, deniedBy: null }
}

/** Asked for permission and refused it, or stopped. */
function cancelled(output: string): ToolOutcome {
  return /did not allow|denied|rejected/i.test(output.slice(0, 400))
    ? { outcome: 'denied', exitCode: null, deniedBy: 'user' }
    : { outcome: 'interrupted', exitCode: null, deniedBy: null }
}

function refusal(output: string): DeniedBy | null {
  const start = output.slice(0, 400)
  if (/^(Tool execution|Agent execution) (blocked|stopped)\b/.test(start)) return 'hook'
  if (/^Tool execution( for "[^"]{0,200}")? denied by policy/.test(start)) return 'rule'
  return null
}

/**
 * The program's own lines end the output, so that what a command prints cannot take their place. Today's versions write the
 * exit code only where it is not 0, older ones always.
 */
const TAIL =
  /(?:^|\n)(?:Exit Code: (-?\d{1,9}|\(none\)))?(?:\n?Signal: [^\n]*)?(?:\n?Background PIDs: [^\n]*)?(?:\n?Process Group PGID: (?:\d+|\(none\)))?\s*$/

function exitCodeIn(output: string): number | null {
  const text = unwrapped(output)
  const tail = text.slice(-600)
  const written = TAIL.exec(tail)?.[1]
  if (written !== undefined) return written === '(none)' ? null : Number(written)
  const hasEnded = /(?:^|\n)Process Group PGID: \d+\s*$/.test(tail) && !/\nSignal: /.test(tail)
  return hasEnded && /^Output: /.test(text) ? 0 : null
}

function unwrapped(output: string): string {
  return output.replace(/^<untrusted_context>\n/, '').replace(/\n<\/untrusted_context>\s*$/, '')
}
