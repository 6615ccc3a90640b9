/**
 * Commits of this clone that reached a remote without our pre-push hook: an agent that turns git's hooks off in its shell,
 * `git push --no-verify`, a machine that lacked the program. The next push takes them in, so that nothing is lost.
 */
import { join } from 'node:path'
import type { Context } from '../context.ts'
import { readText, writeDurably } from '../io/files.ts'
import { git } from '../io/git.ts'
import { objectTypes } from '../io/objects.ts'
import { readObservations } from '../io/observations.ts'
import type { Repository } from '../io/repository.ts'
import { captured, type Workspace } from '../workspace.ts'
import { contributionsTo } from './contributions.ts'
import { addPending } from './pending.ts'
import { knownEvidence } from './prepare.ts'
import { listedRemotes } from './privacy.ts'

const DAY = 24 * 60 * 60 * 1000
/** As long as the spool keeps what the hooks saw of them. */
const LOOK_BACK_MILLISECONDS = 45 * DAY

/** As long as an agent may still write down what it did: a session that is open over the weekend, at most. */
const LOOK_AGAIN_MILLISECONDS = 3 * DAY
/** Commits of one second look: attribution of more would be felt at every push. */
const MAX_AGAIN = 100

/** A commit that a push looked at: once, unless no session was found to have contributed to it. */
interface Look {
  readonly commit: string
  /** Milliseconds since 1970; null where there is nothing more to be found. */
  readonly open: { readonly first: number; readonly last: number } | null
}

const lookedAtPath = ({ stateDirectory }: Repository): string => join(stateDirectory, 'looked-at')

/** Makes a pending push of those to which a captured session contributed. Safe to call again. */
export async function takeInMissed(workspace: Workspace, context: Context): Promise<void> {
  const { repository } = workspace
  const { commits, looks } = await findMissed(workspace, context)
  if (commits.length > 0) {
    const at = context.now().toISOString()
    await addPending(repository.stateDirectory, { at, commits: [...commits], sessions: [], remoteUrl: null })
  }
  if (looks !== null) await writeDurably(lookedAtPath(repository), looks.map(lineOf).join(''), 0o600)
}

interface Missed {
  readonly commits: readonly string[]
  /** To be remembered with them; null where nothing new was looked at. */
  readonly looks: readonly Look[] | null
}

/**
 * Looks at a commit once, and again only while transcripts are newer than its last look, for agents that write theirs when
 * all is done. Writes nothing.
 */
export async function findMissed(workspace: Workspace, context: Context): Promise<Missed> {
  const { repository } = workspace
  const now = context.now().getTime()
  const made = await commitsMadeHere(workspace, now - LOOK_BACK_MILLISECONDS)
  const looks = await readLooks(repository)
  const fresh = made.filter((commit) => !looks.has(commit))
  const again = await worthAnotherLook(
    made.map((commit) => looks.get(commit)).filter((look) => look !== undefined),
    { workspace, context, now },
  )
  const wanted = [...fresh, ...again]
  const remotes = await listedRemotes(workspace)
  const pushed = wanted.length === 0 ? [] : await thoseOnRemotes(repository, wanted, remotes)
  if (pushed.length === 0) return { commits: [], looks: null }
  const told = new Set((await knownEvidence(repository.stateDirectory)).flatMap(({ commits }) => commits))
  const untold = pushed.filter((commit) => !told.has(commit))
  const { attribution } = await contributionsTo(untold, workspace, context)
  const commits = attribution.filter(({ sessions }) => sessions.length > 0).map(({ commit }) => commit)
  const found = new Set([...told, ...commits])
  for (const commit of pushed) {
    const first = looks.get(commit)?.open?.first ?? now
    looks.set(commit, { commit, open: found.has(commit) ? null : { first, last: now } })
  }
  // What is no longer in the log of HEAD is not asked for again either.
  const kept = made.map((commit) => looks.get(commit)).filter((look) => look !== undefined)
  return { commits, looks: kept }
}

/** The newest ones of those without a session, where a transcript was written since. */
async function worthAnotherLook(
  looks: readonly Look[],
  { workspace, context, now }: { readonly workspace: Workspace; readonly context: Context; readonly now: number },
): Promise<readonly string[]> {
  const open = looks.flatMap(({ commit, open }) =>
    open !== null && now - open.first < LOOK_AGAIN_MILLISECONDS ? [{ commit, last: open.last }] : [],
  )
  if (open.length === 0) return []
  const { repository, roots } = workspace
  const { summaries } = await captured(context, { roots, stateDirectory: repository.stateDirectory })
  const written = Math.max(0, ...summaries.flatMap(({ found }) => found.files.map(({ modified }) => modified)))
  return open
    .filter(({ last }) => written > last)
    .slice(-MAX_AGAIN)
    .map(({ commit }) => commit)
}

/** `<commit>`, and where it may be looked at again the times of its first and last look. */
function lineOf({ commit, open }: Look): string {
  return `${[commit, ...(open === null ? [] : [open.first, open.last])].join(' ')}\n`
}

async function readLooks(repository: Repository): Promise<Map<string, Look>> {
  const looks = new Map<string, Look>()
  for (const line of (await readText(lookedAtPath(repository)))?.split('\n') ?? []) {
    const [, commit, first, last] = /^([0-9a-f]+)(?: (\d+) (\d+))?$/.exec(line) ?? []
    if (commit === undefined) continue
    const open = first === undefined || last === undefined ? null : { first: Number(first), last: Number(last) }
    looks.set(commit, { commit, open })
  }
  return looks
}

/** By the logs of every work tree's HEAD: what was only fetched is somebody else's. Older ones first. */
async function commitsMadeHere(workspace: Workspace, since: number): Promise<readonly string[]> {
  const moves = await movesOfHead(workspace, since)
  const made = moves.filter(
    ({ what }) => /^(commit|cherry-pick|revert|rebase|merge|am)\b/.test(what) && !/Fast-forward$/.test(what),
  )
  return [...new Set(made.map(({ commit }) => commit))]
}

export interface Watch {
  /** RFC 3339; when our hooks first saw a commit, or as far back as the spool goes. */
  readonly since: string
  /** Commits that `git commit` made here since. */
  readonly made: number
  /** Those of them that our hooks did not see: the program was missing, or git's hooks were turned off. */
  readonly unobserved: readonly string[]
}

/** null where no commit was ever observed: nothing tells since when the hooks are there. */
export async function watchOfCommits(workspace: Workspace, now: number): Promise<Watch | null> {
  const { commits, rewrites } = await readObservations(workspace.repository.stateDirectory)
  const first = commits[0]?.milliseconds
  if (first === undefined) return null
  // git keeps whole seconds; what it wrote within the first one is not held against anybody.
  const since = Math.max(first + 1_000, now - LOOK_BACK_MILLISECONDS)
  const moves = await movesOfHead(workspace, since)
  // Merges, rebases and `git am` call other hooks, or none.
  const made = new Set(moves.filter(({ what }) => /^commit\b/.test(what)).map(({ commit }) => commit))
  const seen = new Set([
    ...commits.map(({ commit }) => commit),
    ...rewrites.flatMap(({ pairs }) => pairs.map(({ to }) => to)),
  ])
  return {
    since: new Date(since).toISOString(),
    made: made.size,
    unobserved: [...made].filter((one) => !seen.has(one)),
  }
}

interface HeadMove {
  readonly commit: string
  /** git's words: `commit: Add a basket`. */
  readonly what: string
}

async function movesOfHead({ roots }: Workspace, since: number): Promise<readonly HeadMove[]> {
  const moves: HeadMove[] = []
  for (const root of roots) {
    const output = await git(root, ['log', '-g', '--date=unix', '--format=%H %gd %gs', 'HEAD', '--']).catch(() => null)
    // A work tree that is gone, or one without any commit.
    for (const line of output?.toString('utf8').split('\n').reverse() ?? []) {
      const [, commit, seconds, what = ''] = /^([0-9a-f]+) HEAD@\{(\d+)[^}]*\} (.*)$/.exec(line) ?? []
      if (commit === undefined || Number(seconds) * 1000 < since) continue
      moves.push({ commit, what })
    }
  }
  return moves
}

/** `remotes`: names; null = all. What is only on a remote for which nothing may leave is told nobody. */
async function thoseOnRemotes(
  repository: Repository,
  commits: readonly string[],
  remotes: readonly string[] | null,
): Promise<readonly string[]> {
  if (remotes?.length === 0) return []
  const present = await objectTypes(repository, commits)
  const known = commits.filter((commit) => present.get(commit)?.type === 'commit')
  if (known.length === 0) return []
  const input = `${known.join('\n')}\n`
  // A name is a pattern here; what stands for a mark of one is no name of a remote that git takes.
  const refs = remotes === null ? ['--remotes'] : remotes.map((name) => `--remotes=${name}`)
  const output = await git(repository.root, ['rev-list', '--stdin', '--not', ...refs, '--'], { input })
  const local = new Set(output.toString('latin1').split('\n'))
  return known.filter((commit) => !local.has(commit))
}
