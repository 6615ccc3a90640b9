/** From the log of one session to its normal form. */
import type { Event } from '../../session/event.ts'
import { summarise } from '../../session/header.ts'
import type { Session } from '../../session/session.ts'
import type { ParseContext, TranscriptFile } from '../agent.ts'
import { distinct, span, word } from '../header-facts.ts'
import { objectIn, textIn } from '../json-value.ts'
import { unrecognisedCounts } from '../reading.ts'
import { withoutRepeats } from '../repeats.ts'
import { safeId } from '../safe-id.ts'
import { uniqueIds } from '../unique-ids.ts'
import { type Reading, startReading } from './reading.ts'
import { draftsOf } from './record-drafts.ts'
import { type CopilotRecord, type Log, readLog } from './records.ts'
import { closingUsage, closingWarning, tellsUsage } from './usage.ts'

export const COPILOT_CLI = 'copilot-cli'

export function parseCopilotCli(files: readonly TranscriptFile[], context: ParseContext): Session | null {
  const log = readLog(files)
  if (log === null) return null
  const { records } = log
  const id = `${COPILOT_CLI}:${log.sessionId}`
  const reading = startReading(context)
  const { own, forkedFrom, warnings } = withoutRepeats(eventsOf(log, reading), id, context)
  const starts = records.filter(({ type }) => type === 'session.start' || type === 'session.resume')
  const first = records.find(({ type }) => type === 'session.start')?.data ?? null
  const header = summarise(own, {
    id,
    agent: { id: COPILOT_CLI, version: word(textIn(first, 'copilotVersion')) },
    entrypoint: word(textIn(first, 'producer')),
    ...span(records.map(({ at }) => at)),
    branches: distinct(records.map(branchOf)),
    permissionModes: distinct(records.flatMap(modesOf)),
    forkedFrom,
    capture: context.capture,
    parse: { records: records.length, malformed: log.malformed, unrecognised: unrecognisedCounts(reading) },
    warnings: [...warnings, ...closingWarning(records)],
    countedMessages: context.countedMessages,
    // Older versions told usage when a session ended: one that crashed tells none.
    recordsUsage:
      starts.length === 0 || records.some((record) => tellsUsage(record) || record.type === 'session.shutdown'),
  })
  return { ...header, events: own }
}

function eventsOf({ records }: Log, reading: Reading): readonly Event[] {
  const closing = closingUsage(records)
  const unique = uniqueIds()
  return records.flatMap((record) => {
    const drafts = [...draftsOf(record, reading), ...(closing.get(record.id) ?? [])]
    return drafts.map(
      ({ event, id, thread }): Event => ({
        ...event,
        id: unique(id ?? record.id),
        at: record.at,
        thread: thread ?? threadOf(record, reading),
      }),
    )
  })
}

function threadOf({ agentId, data }: CopilotRecord, { threads }: Reading): string {
  const parent = safeId(textIn(data, 'parentToolCallId'))
  return agentId ?? (parent === null ? 'main' : (threads.get(parent) ?? parent))
}

function branchOf({ type, data }: CopilotRecord): string | null {
  if (type === 'session.context_changed') return textIn(data, 'branch')
  return type === 'session.start' || type === 'session.resume' ? textIn(objectIn(data, 'context'), 'branch') : null
}

/** The mode of the agent, and how it asks; the latter is told when it changes or when something is asked. */
function modesOf({ type, data }: CopilotRecord): readonly string[] {
  const named = (prefix: string, key: string): readonly string[] => {
    const mode = textIn(data, key)
    return mode === null || mode === '' ? [] : [`${prefix}:${mode}`]
  }
  if (type === 'user.message') return named('mode', 'agentMode')
  if (type === 'session.mode_changed') return named('mode', 'newMode')
  if (type === 'session.permissions_changed') return named('approval', 'mode')
  return type === 'permission.requested' ? named('approval', 'permissionMode') : []
}
