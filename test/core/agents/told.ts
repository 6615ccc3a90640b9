import type { Event } from '#core/session/event.ts'

/** One line for each event: what matters about it, in words. */
export function told(events: readonly Event[]): string[] {
  return events.map((event) => `${event.thread === 'main' ? '' : `${event.thread}: `}${words(event)}`)
}

function words(event: Event): string {
  switch (event.kind) {
    case 'prompt':
    case 'message':
    case 'reasoning':
    case 'interruption':
      return `${event.kind} ${event.text}`
    case 'context':
      return `context ${event.source}`
    case 'toolCall':
      return `call ${event.tool} (${event.category}) ${event.command ?? event.paths.join(' ')}`.trim()
    case 'toolResult':
      return `result ${event.outcome}${event.exitCode === null ? '' : ` ${event.exitCode}`}${event.edits
        .map((edit) => ` ${edit.kind} ${edit.path}`)
        .join('')}`
    case 'usage':
      return `usage ${event.messageId} ${event.model} ${event.usage.output}`
    case 'denial':
      return `denial by ${event.by}`
    case 'compaction':
      return `compaction ${event.trigger} ${event.tokensBefore} ${event.tokensAfter}`
    case 'subagent':
      return `subagent ${event.agentId} ${event.type} ${event.model} ${event.callId}`
    case 'commit':
      return `commit ${event.commit}`
    case 'unrecognised':
      return `unrecognised ${event.type}`
  }
}
