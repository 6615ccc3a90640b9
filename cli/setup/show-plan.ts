/** What `stemma init` is to write: a line for each file with its reason, or with `--diff` every line of each. */
import { dirname, relative } from 'node:path'
import type { GitHookStatus } from '../git-hooks.ts'
import { folded, plain, type Terminal } from '../io/terminal.ts'
import { count } from '../io/words.ts'
import { countLines, showDiff } from './changes.ts'
import type { PlannedChange } from './plan.ts'

interface Writing {
  /** Of the work tree. */
  readonly root: string
  readonly changes: readonly PlannedChange[]
  /** Git hooks to be written. */
  readonly hooks: readonly GitHookStatus[]
}

interface Row {
  readonly isNew: boolean
  readonly path: string
  readonly size: string
  readonly reason: string
}

export function showSummary(writing: Writing, terminal: Terminal): void {
  const rows = [...writing.changes.map(rowOfFile), ...rowsOfHooks(writing)]
  if (rows.length === 0) return
  const pathWidth = Math.max(...rows.map(({ path }) => path.length))
  const sizeWidth = Math.max(...rows.map(({ size }) => size.length))
  const indentation = '+ changed  '.length + pathWidth + 2 + sizeWidth + 2
  const columns = terminal.foldAt === null ? Number.POSITIVE_INFINITY : Math.max(20, terminal.foldAt - indentation)
  terminal.print('')
  for (const { isNew, path, size, reason } of rows) {
    const [first = '', ...more] = folded(reason, columns)
    const head = isNew ? terminal.colours.green('+ new    ') : terminal.colours.yellow('~ changed')
    terminal.print(`${head}  ${path.padEnd(pathWidth)}  ${size.padEnd(sizeWidth)}  ${first}`)
    for (const line of more) terminal.print(`${' '.repeat(indentation)}${line}`)
  }
  terminal.print('')
}

export function showWhole({ changes, ...writing }: Writing, terminal: Terminal): void {
  for (const change of changes) {
    terminal.print('')
    showDiff(change, terminal)
  }
  showSummary({ ...writing, changes: [] }, terminal)
}

function rowOfFile(change: PlannedChange): Row {
  const { added, removed } = countLines(change)
  const isNew = change.before === null
  const size = isNew ? count(added, 'line') : `+${added} −${removed}`
  return { isNew, path: plain(change.path), size, reason: change.reason }
}

/** Scripts of one folder, some of which may stand there already. */
function rowsOfHooks({ root, hooks }: Writing): readonly Row[] {
  const [first] = hooks
  if (first === undefined) return []
  const folder = relative(root, dirname(first.path))
  const chained = hooks.filter(({ chains }) => chains).map(({ name }) => name)
  const kept =
    chained.length === 0
      ? ''
      : `; your own ${chained.join(', ')} still run${chained.length === 1 ? 's' : ''}, before ours`
  return [
    {
      isNew: chained.length === 0,
      path: plain(folder.startsWith('..') ? dirname(first.path) : folder),
      size: count(hooks.length, 'hook'),
      reason: `${hooks.map(({ name }) => name).join(', ')}: name a commit’s sessions in its message, send evidence at push${kept}`,
    },
  ]
}
