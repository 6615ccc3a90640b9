/** A small session to put things into. */

import type { Event } from '#core/session/event.ts'
import { summarise } from '#core/session/header.ts'
import type { Session } from '#core/session/session.ts'

export function sessionOf(events: readonly Event[], changes: Partial<Session> = {}): Session {
  const header = summarise(events, {
    id: 'claude-code:0719df64-8bfc-44a2-bfed-30f3a36f5a99',
    agent: { id: 'claude-code', version: '2.1.328' },
    entrypoint: 'cli',
    startedAt: '2026-11-02T09:00:00.000Z',
    endedAt: '2026-11-02T09:10:00.000Z',
    branches: ['main'],
    permissionModes: ['default'],
    forkedFrom: null,
    capture: 'hook',
    parse: { records: events.length, malformed: 0, unrecognised: {} },
    warnings: [],
    countedMessages: new Set(),
    recordsUsage: true,
  })
  return { ...header, events, ...changes }
}

const place = { at: '2026-11-02T09:00:00.000Z', thread: 'main' }

export function prompt(text: string, id = 'p1'): Event {
  return { ...place, id, kind: 'prompt', text }
}

export function toolCall(input: Record<string, unknown>, id = 'c1'): Event {
  return {
    ...place,
    id,
    kind: 'toolCall',
    callId: `toolu_${id}`,
    tool: 'Bash',
    category: 'shell',
    input,
    command: null,
    paths: [],
  }
}

export function toolResult(lines: readonly string[], id = 'r1'): Event {
  const hunk = { oldStart: 0, oldLines: 0, newStart: 1, newLines: lines.length, lines: lines.map((line) => `+${line}`) }
  const edit = { path: 'a.txt', kind: 'create' as const, hunks: [hunk], userModified: null }
  return {
    ...place,
    id,
    kind: 'toolResult',
    callId: `toolu_${id}`,
    outcome: 'ok',
    exitCode: null,
    output: '',
    edits: [edit],
  }
}

export function usage(messageId: string, model: string, output: number, id = `u-${messageId}`): Event {
  const tokens = { uncachedInput: 100, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output, reasoning: 0 }
  return { ...place, id, kind: 'usage', messageId, model, usage: tokens }
}
