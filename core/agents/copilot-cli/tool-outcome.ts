/** How a tool call ended: a command that failed is a success to Copilot CLI, and only its exit code tells. */
import type { EventOf } from '../../session/event.ts'
import { booleanIn, type JsonObject, objectIn, objectsIn, textIn } from '../json-value.ts'
import type { ToolCategory } from './tools.ts'

type DeniedBy = EventOf<'denial'>['by']

export interface ToolOutcome {
  readonly outcome: EventOf<'toolResult'>['outcome']
  readonly exitCode: number | null
  readonly deniedBy: DeniedBy | null
}

/** What the model was told. */
export function outputOf(data: JsonObject): string {
  const result = objectIn(data, 'result')
  const blocks = objectsIn(result, 'contents').map((block) => textIn(block, 'text') ?? '')
  return textIn(objectIn(data, 'error'), 'message') ?? textIn(result, 'content') ?? blocks.join('\n')
}

export function outcomeOf(data: JsonObject, category: ToolCategory, refusedBy: DeniedBy | null): ToolOutcome {
  const output = outputOf(data)
  const code = textIn(objectIn(data, 'error'), 'code')
  const success = booleanIn(data, 'success')
  if (success === false && (code === 'denied' || code === 'rejected' || refusedBy !== null)) {
    return { outcome: 'denied', exitCode: null, deniedBy: refusedBy ?? refusal(output, code) }
  }
  if (success === false && /^(aborted|cancelled|canceled|interrupted)$/.test(code ?? '')) {
    return { outcome: 'interrupted', exitCode: null, deniedBy: null }
  }
  if (category !== 'shell') return { outcome: success === false ? 'failed' : success ? 'ok' : 'unknown', ...nobody }
  const exitCode = integerIn(objectIn(data, 'shellExecution'), 'exitCode') ?? exitCodeIn(output)
  if (exitCode !== null) return { outcome: exitCode === 0 ? 'ok' : 'failed', exitCode, deniedBy: null }
  return { outcome: success === false ? 'failed' : 'unknown', ...nobody }
}

const nobody = { exitCode: null, deniedBy: null } as const

function refusal(output: string, code: string | null): DeniedBy {
  const start = output.slice(0, 400)
  if (/^Denied by \w+ hook/i.test(start) || /\bhook\b.*\b(denied|blocked|exited)/i.test(start)) return 'hook'
  if (code === 'rejected' || /\buser (rejected|denied|declined)\b|rejected by the user/i.test(start)) return 'user'
  if (/^Permission (to run this tool was )?denied|rule/i.test(start)) return 'rule'
  return 'unknown'
}

/** The program's own line ends the output, so that what a command prints cannot take its place. */
function exitCodeIn(output: string): number | null {
  const tail = output.slice(-200)
  const [, now, older] =
    /<shellId: [^>\n]{1,60} completed with exit code (-?\d{1,9})>\s*$|<exited with exit code (-?\d{1,9})>\s*$/.exec(
      tail,
    ) ?? []
  const code = now ?? older
  return code === undefined ? null : Number(code)
}

function integerIn(record: JsonObject | null, key: string): number | null {
  const value = record?.[key]
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : null
}
