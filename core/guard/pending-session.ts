/**
 * A pending call as a session of this one call that ran well: the policies that judge sessions then say what they would
 * say of it afterwards, so that the guard and the pull request cannot differ.
 */
import { evidencePath, homeHidden, type Places } from '../agents/paths.ts'
import type { Event } from '../session/event.ts'
import type { Session } from '../session/session.ts'
import type { PendingCall } from './guard.ts'

const costUnknown = { microUsd: null, unpricedModels: [], priceTable: 'none' }

export function pendingSession(call: PendingCall, places: Places): Session {
  const hidden = homeHidden(places.home)
  const asEvidence = (path: string) => evidencePath(path, call.workingDirectory, places)
  const common = { at: null, thread: 'main', callId: 'pending' }
  const events: Event[] = [
    {
      ...common,
      id: 'pending',
      kind: 'toolCall',
      tool: call.tool,
      category: call.category,
      input: { ...call.input },
      command: call.command === null ? null : hidden(call.command),
      paths: call.paths.map(asEvidence),
    },
    {
      ...common,
      id: 'pending-result',
      kind: 'toolResult',
      outcome: 'ok',
      exitCode: call.category === 'shell' ? 0 : null,
      output: '',
      edits: call.edits.map(({ path, kind, hunks }) => ({ path: asEvidence(path), kind, hunks, userModified: null })),
    },
  ]
  return {
    schema: 'stemma.session/v1',
    id: call.session,
    agent: { id: call.session.split(':')[0] ?? '', version: null },
    entrypoint: null,
    startedAt: null,
    endedAt: null,
    branches: [],
    models: [],
    usage: null,
    cost: costUnknown,
    tools: [{ tool: call.tool, calls: 1, failures: 0, denials: 0 }],
    files: [],
    subagents: [],
    commits: [],
    permissionModes: [],
    prompts: 0,
    eventCount: events.length,
    forkedFrom: null,
    capture: 'hook',
    parse: { records: 0, malformed: 0, unrecognised: {} },
    warnings: [],
    events,
  }
}
