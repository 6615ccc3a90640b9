/**
 * Evidence that was signed while the project let transcripts leave, and waits: where it lets none leave any more, it is
 * taken back and described anew without.
 */
import type { Context } from '../context.ts'
import { listOutgoing, readOutgoingNotes, removeOutgoing } from '../io/outgoing.ts'
import type { Workspace } from '../workspace.ts'
import { addPending } from './pending.ts'

/** Sends nothing: what was taken back is pending, as if it had never been described. */
export async function withdrawTranscripts({ repository, configuration }: Workspace, context: Context): Promise<void> {
  if (configuration === null) return
  const { tier, remotes } = configuration
  const tiers = remotes === undefined ? [tier] : remotes.map((rule) => rule.tier)
  // As long as one remote may have transcripts, it may be that which the evidence was made for.
  if (tiers.some((one) => one !== 'metadata')) return
  const { stateDirectory } = repository
  for (const id of await listOutgoing(stateDirectory)) {
    const notes = await readOutgoingNotes(stateDirectory, id)
    if (notes === null || notes.transcript === null) continue
    const { commits, session } = notes
    const at = context.now().toISOString()
    await addPending(stateDirectory, { at, commits, sessions: session === null ? [] : [session], remoteUrl: null })
    await removeOutgoing(stateDirectory, id)
  }
}
