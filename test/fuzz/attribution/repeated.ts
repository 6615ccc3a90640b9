/**
 * Programs with blank lines, brackets and lines that stand elsewhere too. No text tells its author here, so that the
 * model follows each line by a tag of its own; git does only what leaves whole files as they were. An answer may be
 * `unknown` and must not be wrong: it names who wrote this line, or, where git shows another one of several equal lines
 * as added, who wrote an equal one in the same commit.
 */
import { attributeCommits } from '#cli/attribution.ts'
import { findRepository } from '#cli/io/repository.ts'
import { type Random, randomFrom } from '../random.ts'
import type { Flaw, ProgramRequest, ProgramResult, Tally } from './program.ts'
import { World } from './world.ts'

interface Tagged {
  readonly text: string
  /** `human`, `ai s1`, `unknown`. */
  readonly by: string
}

type Files = ReadonlyMap<string, readonly Tagged[]>

const PATHS = ['app.ts', 'other.ts']
const TEXTS = [
  '',
  '',
  '}',
  '  )',
  '{',
  'return result',
  'end',
  'const value = next()',
  'import { one } from "./one"',
  '  }',
]

const textOf = (lines: readonly Tagged[]): string => lines.map(({ text }) => `${text}\n`).join('')

function edited(lines: readonly Tagged[], by: string, random: Random): readonly Tagged[] {
  const next = [...lines]
  const fresh = random.times(1 + random.below(5), () => ({
    text: random.chance(0.15) ? `call${random.below(1_000_000)}(${random.below(1000)})` : random.pick(TEXTS),
    by,
  }))
  const at = random.below(next.length + 1)
  const removed = next.slice(at, at + (random.chance(0.4) ? random.below(3) : 0))
  // A line in the place of an equal one is that one: nothing was written.
  const isKept = ({ text }: Tagged): boolean => removed.some((line) => line.text === text)
  next.splice(at, removed.length, ...fresh.filter((line) => !isKept(line)))
  return next
}

export async function runRepeated(request: ProgramRequest): Promise<ProgramResult> {
  const world = new World()
  try {
    return await work(world, request)
  } finally {
    world.remove()
  }
}

interface Committed {
  readonly parent: Files
  readonly files: Files
  readonly operation: string
}

async function work(world: World, { seed, steps: count }: ProgramRequest): Promise<ProgramResult> {
  const random = randomFrom(seed)
  const { root } = world
  let files: Files = new Map(PATHS.map((path) => [path, edited([], 'unknown', random)]))
  const put = (next: Files): void => {
    for (const path of PATHS)
      if (next.get(path) !== files.get(path)) world.write(root, path, textOf(next.get(path) ?? []))
    files = next
  }
  for (const path of PATHS) world.write(root, path, textOf(files.get(path) ?? []))
  world.git(root, 'add', '-A')
  world.git(root, 'commit', '-q', '--allow-empty', '-m', 'Begin')
  world.pass(100)
  await world.install()
  world.start('s1', root)
  const commits = new Map<string, Committed>()
  const steps = new Map<string, number>()
  let head: Files = files
  let below: Files | null = null
  let staged: Files | null = null
  let stashed: Files | null = null
  const change = (by: string): { path: string; next: Files; before: string } => {
    const path = random.pick(PATHS)
    let lines = files.get(path) ?? []
    const before = textOf(lines)
    // What leaves a file as it was cannot be seen by anybody.
    do lines = edited(files.get(path) ?? [], by, random)
    while (textOf(lines) === before)
    return { path, next: new Map([...files, [path, lines]]), before }
  }
  const isChanged = (next: Files, from: Files): boolean =>
    PATHS.some((path) => textOf(next.get(path) ?? []) !== textOf(from.get(path) ?? []))
  const commit = (next: Files, operation: string, ...options: readonly string[]): void => {
    world.git(root, 'commit', '-q', ...options)
    const isAmend = options.includes('--amend')
    const parent = isAmend && below ? below : head
    commits.set(world.git(root, 'rev-parse', 'HEAD').trim(), { parent, files: next, operation })
    if (!isAmend) below = head
    head = next
    staged = null
  }
  const work: Readonly<Record<string, () => boolean>> = {
    'human edit': () => {
      put(change('human').next)
      return true
    },
    'tool edit': () => {
      const session = random.pick(['s1', 's2'])
      const { path, next } = change(`ai ${session}`)
      const content = textOf(next.get(path) ?? [])
      const call = world.begin(session, root, 'Write', { file_path: `${root}/${path}`, content })
      put(next)
      call.end()
      return true
    },
    'command edit': () => {
      const session = random.pick(['s1', 's2'])
      const call = world.begin(session, root, 'Bash', { command: 'make all' })
      put(change(`ai ${session}`).next)
      call.end()
      return true
    },
    stage: () => {
      world.git(root, 'add', '-A')
      staged = files
      return true
    },
    'commit of what is staged': () => {
      if (staged === null || !isChanged(staged, head)) return false
      commit(staged, 'commit of what is staged', '-m', 'Staged')
      return true
    },
    commit: () => {
      if (!isChanged(files, head)) return false
      world.git(root, 'add', '-A')
      commit(files, 'commit', '-m', 'All')
      return true
    },
    amend: () => {
      if (below === null || commits.size === 0 || !isChanged(files, below)) return false
      world.git(root, 'add', '-A')
      commit(files, 'amend', '--amend', '--no-edit')
      return true
    },
    stash: () => {
      if (stashed !== null || !isChanged(files, head)) return false
      world.git(root, 'add', '-A')
      world.git(root, 'stash', 'push', '-q')
      stashed = files
      files = head
      staged = null
      return true
    },
    'stash pop': () => {
      if (stashed === null || isChanged(files, head) || isChanged(files, head)) return false
      if (!world.try(root, 'stash', 'pop', '-q')) {
        world.git(root, 'reset', '-q', '--hard')
        world.git(root, 'stash', 'drop', '-q')
        stashed = null
        return true
      }
      // The work tree is what it was only where nothing was committed meanwhile.
      const isSame = PATHS.every((path) => world.read(root, path) === textOf(stashed?.get(path) ?? []))
      if (isSame) files = stashed
      else world.git(root, 'reset', '-q', '--hard')
      stashed = null
      staged = null
      return true
    },
  }
  const names = ['human edit', 'human edit', 'tool edit', 'tool edit', ...Object.keys(work)]
  for (let step = 0; step < count; step++) {
    world.pass(random.pick([2, 5, 30, 400]))
    for (let attempt = 0; attempt < 20; attempt++) {
      const name = random.pick(names)
      if (!work[name]?.()) continue
      steps.set(name, (steps.get(name) ?? 0) + 1)
      break
    }
  }
  world.pass(60)
  work['commit']?.()
  const attributions = await attributeCommits(await findRepository(root), [...commits.keys()], [])
  const tallies = new Map<string, Tally>()
  const wrong: Flaw[] = []
  for (const { commit: id, files: changed } of attributions) {
    const made = commits.get(id)
    if (made === undefined) continue
    const tally = tallies.get(made.operation) ?? { commits: 0, lines: 0, right: 0, open: 0, missed: 0, wrong: 0 }
    tallies.set(made.operation, tally)
    tally.commits += 1
    for (const { path, ranges } of changed) {
      const lines = made.files.get(path) ?? []
      const old = new Set(made.parent.get(path) ?? [])
      for (const { start, end, class: name, session } of ranges) {
        const answer = session === null ? name : `${name} ${session.replace('claude-code:', '')}`
        for (let at = start; at <= end; at++) {
          const line = lines[at - 1]
          tally.lines += 1
          const isRight =
            line?.by === answer || lines.some((one) => one.text === line?.text && !old.has(one) && one.by === answer)
          if (answer === 'unknown') tally.open += 1
          else if (isRight) tally.right += 1
          else {
            tally.wrong += 1
            wrong.push({
              seed,
              operation: made.operation,
              commit: id,
              path,
              line: line?.text ?? '',
              answer,
              expected: line?.by ?? '',
            })
          }
        }
      }
    }
  }
  return { steps, tallies, wrong, missed: [], trail: [] }
}
