/** A range of commits -> who wrote its lines, and which of it was seen at all. */
import { join } from 'node:path'
import {
  addLineCounts,
  type CommitAttribution,
  type LineCounts,
  noLines,
  totalLines,
} from '#core/attribution/attribution.ts'
import { hintsOfAi } from '#core/attribution/hints.ts'
import type { Context } from '../context.ts'
import { type CommitInformation, readCommits } from '../io/commits.ts'
import { readText } from '../io/files.ts'
import { readObservations } from '../io/observations.ts'
import { type Repository, readConfiguration } from '../io/repository.ts'
import { contributionsTo } from '../push/contributions.ts'
import type { Workspace } from '../workspace.ts'
import { changedLines } from './changed-lines.ts'

/** Added lines, and the commits that they are in. */
export interface Share {
  readonly ai: number
  readonly mixed: number
  readonly commits: number
}

export interface Statistics {
  readonly range: string
  readonly commits: {
    readonly total: number
    readonly observed: number
    readonly unobserved: readonly { readonly commit: string; readonly reason: string }[]
  }
  /** Added lines; those of commits that were not observed are `unknown`. */
  readonly lines: LineCounts
  readonly removed: LineCounts
  readonly agents: Readonly<Record<string, Share>>
  readonly models: Readonly<Record<string, Share>>
  readonly sessions: Readonly<Record<string, Share>>
}

export async function statisticsOf(
  { range, commits }: { readonly range: string; readonly commits: readonly string[] },
  workspace: Workspace,
  context: Context,
): Promise<Statistics> {
  const { repository } = workspace
  const information = await readCommits(repository, commits)
  const cut = await shallowCommits(repository)
  // Where the history is cut off, a commit seems to add every line that there is.
  const { attribution } = await contributionsTo(
    commits.filter((commit) => !cut.has(commit)),
    workspace,
    context,
  )
  const known = new Map(attribution.filter(isObserved).map((one) => [one.commit, one]))
  const changed = await changedLines(
    repository,
    information.filter(({ commit }) => !known.has(commit) && !cut.has(commit)),
  )
  const reasonOf = await reasons(repository, cut)
  let lines = noLines
  let removed = noLines
  let total = 0
  const unobserved: { commit: string; reason: string }[] = []
  for (const one of information) {
    const seen = known.get(one.commit)
    const unknown = changed.get(one.commit)
    const added = seen?.added ?? { ...noLines, unknown: unknown?.added ?? 0 }
    // What a merge joins is counted in its parents; its own lines are those that none of them has.
    if (one.parents.length > 1 && totalLines(added) === 0) continue
    total += 1
    if (seen === undefined) unobserved.push({ commit: one.commit, reason: reasonOf(one) })
    lines = addLineCounts(lines, added)
    removed = addLineCounts(removed, seen?.removed ?? { ...noLines, unknown: unknown?.removed ?? 0 })
  }
  return {
    range,
    commits: { total, observed: total - unobserved.length, unobserved },
    lines,
    removed,
    ...shares([...known.values()]),
  }
}

/** Something of it was seen, or there is nothing to see. */
function isObserved({ added, removed }: CommitAttribution): boolean {
  const all = addLineCounts(added, removed)
  return totalLines(all) === 0 || totalLines(all) > all.unknown
}

async function shallowCommits(repository: Repository): Promise<ReadonlySet<string>> {
  const text = await readText(join(repository.commonDirectory, 'shallow'))
  return new Set((text ?? '').split('\n').filter((line) => line !== ''))
}

/** Why a commit was not observed, and what in it hints at AI all the same. */
async function reasons(
  repository: Repository,
  cut: ReadonlySet<string>,
): Promise<(commit: CommitInformation) => string> {
  const { commits } = await readObservations(repository.stateDirectory)
  const first = commits[0]?.milliseconds ?? null
  const own = await readConfiguration(repository, 'user.email')
  const seen = new Set(commits.map(({ commit }) => commit))
  return (one) => {
    const hints = hintsOfAi(one)
    const why = cut.has(one.commit)
      ? 'shallow clone: what was there before is not here'
      : first === null
        ? 'no hook has seen this repository yet'
        : seen.has(one.commit)
          ? 'the hooks saw the commit, and nothing of how its lines came about'
          : Date.parse(one.committedAt) < first - 1_000
            ? 'made before the hooks were there'
            : own !== null && one.authorEmail !== own
              ? 'made by somebody else, or on another machine'
              : 'made without the hooks'
    return hints.length === 0 ? why : `${why}; hints at AI: ${hints.join(', ')}`
  }
}

function shares(attribution: readonly CommitAttribution[]): Pick<Statistics, 'agents' | 'models' | 'sessions'> {
  const tables = {
    agents: new Map<string, Counted>(),
    models: new Map<string, Counted>(),
    sessions: new Map<string, Counted>(),
  }
  for (const { commit, files } of attribution) {
    for (const { class: name, session, model, start, end } of files.flatMap(({ ranges }) => ranges)) {
      if ((name !== 'ai' && name !== 'mixed') || session === null) continue
      const keys = { agents: session.split(':')[0] ?? session, models: model ?? 'not recorded', sessions: session }
      for (const table of ['agents', 'models', 'sessions'] as const) {
        const known = tables[table].get(keys[table]) ?? { ai: 0, mixed: 0, commits: new Set<string>() }
        tables[table].set(keys[table], known)
        known[name] += end - start + 1
        known.commits.add(commit)
      }
    }
  }
  return { agents: written(tables.agents), models: written(tables.models), sessions: written(tables.sessions) }
}

interface Counted {
  ai: number
  mixed: number
  readonly commits: Set<string>
}

function written(table: ReadonlyMap<string, Counted>): Readonly<Record<string, Share>> {
  const rows = [...table].sort(([, left], [, right]) => right.ai + right.mixed - left.ai - left.mixed)
  return Object.fromEntries(rows.map(([key, { ai, mixed, commits }]) => [key, { ai, mixed, commits: commits.size }]))
}
