/** One random program: steps of work in a real repository, and the answers held against what is true. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { attributeCommits } from '#cli/attribution.ts'
import { readName } from '#cli/io/names.ts'
import { findRepository } from '#cli/io/repository.ts'
import type { CommitAttribution } from '#core/attribution/attribution.ts'
import { type Random, randomFrom } from '../random.ts'
import { contentOperations } from './content-operations.ts'
import { gitOperations } from './git-operations.ts'
import { edited, Ledger, split, unseen } from './lines.ts'
import { World } from './world.ts'

export type Operation = (program: Program) => boolean

export interface Program {
  readonly world: World
  readonly random: Random
  readonly ledger: Ledger
  readonly agents: readonly string[]
  readonly roots: string[]
  readonly step: number
  readonly anyRoot: () => string
  /** A file to work on; it need not exist yet. */
  readonly anyPath: (root: string) => string
  readonly present: (root: string) => readonly string[]
  /** null where all names are taken. */
  readonly newPath: (root: string) => string | null
  /** With what a file of this name begins, so that its kind of content is settled. */
  readonly seedOf: (path: string) => string
  /** Whether the commit was made in this program, behind its beginning. */
  readonly isOurs: (root: string, revision: string) => boolean
}

/** Lines of the commits that an operation made. `open`: `unknown`, and nothing else can be known. */
export interface Tally {
  commits: number
  lines: number
  right: number
  open: number
  missed: number
  wrong: number
}

export interface Flaw {
  readonly seed: number
  readonly operation: string
  readonly commit: string
  readonly path: string
  readonly line: string
  readonly answer: string
  readonly expected: string
}

export interface ProgramResult {
  readonly steps: ReadonlyMap<string, number>
  readonly tallies: ReadonlyMap<string, Tally>
  readonly wrong: readonly Flaw[]
  readonly missed: readonly Flaw[]
  /** What was done, in order. */
  readonly trail: readonly string[]
}

/** Bytes as latin1: `größe.ts` in UTF-8, and a name that is none. */
const NAMES = [
  'app.ts',
  'lib/parser.ts',
  'gr\xc3\xb6\xc3\x9fe.ts',
  "it's one.ts",
  'lib/caf\xe9.txt',
  'notes.txt',
  'lib/other.ts',
]
const SEEDS: Readonly<Record<string, string>> = { 'notes.txt': '# \xe9t\xe9\n' }

const AGENTS = ['s1', 's2']

function seedOf(path: string): string {
  return SEEDS[path] ?? ''
}

const operations = Object.entries({ ...contentOperations, ...gitOperations })
const WEIGHT = operations.reduce((sum, [, [weight]]) => sum + weight, 0)

function pickOperation(random: Random): readonly [string, Operation] {
  let at = (random.below(1_000_000) / 1_000_000) * WEIGHT
  for (const [name, [weight, operation]] of operations) {
    at -= weight
    if (at < 0) return [name, operation]
  }
  throw new RangeError('no operation')
}

/** `unique`: every line is the only one of its text. `repeated`: blank lines and lines that stand elsewhere too. */
export type Mode = 'unique' | 'repeated'

export interface ProgramRequest {
  readonly seed: number
  readonly steps: number
  /** A text whose way through the files the trail shall tell, for finding out why an answer is wrong. */
  readonly watched?: string
}

export async function runProgram(request: ProgramRequest): Promise<ProgramResult> {
  const world = new World()
  try {
    return await work(world, request)
  } finally {
    world.remove()
  }
}

async function work(world: World, { seed, steps: count, watched }: ProgramRequest): Promise<ProgramResult> {
  const random = randomFrom(seed)
  const ledger = new Ledger()
  begin(world, random, ledger)
  await world.install()
  for (const session of AGENTS) world.start(session, world.root)
  const roots = [world.root]
  const first = world.git(world.root, 'rev-parse', 'HEAD').trim()
  const steps = new Map<string, number>()
  const madeBy = new Map<string, string>([[first, 'beginning']])
  const trail: string[] = []
  const program = (step: number): Program => ({
    world,
    random,
    ledger,
    agents: AGENTS,
    roots,
    step,
    anyRoot: () => random.pick(roots),
    anyPath: (root) => {
      const names = present(world, root)
      return names.length > 0 && random.chance(0.9) ? random.pick(names) : random.pick(NAMES)
    },
    present: (root) => present(world, root),
    newPath: (root) => {
      const free = NAMES.filter((name) => world.read(root, name) === null)
      return free.length === 0 ? null : random.pick(free)
    },
    seedOf,
    isOurs: (root, revision) => {
      const ran = world.run(root, 'git', ['rev-list', '--count', `${first}..${revision}`])
      const id = world.run(root, 'git', ['rev-parse', '--verify', '-q', `${revision}^{commit}`])
      return (
        ran.status === 0 &&
        id.status === 0 &&
        (Number(ran.output) > 0 || id.output.trim() === first) &&
        !(revision === 'HEAD' && id.output.trim() === first)
      )
    },
  })
  for (let step = 0; step < count; step++) {
    // People think for minutes; scripts do not think.
    world.pass(random.pick([0.1, 2, 5, 30, 400]))
    const isDone = (): boolean => {
      const [name, operation] = pickOperation(random)
      trail.push(name)
      const done = operation(program(step))
      if (!done) trail.pop()
      else {
        steps.set(name, (steps.get(name) ?? 0) + 1)
        if (watched !== undefined) trail.push(whereabouts(world, roots, watched))
        for (const commit of commitsOf(world)) if (!madeBy.has(commit)) madeBy.set(commit, name)
      }
      return done
    }
    for (let attempt = 0; attempt < 20 && !isDone(); attempt++) world.pass(0.05)
  }
  world.pass(60)
  for (const root of roots) {
    world.try(root, 'add', '-A')
    world.try(root, 'commit', '-q', '-m', 'Rest')
  }
  for (const commit of commitsOf(world)) if (!madeBy.has(commit)) madeBy.set(commit, 'commit')
  madeBy.delete(first)
  const repository = await findRepository(world.root)
  const attributions = await attributeCommits(repository, [...madeBy.keys()], world.sessions())
  return { steps, trail, ...judge(world, ledger, { attributions, madeBy, seed }) }
}

/** What stands in the repository before Stemma is set up: nobody saw who wrote it. */
function begin(world: World, random: Random, ledger: Ledger): void {
  for (const name of NAMES.slice(0, 4)) {
    let text = seedOf(name)
    while (split(text).length < 6) text = edited(text, { random, ledger, author: unseen })
    world.write(world.root, name, text)
  }
  world.write(world.root, '.stemma.yml', 'apiVersion: stemma.dev/v1\n')
  world.git(world.root, 'add', '-A')
  world.git(world.root, 'commit', '-q', '-m', 'Begin')
  world.pass(600)
}

function whereabouts(world: World, roots: readonly string[], watched: string): string {
  const places = roots.flatMap((root) =>
    present(world, root).flatMap((path) =>
      split(world.read(root, path) ?? '').flatMap((line, at) =>
        line.includes(watched) ? [`${root === world.root ? '' : 'second: '}${path}:${at + 1} ${line.trim()}`] : [],
      ),
    ),
  )
  const head = world.git(world.root, 'rev-parse', '--short', 'HEAD').trim()
  return `    at ${(world.now() / 1000) % 100_000} ${head}: ${places.join(', ')}`
}

function present(world: World, root: string): readonly string[] {
  return NAMES.filter((name) => world.read(root, name) !== null)
}

/** Every commit at which a work tree ever stood, also those that were replaced; a stash is none. */
function commitsOf(world: World): readonly string[] {
  const logs = [join(world.root, '.git', 'logs', 'HEAD')]
  const linked = join(world.root, '.git', 'worktrees')
  if (existsSync(linked)) logs.push(...readdirSync(linked).map((name) => join(linked, name, 'logs', 'HEAD')))
  return logs.flatMap((log) => readFileSync(log, 'latin1').match(/(?<=^[0-9a-f]+ )[0-9a-f]+/gm) ?? [])
}

interface Answers {
  readonly attributions: readonly CommitAttribution[]
  readonly madeBy: ReadonlyMap<string, string>
  readonly seed: number
}

function judge(
  world: World,
  ledger: Ledger,
  { attributions, madeBy, seed }: Answers,
): Pick<ProgramResult, 'tallies' | 'wrong' | 'missed'> {
  const tallies = new Map<string, Tally>()
  const wrong: Flaw[] = []
  const missed: Flaw[] = []
  const contents = readCommitted(world, attributions)
  for (const attribution of attributions) {
    const operation = madeBy.get(attribution.commit) ?? ''
    const tally = tallies.get(operation) ?? { commits: 0, lines: 0, right: 0, open: 0, missed: 0, wrong: 0 }
    tallies.set(operation, tally)
    tally.commits += 1
    const added = addedByGit(world, attribution)
    const flaw = (path: string, line: string, answer: string, expected: string): Flaw => ({
      seed,
      operation,
      commit: attribution.commit,
      path,
      line,
      answer,
      expected,
    })
    for (const file of attribution.files) {
      const lines = split(contents.get(`${attribution.commit}:${file.path}`) ?? '')
      const answers = new Map<number, string>()
      for (const { start, end, class: name, session } of file.ranges) {
        const answer = session === null ? name : `${name} ${session.replace('claude-code:', '')}`
        for (let at = start; at <= end; at++) answers.set(at, answer)
      }
      const expected = added.get(file.path)
      if (attribution.parents.length === 1 && expected !== answers.size)
        wrong.push(flaw(file.path, '', `${answers.size} lines`, `${expected} lines`))
      for (const [at, answer] of answers) {
        const line = lines[at - 1] ?? ''
        if (/^\s*# /.test(line)) continue
        const verdict = ledger.verdict(line, answer)
        tally.lines += 1
        tally[verdict] += 1
        if (verdict === 'wrong') wrong.push(flaw(file.path, line, answer, ledger.expected(line)))
        if (verdict === 'missed') missed.push(flaw(file.path, line, answer, ledger.expected(line)))
      }
    }
  }
  return { tallies, wrong, missed }
}

/** Paths as the engine names them -> lines that git itself counts as added. */
function addedByGit(world: World, { commit, parents }: CommitAttribution): ReadonlyMap<string, number> {
  if (parents.length !== 1) return new Map()
  const output = world.git(
    world.root,
    'diff-tree',
    '-r',
    '-z',
    '--numstat',
    '--find-renames=50%',
    '--diff-algorithm=myers',
    '-l2000',
    parents[0] ?? '',
    commit,
  )
  const fields = output.split('\0')
  const counts = new Map<string, number>()
  for (let at = 0; at < fields.length; at++) {
    const [, added, path] = /^(\d+|-)\t(?:\d+|-)\t([\s\S]*)$/.exec(fields[at] ?? '') ?? []
    if (added === undefined || path === undefined) continue
    const name = path === '' ? (fields[at + 2] ?? '') : path
    if (path === '') at += 2
    counts.set(readName(Buffer.from(name, 'latin1')), Number(added))
  }
  return counts
}

/** `<commit>:<path as the engine names it>` -> content as latin1. */
function readCommitted(world: World, attributions: readonly CommitAttribution[]): ReadonlyMap<string, string> {
  const names = new Map(NAMES.map((name) => [readName(Buffer.from(name, 'latin1')), name]))
  const wanted = attributions.flatMap(({ commit, files }) =>
    files.flatMap(({ path }) => {
      const name = names.get(path)
      return name === undefined ? [] : [{ key: `${commit}:${path}`, question: `${commit}:${name}` }]
    }),
  )
  const { output } = world.run(
    world.root,
    'git',
    ['cat-file', '--batch'],
    wanted.map(({ question }) => `${question}\n`).join(''),
  )
  const contents = new Map<string, string>()
  let at = 0
  for (const { key } of wanted) {
    const end = output.indexOf('\n', at)
    const head = output.slice(at, end)
    at = end + 1
    const [, size] = / blob (\d+)$/.exec(head) ?? []
    if (size === undefined) continue
    contents.set(key, output.slice(at, at + Number(size)))
    at += Number(size) + 1
  }
  return contents
}
