/** Which sessions contributed to which of the commits, and to which lines. */
import type { HookNote } from '#core/agents/agent.ts'
import { addLineCounts, type CommitAttribution, totalLines } from '#core/attribution/attribution.ts'
import { withDecisions } from '#core/guard/witness.ts'
import type { Session } from '#core/session/session.ts'
import { attributeCommits } from '../attribution.ts'
import type { Context } from '../context.ts'
import { readDecisions } from '../guard/decisions.ts'
import { readCommits } from '../io/commits.ts'
import { git } from '../io/git.ts'
import { readObservations } from '../io/observations.ts'
import type { Repository } from '../io/repository.ts'
import { loadSession, type SessionSummary } from '../io/summaries.ts'
import { type Captured, captured, type Workspace } from '../workspace.ts'

export interface Contribution {
  readonly session: Session
  /** Of the commits to which it contributed, parents before children; never empty. */
  readonly attribution: readonly CommitAttribution[]
}

export interface Contributions {
  /** Commits young enough that a captured session could have contributed. */
  readonly attribution: readonly CommitAttribution[]
  readonly contributions: readonly Contribution[]
  /** Commits without a session, of which at least one line was seen to be a person's. */
  readonly observed: readonly CommitAttribution[]
}

export async function contributionsTo(
  commits: readonly string[],
  workspace: Workspace,
  context: Context,
): Promise<Contributions> {
  const { repository, roots } = workspace
  const nothing: Contributions = { attribution: [], contributions: [], observed: [] }
  if (commits.length === 0) return nothing
  const known = await captured(context, { roots, stateDirectory: repository.stateDirectory })
  const young = await youngEnough(repository, commits, known.summaries)
  if (young.length === 0) return nothing
  const sessions = await candidates(repository, young, known)
  const attribution = await attributeCommits(repository, young, sessions)
  const contributions = sessions
    .map((session) => ({ session, attribution: attribution.filter((commit) => commit.sessions.includes(session.id)) }))
    .filter((contribution) => contribution.attribution.length > 0)
  return { attribution, contributions, observed: attribution.filter(isObservedWithoutSession) }
}

function isObservedWithoutSession({ sessions, added, removed }: CommitAttribution): boolean {
  const lines = addLineCounts(added, removed)
  return sessions.length === 0 && totalLines(lines) > lines.unknown
}

/** A first push brings thousands of commits from before any session; our own hooks and git's time tell them apart. */
async function youngEnough(
  repository: Repository,
  commits: readonly string[],
  summaries: readonly SessionSummary[],
): Promise<readonly string[]> {
  const { commits: made, rewrites } = await readObservations(repository.stateDirectory)
  const seen = new Set([
    ...made.map(({ commit }) => commit),
    ...rewrites.flatMap(({ pairs }) => pairs.map(({ to }) => to)),
  ])
  const starts = summaries.map(({ header }) => header.startedAt).filter((at) => at !== null)
  if (summaries.length === 0) return commits.filter((commit) => seen.has(commit))
  // A session without a time could have been at any.
  const first = starts.length < summaries.length ? 0 : Math.min(...starts.map((at) => Date.parse(at)))
  // git keeps whole seconds.
  const information = await readCommits(repository, commits)
  return information
    .filter(({ commit, committedAt }) => seen.has(commit) || Date.parse(committedAt) >= first - 1_000)
    .map(({ commit }) => commit)
}

/** Sessions that are read whole: those that touched a file of the commits, reported one of them, or were seen by hooks. */
async function candidates(
  repository: Repository,
  commits: readonly string[],
  { summaries, request, notes }: Captured,
): Promise<readonly Session[]> {
  const paths = await changedPaths(repository, commits)
  const noted = new Set(notes.map(({ session }: HookNote) => session))
  const possible = summaries.filter(
    ({ header }) =>
      noted.has(header.id) ||
      header.files.some(({ path }) => paths.has(path)) ||
      header.commits.some((own) => commits.some((commit) => own.length >= 7 && commit.startsWith(own))),
  )
  const sessions: Session[] = []
  const decisions = Map.groupBy(await readDecisions(repository.stateDirectory), ({ session }) => session)
  for (const summary of possible) {
    const session = await loadSession(summary, request)
    if (session !== null) sessions.push(withDecisions(session, decisions.get(session.id) ?? []))
  }
  return sessions
}

/** Every path that the commits name, both sides of a rename. */
async function changedPaths(repository: Repository, commits: readonly string[]): Promise<ReadonlySet<string>> {
  const output = await git(
    repository.root,
    ['diff-tree', '--stdin', '--root', '-r', '-m', '-z', '--name-only', '--no-renames', '--no-commit-id'],
    { input: `${commits.join('\n')}\n` },
  )
  return new Set(
    output
      .toString('utf8')
      .split('\0')
      .filter((path) => path !== ''),
  )
}
