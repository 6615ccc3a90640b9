/** Secrets that stood in a transcript: the places where redaction took them out, and what has the form of one still. */
import type { Event } from './event.ts'
import { certainSpans } from './secret-findings.ts'
import { BETWEEN_TEXTS } from './secret-span.ts'
import type { Session } from './session.ts'

export interface SecretSighting {
  /** Rule that found it. */
  readonly rule: string
  /** false: a placeholder stands in its place. */
  readonly remains: boolean
  /** A person wrote it, a tool printed it, or the agent did. */
  readonly from: 'prompt' | 'tool' | 'agent' | 'context'
  readonly event: string
}

const placeholder = /\[(?:REDACTED|WITHHELD):([a-z0-9-]{1,60})\]/g

/** One sighting for each event and rule. */
export function secretSightings(session: Session): readonly SecretSighting[] {
  return session.events.flatMap((event) => {
    const text = textOf(event)
    if (text === '') return []
    const found = new Map<string, SecretSighting>()
    const note = (rule: string, remains: boolean): void => {
      if (!found.has(rule)) found.set(rule, { rule, remains, from: originOf(event), event: event.id })
    }
    if (text.includes('[REDACTED:') || text.includes('[WITHHELD:')) {
      for (const [, rule = ''] of text.matchAll(placeholder)) note(rule, false)
    }
    for (const { rule } of certainSpans(text)) note(rule, true)
    return [...found.values()]
  })
}

function originOf({ kind }: Event): SecretSighting['from'] {
  if (kind === 'prompt' || kind === 'interruption') return 'prompt'
  if (kind === 'toolResult') return 'tool'
  return kind === 'context' || kind === 'unrecognised' ? 'context' : 'agent'
}

/** Everything in an event that people, tools or models wrote. */
function textOf(event: Event): string {
  switch (event.kind) {
    case 'prompt':
    case 'context':
    case 'message':
    case 'reasoning':
    case 'interruption':
      return event.text
    case 'toolCall':
      return stringsIn(event.input).join(BETWEEN_TEXTS)
    case 'toolResult': {
      const lines = event.edits.flatMap(({ hunks }) => hunks.flatMap((hunk) => hunk.lines))
      return lines.length === 0 ? event.output : [event.output, lines.join('\n')].join(BETWEEN_TEXTS)
    }
    default:
      return ''
  }
}

function stringsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(stringsIn)
}
