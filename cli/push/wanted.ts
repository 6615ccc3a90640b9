/** What a push describes: the commits of pushes that are not on the spool yet, and of sessions that went on since. */
import type { Context } from '../context.ts'
import { objectTypes } from '../io/objects.ts'
import type { Workspace } from '../workspace.ts'
import { commitsOfGrownSessions } from './grown.ts'
import type { PendingPush } from './pending.ts'
import { narrowestRemote } from './privacy.ts'

export interface Wanted {
  readonly commits: readonly string[]
  readonly sessions: readonly string[]
  /** That for which the least may leave; null = the usual one. */
  readonly remote: string | null
}

type Asked = { readonly [Key in 'commits' | 'sessions']: readonly string[] } & Pick<PendingPush, 'remoteUrl'>

/** null where there is nothing to describe. */
export async function wantedBy(
  pending: readonly Asked[],
  workspace: Workspace,
  context: Context,
): Promise<Wanted | null> {
  const grown = await commitsOfGrownSessions(workspace, context)
  const named = [...new Set([...pending.flatMap((push) => push.commits), ...grown])]
  const sessions = [...new Set(pending.flatMap((push) => push.sessions))]
  if (named.length === 0 && sessions.length === 0) return null
  // A commit that waited long may have been rewritten and collected as garbage by now.
  const present = await objectTypes(workspace.repository, named)
  const commits = named.filter((commit) => present.get(commit)?.type === 'commit')
  const remotes = pending.map(({ remoteUrl }) => remoteUrl)
  return { commits, sessions, remote: await narrowestRemote(remotes, workspace) }
}
