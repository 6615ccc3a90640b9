/**
 * Commits of this clone that reached a remote without our pre-push hook: an agent that turns git's hooks off in its shell,
 * `git push --no-verify`, a machine that lacked the program. The next push takes them in, so that nothing is lost.
 */
import { join } from 'node:path'
import type { Context } from '../context.ts'
import { readText, writeDurably } from '../io/files.ts'
import { git, objectTypes, type Repository } from '../io/git.ts'
import type { Workspace } from '../workspace.ts'
import { contributionsTo } from './contributions.ts'
import { addPending } from './pending.ts'
import { knownEvidence } from './prepare.ts'

const DAY = 24 * 60 * 60 * 1000
/** As long as the spool keeps what the hooks saw of them. */
const LOOK_BACK_MILLISECONDS = 45 * DAY

/** Commits that a push looked at before, whether or not a session had contributed to them. */
const lookedAtPath = ({ stateDirectory }: Repository): string => join(stateDirectory, 'looked-at')

/** Makes a pending push of those to which a captured session contributed. Safe to call again: it looks at each commit once. */
export async function takeInMissed(workspace: Workspace, context: Context): Promise<void> {
  const { repository } = workspace
  const made = await commitsMadeHere(workspace, context.now().getTime() - LOOK_BACK_MILLISECONDS)
  const lookedAt = new Set((await readText(lookedAtPath(repository)))?.split('\n'))
  const fresh = made.filter((commit) => !lookedAt.has(commit))
  if (fresh.length === 0) return
  const pushed = await thoseOnRemotes(repository, fresh)
  if (pushed.length === 0) return
  const told = new Set((await knownEvidence(repository.stateDirectory)).flatMap(({ commits }) => commits))
  const untold = pushed.filter((commit) => !told.has(commit))
  const { attribution } = await contributionsTo(untold, workspace, context)
  const commits = attribution.filter(({ sessions }) => sessions.length > 0).map(({ commit }) => commit)
  if (commits.length > 0) {
    const at = context.now().toISOString()
    await addPending(repository.stateDirectory, { at, commits, sessions: [], remoteUrl: null })
  }
  // What is no longer in the log of HEAD is not asked for again either.
  const kept = [...made.filter((commit) => lookedAt.has(commit)), ...pushed]
  await writeDurably(lookedAtPath(repository), `${kept.join('\n')}\n`, 0o600)
}

/** By the logs of every work tree's HEAD: what was only fetched is somebody else's. Older ones first. */
async function commitsMadeHere({ roots }: Workspace, since: number): Promise<readonly string[]> {
  const made: string[] = []
  for (const root of roots) {
    const output = await git(root, ['log', '-g', '--date=unix', '--format=%H %gd %gs', 'HEAD', '--']).catch(() => null)
    // A work tree that is gone, or one without any commit.
    for (const line of output?.toString('utf8').split('\n').reverse() ?? []) {
      const [, commit, seconds, what = ''] = /^([0-9a-f]+) HEAD@\{(\d+)[^}]*\} (.*)$/.exec(line) ?? []
      if (commit === undefined || Number(seconds) * 1000 < since) continue
      if (/^(commit|cherry-pick|revert|rebase|merge|am)\b/.test(what) && !/Fast-forward$/.test(what)) made.push(commit)
    }
  }
  return [...new Set(made)]
}

async function thoseOnRemotes(repository: Repository, commits: readonly string[]): Promise<readonly string[]> {
  const present = await objectTypes(repository, commits)
  const known = commits.filter((commit) => present.get(commit)?.type === 'commit')
  if (known.length === 0) return []
  const input = `${known.join('\n')}\n`
  const output = await git(repository.root, ['rev-list', '--stdin', '--not', '--remotes', '--'], { input })
  const local = new Set(output.toString('latin1').split('\n'))
  return known.filter((commit) => !local.has(commit))
}
