/** When git itself changed a work tree: a checkout, pull, merge or cherry-pick is nobody's typing. */
import { join, resolve } from 'node:path'
import { readText } from '../io/files.ts'
import { git } from '../io/git.ts'
import type { Observations } from '../io/observations.ts'
import { listWorktrees, type Repository } from '../io/repository.ts'
import type { States } from './states.ts'

export interface HeadMove {
  /** Whole seconds, as git keeps them. */
  readonly milliseconds: number
  /** When it was over for certain; null where nothing tells: a commit bears whatever date it was given. */
  readonly doneAt: number | null
  /** Where HEAD pointed afterwards. */
  readonly commit: string
  /** A plain commit (or amend) changes no file; `making`: a cherry-pick, rebase or merge; `going`: to one that was there. */
  readonly kind: 'commit' | 'making' | 'going'
}

/** Some three seconds of git; beyond, it is not looked for what was put back to HEAD by stash, restore or reset. */
const MAX_QUESTIONS = 500_000

/** Of which HEAD's content is to be known. */
export function headCommits(moves: ReadonlyMap<string, readonly HeadMove[]>, paths: number): readonly string[] {
  const all = [...moves.values()].flat()
  const commits = new Set(all.map(({ commit }) => commit))
  if (commits.size * paths <= MAX_QUESTIONS) return [...commits]
  return [...new Set(all.filter(({ kind }) => kind !== 'commit').map(({ commit }) => commit))]
}

/** HEAD's moves in the time from which states are known. */
export async function movesWithin(
  repository: Repository,
  states: States,
  { commits }: Observations,
  canonical: (root: string) => string,
): Promise<ReadonlyMap<string, readonly HeadMove[]>> {
  let earliest = Number.POSITIVE_INFINITY
  for (const ofRoot of states.values())
    for (const list of ofRoot.values()) earliest = Math.min(earliest, list[0]?.milliseconds ?? earliest)
  if (earliest === Number.POSITIVE_INFINITY) return new Map()
  const moves = await readHeadMoves(repository, commits, canonical)
  return new Map([...moves].map(([root, list]) => [root, movesSince(list, earliest - 1000)]))
}

/** Work tree -> moves of its HEAD, in the order of time. */
async function readHeadMoves(
  repository: Repository,
  observed: Observations['commits'],
  canonical: (root: string) => string,
): Promise<ReadonlyMap<string, readonly HeadMove[]>> {
  const observations = new Map(observed.map((one) => [one.commit, one]))
  const moves = new Map<string, readonly HeadMove[]>()
  for (const root of await listWorktrees(repository)) {
    const text = await readLog(root).catch(() => null) // the work tree is gone
    if (text !== null)
      moves.set(
        canonical(root),
        parseLog(text).map((move) => withObservation(move, observations)),
      )
  }
  return moves
}

/** git calls a conflict that was solved, and a squash, a commit like any other; the hook saw what it was. */
function withObservation(
  move: HeadMove,
  observations: ReadonlyMap<string, { readonly origin: string; readonly milliseconds: number }>,
): HeadMove {
  if (move.kind !== 'commit') return move
  const observation = observations.get(move.commit)
  if (observation === undefined) return { ...move, doneAt: null }
  const isPlain = observation.origin === 'commit' || observation.origin === 'rebase'
  // git notes the date that the commit bears, which may be any.
  const milliseconds = Math.floor(observation.milliseconds / 1000) * 1000
  return { ...move, kind: isPlain ? 'commit' : 'making', milliseconds, doneAt: observation.milliseconds }
}

/** Those that can have brought what was seen since `earliest`, and where HEAD stood before. */
function movesSince(moves: readonly HeadMove[], earliest: number): readonly HeadMove[] {
  const first = moves.findIndex(({ milliseconds }) => milliseconds >= earliest)
  return first === -1 ? moves.slice(-1) : moves.slice(Math.max(first - 1, 0))
}

async function readLog(root: string): Promise<string | null> {
  const answer = await git(root, ['rev-parse', '--git-dir'])
  return readText(join(resolve(root, answer.toString('utf8').replace(/\n$/, '')), 'logs', 'HEAD'))
}

/** `<old> <new> <name> <<address>> <seconds> <zone>` TAB `<what>: <more>` */
export function parseLog(text: string): readonly HeadMove[] {
  return text.split('\n').flatMap((line) => {
    const [, from, commit, seconds, what] = /^([0-9a-f]+) ([0-9a-f]+) .*> (\d+) [+-]\d+\t(.*)$/.exec(line) ?? []
    if (commit === undefined || what === undefined) return []
    // `git stash` resets to where HEAD is: nothing comes from there that was not there.
    if (from === commit) return []
    const kind = /^commit( \((amend|initial)\))?:/.test(what)
      ? 'commit'
      : /^(checkout|reset|clone)\b|Fast-forward$/i.test(what)
        ? 'going'
        : 'making'
    const milliseconds = Number(seconds) * 1000
    return [{ milliseconds, doneAt: milliseconds + 999, commit, kind }]
  })
}
