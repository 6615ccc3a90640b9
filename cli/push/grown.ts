/**
 * Sessions that went on after their evidence was made. An agent that pushes by itself says its last words afterwards;
 * without another look their tokens, and what it claimed in the end, would never be sent.
 */
import type { Context } from '../context.ts'
import type { EvidenceNotes } from '../io/outgoing.ts'
import { captured, type Workspace } from '../workspace.ts'
import { knownEvidence } from './prepare.ts'

/** Commits of those sessions, as far as evidence names them. */
export async function commitsOfGrownSessions(
  { repository, roots }: Workspace,
  context: Context,
): Promise<readonly string[]> {
  const known = latestBySession(await knownEvidence(repository.stateDirectory))
  if (known.size === 0) return []
  const { summaries } = await captured(context, { roots, stateDirectory: repository.stateDirectory })
  const grown = summaries.flatMap(({ header }) => {
    const seen = known.get(header.id)
    return seen !== undefined && header.eventCount > seen.events ? seen.commits : []
  })
  return [...new Set(grown)]
}

function latestBySession(
  notes: readonly EvidenceNotes[],
): ReadonlyMap<string, Pick<EvidenceNotes, 'events' | 'commits'>> {
  const latest = new Map<string, Pick<EvidenceNotes, 'events' | 'commits'>>()
  for (const { session, events, commits } of notes) {
    if (session === null) continue
    const before = latest.get(session)
    latest.set(session, {
      events: Math.max(events, before?.events ?? 0),
      commits: [...(before?.commits ?? []), ...commits],
    })
  }
  return latest
}
