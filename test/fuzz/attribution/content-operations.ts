/** What people and agents do to files. Each gives false where it is not possible now. */
import { align } from '#core/attribution/alignment.ts'
import type { FileEdit } from '#core/session/event.ts'
import { agent, edited, person, reformatted, split } from './lines.ts'
import type { Operation, Program } from './program.ts'

const utf8 = (path: string): string => Buffer.from(path, 'latin1').toString('utf8')
const isUtf8 = (text: string): boolean => Buffer.from(utf8(text), 'utf8').toString('latin1') === text

/** What a transcript says of the change, in the manner of a structured patch. */
function fileEdit(path: string, before: string | null, after: string): FileEdit {
  const bare = (line: string): string => utf8(line.replace(/\r?\n$/, ''))
  const old = split(before ?? '')
  const next = split(after)
  const hunks = align(old, next).map(({ oldStart, oldEnd, newStart, newEnd }) => ({
    oldStart: oldEnd > oldStart ? oldStart + 1 : oldStart,
    oldLines: oldEnd - oldStart,
    newStart: newEnd > newStart ? newStart + 1 : newStart,
    newLines: newEnd - newStart,
    lines: [
      ...old.slice(oldStart, oldEnd).map((line) => `-${bare(line)}`),
      ...next.slice(newStart, newEnd).map((line) => `+${bare(line)}`),
    ],
  }))
  return { path: utf8(path), kind: before === null ? 'create' : 'update', hunks, userModified: null }
}

/** Hook payloads and transcripts are JSON: a tool cannot name, or write, what is no UTF-8. */
function canUseTool(program: Program, root: string, path: string): boolean {
  return isUtf8(path) && isUtf8(program.world.read(root, path) ?? program.seedOf(path))
}

function change(program: Program, root: string, path: string, author: Parameters<typeof edited>[1]['author']): string {
  const { random, ledger, world } = program
  const before = world.read(root, path) ?? program.seedOf(path)
  return edited(before, { random, ledger, author, open: !world.isLookedAt(root) })
}

const humanEdit: Operation = (program) => {
  const { world } = program
  const root = program.anyRoot()
  const path = program.anyPath(root)
  world.write(root, path, change(program, root, path, person))
  return true
}

/** An edit tool: `inside` is what happens between its two hooks, before the tool writes. */
function useTool(program: Program, inside: (root: string, path: string) => void = () => {}): boolean {
  const { world, random } = program
  const root = program.anyRoot()
  const path = program.anyPath(root)
  if (!canUseTool(program, root, path)) return false
  const session = random.pick(program.agents)
  const target = `${root}/${utf8(path)}`
  const call = world.begin(session, root, 'Write', { file_path: target, content: '' })
  inside(root, path)
  world.pass(random.pick([0.02, 0.3]))
  const before = world.read(root, path)
  const after = change(program, root, path, agent(session))
  world.write(root, path, after)
  call.end([fileEdit(path, before, after)])
  return true
}

const toolEdit: Operation = (program) => useTool(program)

/** While the tool waits for leave, the person goes on in the same file. */
const humanInsideTool: Operation = (program) =>
  useTool(program, (root, path) => {
    const { world, random, ledger } = program
    world.pass(20)
    const before = world.read(root, path) ?? program.seedOf(path)
    world.write(root, path, edited(before, { random, ledger, author: person, open: true }))
    world.pass(5)
  })

/** A command of an agent; its text says nothing of what it does. */
export function command(program: Program, root: string, work: () => void, seconds = 0.4, text = 'make all'): void {
  const { world, random } = program
  const call = world.begin(random.pick(program.agents), root, 'Bash', { command: text })
  world.pass(seconds / 2)
  work()
  world.pass(seconds / 2)
  call.end()
}

function shellWork(program: Program, work: (session: string, root: string) => void, seconds = 0.4): boolean {
  const { world, random } = program
  const root = program.anyRoot()
  const session = random.pick(program.agents)
  const call = world.begin(session, root, 'Bash', { command: 'node generate.js' })
  world.pass(seconds / 2)
  work(session, root)
  world.pass(seconds / 2)
  call.end()
  return true
}

const shellEdit: Operation = (program) =>
  shellWork(program, (session, root) => {
    for (let count = 1 + program.random.below(2); count > 0; count--) {
      const path = program.anyPath(root)
      program.world.write(root, path, change(program, root, path, agent(session)))
    }
  })

/** `sed -i`, by the shell itself. */
const shellSed: Operation = (program) =>
  shellWork(program, (session, root) => {
    const { world, random, ledger } = program
    const paths = program.present(root)
    if (paths.length === 0) return
    const path = random.pick(paths)
    const lines = split(world.read(root, path) ?? '')
    const at = random.below(lines.length)
    const line = lines[at]
    if (line === undefined || line.includes('\r')) return
    const next = ledger.modify(line, agent(session))
    const added = next.trimEnd().slice(line.trimEnd().length)
    if (!world.named(root, ['sed', '-i', `${at + 1}s/$/${added}/`], [path])) throw new Error('sed failed')
  })

const shellFormat: Operation = (program) =>
  shellWork(program, (session, root) => {
    const { world, random, ledger } = program
    for (const path of program.present(root)) {
      if (random.chance(0.5)) continue
      const text = world.read(root, path) ?? ''
      world.write(root, path, reformatted(text, { random, ledger, author: agent(session) }))
    }
  })

const humanFormat: Operation = (program) => {
  const { world, random, ledger } = program
  const root = program.anyRoot()
  const paths = program.present(root)
  if (paths.length === 0) return false
  const path = random.pick(paths)
  world.write(root, path, reformatted(world.read(root, path) ?? '', { random, ledger, author: person }))
  return true
}

/** A long command, during which the person works on: nobody can tell whose lines those are, and nobody may guess. */
const humanInsideCommand: Operation = (program) =>
  shellWork(
    program,
    (session, root) => {
      const { world, random, ledger } = program
      for (const author of random.chance(0.5) ? [person] : [person, agent(session)]) {
        const path = program.anyPath(root)
        const before = world.read(root, path) ?? program.seedOf(path)
        world.write(root, path, edited(before, { random, ledger, author, open: true }))
        world.pass(6)
      }
    },
    30,
  )

/** Two agents whose calls overlap, each on a file of its own. */
const twoAtOnce: Operation = (program) => {
  const { world, random } = program
  const root = program.anyRoot()
  const paths = program.present(root).filter((path) => canUseTool(program, root, path))
  if (paths.length < 2 || program.agents.length < 2) return false
  const first = random.pick(paths)
  const second = random.pick(paths.filter((path) => path !== first))
  const [one = '', two = ''] = program.agents
  const input = (path: string): Record<string, unknown> => ({ file_path: `${root}/${utf8(path)}`, content: '' })
  const calls = [world.begin(one, root, 'Write', input(first)), world.begin(two, root, 'Write', input(second))]
  const edits = [
    [one, first],
    [two, second],
  ].map(([session = '', path = '']) => {
    const before = world.read(root, path)
    const after = change(program, root, path, agent(session))
    world.write(root, path, after)
    return fileEdit(path, before, after)
  })
  const order = random.chance(0.5) ? [0, 1] : [1, 0]
  for (const at of order) calls[at]?.end([edits[at]].filter((edit) => edit !== undefined))
  return true
}

/** An agent's edit while another one's command runs in the same tree. */
const toolInsideCommand: Operation = (program) => {
  const { world, random } = program
  const root = program.anyRoot()
  const paths = program.present(root).filter((path) => canUseTool(program, root, path))
  if (paths.length < 2 || program.agents.length < 2) return false
  const mine = random.pick(paths)
  const other = random.pick(paths.filter((path) => path !== mine))
  const [one = '', two = ''] = program.agents
  const outer = world.begin(one, root, 'Bash', { command: 'make all' })
  if (random.chance(0.5)) world.write(root, other, change(program, root, other, agent(one)))
  const inner = world.begin(two, root, 'Write', { file_path: `${root}/${utf8(mine)}`, content: '' })
  const before = world.read(root, mine)
  const after = change(program, root, mine, agent(two))
  world.write(root, mine, after)
  inner.end([fileEdit(mine, before, after)])
  outer.end()
  return true
}

/** The transcript is the only witness of this one. */
const hooklessEdit: Operation = (program) => {
  const { world, ledger, random } = program
  const root = program.world.root
  const path = program.anyPath(root)
  if (!canUseTool(program, root, path)) return false
  const before = world.read(root, path)
  const text = before ?? program.seedOf(path)
  const after = edited(text, { random, ledger, author: agent('s9'), open: true })
  // What it touched, and what stands beside it, may be the person's as well.
  for (const line of [...split(text), ...split(after)]) ledger.doubt(line)
  world.write(root, path, after)
  world.unhooked('s9', fileEdit(path, before, after))
  world.pass(0.5)
  return true
}

const createFile: Operation = (program) => {
  const { world } = program
  const root = program.anyRoot()
  const path = program.newPath(root)
  if (path === null) return false
  world.write(root, path, change(program, root, path, person))
  return true
}

const removeFile: Operation = (program) => {
  const root = program.anyRoot()
  const paths = program.present(root)
  if (paths.length < 3) return false
  program.world.delete(root, program.random.pick(paths))
  return true
}

const rename: Operation = (program) => {
  const { world, random } = program
  const root = program.anyRoot()
  const paths = program.present(root)
  const to = program.newPath(root)
  if (paths.length === 0 || to === null) return false
  const from = random.pick(paths)
  // Where git does not follow the rename, every line counts as added by whoever renamed.
  for (const line of split(world.read(root, from) ?? ''))
    for (const author of [person, ...program.agents.map(agent)]) program.ledger.touched(line, author)
  const work = (): void => {
    if (random.chance(0.5) && !to.includes('/') && world.named(root, ['git', 'mv', '--'], [from, to])) return
    world.rename(root, from, to)
  }
  if (random.chance(0.3)) command(program, root, work)
  else work()
  return true
}

/** Name -> how often, and what. */
export const contentOperations: Readonly<Record<string, readonly [number, Operation]>> = {
  'human edit': [14, humanEdit],
  'tool edit': [14, toolEdit],
  'human edit inside a tool call': [2, humanInsideTool],
  'command edit': [6, shellEdit],
  'sed -i': [2, shellSed],
  'formatter by a command': [1.5, shellFormat],
  'formatter by a person': [1.5, humanFormat],
  'human edit inside a command': [1.5, humanInsideCommand],
  'two agents at once': [3, twoAtOnce],
  'tool call inside a command': [2, toolInsideCommand],
  'edit without hooks': [1.5, hooklessEdit],
  'new file': [2, createFile],
  'deleted file': [0.7, removeFile],
  rename: [2, rename],
}
