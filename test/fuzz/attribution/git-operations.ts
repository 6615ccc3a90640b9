/** What people and agents do with git. Each gives false where it is not possible now. */
import { command } from './content-operations.ts'
import { agent, edited, person, split, unseen } from './lines.ts'
import type { Operation, Program } from './program.ts'

/** By a person, or by an agent's command. */
function byAnyone(program: Program, root: string, work: () => boolean): boolean {
  if (!program.random.chance(0.3)) return work()
  let isDone = false
  command(program, root, () => {
    isDone = work()
  })
  return isDone
}

const isClean = ({ world }: Program, root: string): boolean => world.git(root, 'status', '--porcelain') === ''
const message = (program: Program): string => `Step ${program.step}`

function hasStaged({ world }: Program, root: string): boolean {
  return !world.try(root, 'diff', '--cached', '--quiet')
}

function commitStaged(program: Program, root: string, ...options: readonly string[]): boolean {
  return hasStaged(program, root) && program.world.try(root, 'commit', '-q', '-m', message(program), ...options)
}

const commitAll: Operation = (program) => {
  const root = program.anyRoot()
  return byAnyone(program, root, () => {
    program.world.git(root, 'add', '-A')
    return commitStaged(program, root)
  })
}

const commitFile: Operation = (program) => {
  const root = program.anyRoot()
  const changed = program.world
    .git(root, 'diff', '--name-only', '-z')
    .split('\0')
    .filter((name) => name !== '')
  if (changed.length === 0) return false
  return program.world.named(
    root,
    ['git', 'commit', '-q', '-m', message(program), '--'],
    [program.random.pick(changed)],
  )
}

/** As `git add -p` does: some of the hunks. */
function stagePart(program: Program, root: string): boolean {
  const { world, random } = program
  const patch = world.git(root, 'diff', '-U0', '--no-renames', '--no-color', '--src-prefix=a/', '--dst-prefix=b/')
  const kept = patch
    .split(/^(?=diff --git )/m)
    .map((file) => {
      const [head = '', ...hunks] = file.split(/^(?=@@ )/m)
      const chosen = hunks.filter(() => random.chance(0.5))
      return chosen.length === 0 || /^(new|deleted) file/m.test(head) ? '' : head + chosen.join('')
    })
    .join('')
  if (kept === '') return false
  return world.run(root, 'git', ['apply', '--cached', '--unidiff-zero', '-'], kept).status === 0
}

const commitPart: Operation = (program) => {
  const root = program.anyRoot()
  return byAnyone(program, root, () => stagePart(program, root) && commitStaged(program, root))
}

const stage: Operation = (program) => {
  const root = program.anyRoot()
  const paths = program.present(root)
  if (paths.length === 0) return false
  return program.world.named(root, ['git', 'add', '--'], [program.random.pick(paths)])
}

const amend: Operation = (program) => {
  const root = program.anyRoot()
  const { world, random } = program
  if (!program.isOurs(root, 'HEAD')) return false
  return byAnyone(program, root, () => {
    if (!(random.chance(0.4) && stagePart(program, root))) world.git(root, 'add', '-A')
    return world.try(root, 'commit', '-q', '--amend', '--no-edit')
  })
}

/** One commit taken apart into two or three. */
const splitCommit: Operation = (program) => {
  const { world } = program
  const root = program.anyRoot()
  if (!program.isOurs(root, 'HEAD') || !program.isOurs(root, 'HEAD~1')) return false
  if (!world.try(root, 'reset', '-q', 'HEAD~1')) return false
  if (stagePart(program, root)) commitStaged(program, root)
  world.pass(3)
  world.git(root, 'add', '-A')
  return commitStaged(program, root)
}

/** Several commits made one. */
const squash: Operation = (program) => {
  const { world, random } = program
  const root = program.anyRoot()
  const back = `HEAD~${1 + random.below(3)}`
  if (!program.isOurs(root, back) || hasStaged(program, root)) return false
  if (!world.try(root, 'reset', '-q', '--soft', back)) return false
  return commitStaged(program, root)
}

const rebaseSquash: Operation = (program) => {
  const { world } = program
  const root = program.anyRoot()
  if (!program.isOurs(root, 'HEAD~2') || !isClean(program, root)) return false
  const ran = world.run(root, 'git', ['rebase', '-q', '-i', 'HEAD~2'], '', {
    GIT_SEQUENCE_EDITOR: `sed -i '2s/^pick/squash/'`,
  })
  return ran.status === 0 || finish(program, root, 'rebase')
}

const rebaseReorder: Operation = (program) => {
  const { world } = program
  const root = program.anyRoot()
  if (!program.isOurs(root, 'HEAD~3') || !isClean(program, root)) return false
  const ran = world.run(root, 'git', ['rebase', '-q', '-i', 'HEAD~3'], '', {
    GIT_SEQUENCE_EDITOR: `sed -i '1{h;d};2{G}'`,
  })
  return ran.status === 0 || finish(program, root, 'rebase')
}

/** Conflicts, solved as people do who want both; what cannot be solved so is called off. */
function finish(program: Program, root: string, what: 'merge' | 'rebase' | 'cherry-pick' | 'revert'): boolean {
  const { world, random } = program
  for (let round = 0; round < 5; round++) {
    const names = world
      .git(root, 'diff', '--name-only', '--diff-filter=U', '-z')
      .split('\0')
      .filter((name) => name !== '')
    if (names.length === 0 || random.chance(0.3)) break
    world.pass(8)
    for (const name of names) {
      const text = world.read(root, name)
      if (text === null) continue
      // Whoever solves a conflict may write what was there before anew.
      for (const line of split(text))
        for (const author of [person, ...program.agents.map(agent)]) program.ledger.touched(line, author)
      world.write(
        root,
        name,
        split(text)
          .filter((line) => !/^(<<<<<<<|=======|>>>>>>>|\|\|\|\|\|\|\|)/.test(line))
          .join(''),
      )
    }
    world.git(root, 'add', '-A')
    const isDone = what === 'merge' ? world.try(root, 'commit', '-q', '--no-edit') : world.try(root, what, '--continue')
    if (isDone) return true
  }
  if (!world.try(root, what, '--abort')) {
    world.try(root, what, '--quit')
    world.git(root, 'reset', '-q', '--hard')
  }
  return true
}

const otherBranches = ({ world }: Program, root: string): string[] => {
  const listed = world.git(root, 'worktree', 'list', '--porcelain')
  const taken: readonly string[] = listed.match(/(?<=^branch refs\/heads\/).*$/gm) ?? []
  return world
    .git(root, 'for-each-ref', '--format=%(refname:short)', 'refs/heads')
    .split('\n')
    .filter((name) => name !== '' && !taken.includes(name))
}

const newBranch: Operation = (program) => {
  const { world, random } = program
  const root = program.anyRoot()
  const name = `topic${program.step}`
  const from = random.chance(0.5) && program.isOurs(root, 'HEAD~2') && isClean(program, root) ? ['HEAD~2'] : []
  return world.try(root, 'checkout', '-q', '-b', name, ...from)
}

const checkout: Operation = (program) => {
  const { world, random } = program
  const root = program.anyRoot()
  const names = otherBranches(program, root)
  if (names.length === 0) return false
  return byAnyone(program, root, () => world.try(root, 'checkout', '-q', random.pick(names)))
}

function join(
  program: Program,
  what: 'merge' | 'rebase' | 'cherry-pick' | 'revert',
  args: (other: string) => readonly string[],
): boolean {
  const { world, random } = program
  const root = program.anyRoot()
  const branches = world
    .git(root, 'for-each-ref', '--format=%(refname:short)', 'refs/heads')
    .split('\n')
    .filter((name) => name !== '')
  if (!isClean(program, root)) return false
  return byAnyone(program, root, () => {
    const ran = world.try(root, ...args(random.pick(branches)))
    if (ran) return true
    // What failed before it began leaves nothing to finish.
    const isOpen = world
      .git(root, 'status')
      .match(/rebase in progress|rebasing|You have unmerged paths|cherry-picking|reverting|still merging/i)
    return isOpen === null ? false : finish(program, root, what)
  })
}

const rebase: Operation = (program) => join(program, 'rebase', (other) => ['rebase', '-q', other])
const cherryPick: Operation = (program) => join(program, 'cherry-pick', (other) => ['cherry-pick', other])
const merge: Operation = (program) => join(program, 'merge', (other) => ['merge', '-q', '--no-ff', '--no-edit', other])
const fastForward: Operation = (program) => join(program, 'merge', (other) => ['merge', '-q', '--no-edit', other])
const revert: Operation = (program) => {
  const back = program.random.below(3)
  return join(program, 'revert', () => ['revert', '--no-edit', `HEAD~${back}`])
}

const squashMerge: Operation = (program) => {
  const { world, random } = program
  const root = program.anyRoot()
  const names = otherBranches(program, root)
  if (names.length === 0 || !isClean(program, root)) return false
  if (!world.try(root, 'merge', '-q', '--squash', random.pick(names))) {
    world.git(root, 'reset', '-q', '--hard')
    return true
  }
  return commitStaged(program, root)
}

const stash: Operation = (program) => {
  const { world, random } = program
  const root = program.anyRoot()
  if (isClean(program, root)) return false
  return byAnyone(program, root, () => world.try(root, 'stash', 'push', '-q', ...(random.chance(0.7) ? ['-u'] : [])))
}

const pop: Operation = (program) => {
  const { world } = program
  const root = program.anyRoot()
  if (world.git(root, 'stash', 'list') === '' || !isClean(program, root)) return false
  return byAnyone(program, root, () => {
    if (world.try(root, 'stash', 'pop', '-q')) return true
    world.git(root, 'reset', '-q', '--hard')
    world.git(root, 'clean', '-fdq')
    return world.try(root, 'stash', 'drop', '-q')
  })
}

const resetHard: Operation = (program) => {
  const { world, random } = program
  const root = program.anyRoot()
  if (!program.isOurs(root, 'HEAD~1') || !isClean(program, root)) return false
  const lost = world.git(root, 'rev-parse', 'HEAD').trim()
  world.git(root, 'reset', '-q', '--hard', 'HEAD~1')
  if (random.chance(0.5)) {
    world.pass(20)
    world.git(root, 'reset', '-q', '--hard', lost)
  }
  return true
}

/** A person takes back what they, or an agent, did to a file. */
const restore: Operation = (program) => {
  const { world, random } = program
  const root = program.anyRoot()
  const paths = program.present(root)
  if (paths.length === 0) return false
  return world.named(root, ['git', 'checkout', '-q', 'HEAD', '--'], [random.pick(paths)])
}

const addWorktree: Operation = (program) => {
  const { world } = program
  if (program.roots.length > 1) return false
  const root = `${world.folder}/second tree`
  world.git(world.root, 'worktree', 'add', '-q', '-b', `second${program.step}`, root)
  program.roots.push(root)
  return true
}

/** Somebody else's commits, from a clone without Stemma, merged or rebased upon. */
const pull: Operation = (program) => {
  const { world, random, ledger } = program
  const root = world.root
  if (!isClean(program, root)) return false
  const clone = `${world.folder}/clone${program.step}`
  world.withoutHooks(() => {
    world.git(world.folder, 'clone', '-q', root, clone)
    const path = random.pick(program.present(clone))
    if (path === undefined) return
    world.write(clone, path, edited(world.read(clone, path) ?? '', { random, ledger, author: unseen }))
    world.git(clone, 'add', '-A')
    if (!world.try(clone, 'diff', '--cached', '--quiet')) world.git(clone, 'commit', '-q', '-m', 'Elsewhere')
  })
  world.pass(60)
  world.git(root, 'fetch', '-q', clone, '+HEAD:refs/remotes/other/main')
  const [what, args] = random.pick<readonly ['merge' | 'rebase' | 'cherry-pick', readonly string[]]>([
    ['merge', ['-q', '--no-edit']],
    ['rebase', ['-q']],
    ['merge', ['-q', '--squash']],
    ['cherry-pick', []],
  ])
  const ran = world.try(root, what, ...args, 'refs/remotes/other/main')
  if (args[1] === '--squash') {
    if (ran) commitStaged(program, root)
    else world.git(root, 'reset', '-q', '--hard')
  } else if (!ran) finish(program, root, what)
  return true
}

/** Name -> how often, and what. */
export const gitOperations: Readonly<Record<string, readonly [number, Operation]>> = {
  commit: [8, commitAll],
  'commit of one file': [2, commitFile],
  'commit of a part': [3, commitPart],
  stage: [1, stage],
  amend: [2, amend],
  'split commit': [1.2, splitCommit],
  'squash by reset': [1, squash],
  'squash by rebase': [1, rebaseSquash],
  'reorder by rebase': [0.8, rebaseReorder],
  'new branch': [2, newBranch],
  checkout: [2, checkout],
  rebase: [2, rebase],
  'cherry-pick': [1.5, cherryPick],
  merge: [1.5, merge],
  'fast-forward': [0.7, fastForward],
  'squash merge': [1.2, squashMerge],
  revert: [1, revert],
  stash: [1.5, stash],
  'stash pop': [3, pop],
  'reset --hard': [0.8, resetHard],
  restore: [0.7, restore],
  worktree: [0.4, addWorktree],
  pull: [1, pull],
}
