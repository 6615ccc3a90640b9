/** FileChange: one change of one file, by the agent's edit tool or by a shell command that names the file. */
import type { FileEdit } from './event.ts'
import { gitInvocation } from './git-invocation.ts'
import type { Session } from './session.ts'
import { joinPath } from './shell/path.ts'
import type { ShellCommand } from './shell.ts'
import { shellRuns } from './shell-run.ts'
import { toolUses } from './tool-use.ts'

export interface FileChange {
  /** In the form of FileEdit.path. */
  readonly path: string
  readonly kind: FileEdit['kind']
  readonly by: 'tool' | 'shell'
  readonly events: readonly string[]
  readonly denied: boolean
  /** What changed, where the agent recorded it; null for shell commands and denied attempts. */
  readonly edit: FileEdit | null
  /** The path, or the command as written. */
  readonly text: string
  /** Of what a shell moves away: where to. */
  readonly movedTo?: string
}

const known = new WeakMap<Session, readonly FileChange[]>()

/** In the order of the calls. What a script or a build writes is not visible in the words of a command. */
export function fileChanges(session: Session): readonly FileChange[] {
  const present = known.get(session)
  if (present) return present
  const runs = new Map(shellRuns(session).map((run) => [run.index, run]))
  const changes = toolUses(session).flatMap((use): FileChange[] => {
    const { call, outcome, events, denied } = use
    const edits = outcome?.result?.edits ?? []
    const base = { events, denied }
    const run = runs.get(use.index)
    if (run) {
      const named = run.analysis.commands.flatMap((command) =>
        changedPaths(command).map(
          (change): FileChange => ({ ...base, ...change, by: 'shell', edit: null, text: command.text }),
        ),
      )
      const told = edits.filter(({ path }) => !named.some((change) => change.path === path))
      return [...named, ...told.map((edit) => fromEdit(edit, 'shell', base))]
    }
    if (edits.length > 0) return edits.map((edit) => fromEdit(edit, 'tool', base))
    const isAttempt = call.category === 'edit' && denied
    return isAttempt
      ? call.paths.map((path) => ({ ...base, path, kind: 'update', by: 'tool', edit: null, text: path }))
      : []
  })
  known.set(session, changes)
  return changes
}

function fromEdit(edit: FileEdit, by: FileChange['by'], base: Pick<FileChange, 'events' | 'denied'>): FileChange {
  return { ...base, path: edit.path, kind: edit.kind, by, edit, text: edit.path }
}

type Change = Pick<FileChange, 'path' | 'kind' | 'movedTo'>

/** Files that a command writes or removes, as far as its words name them. */
function changedPaths(command: ShellCommand): readonly Change[] {
  const written = writtenPaths(command).map((path): Change => ({ path, kind: 'update' }))
  return [...written, ...removedPaths(command)]
}

/** Files that a command writes by redirection, `tee` or in-place editing, or over which it copies. */
export function writtenPaths(command: ShellCommand): readonly string[] {
  const { program, words, writes, folder } = command
  const paths = writes.filter((path) => path !== null)
  const operands = plainOperands(command)
  const inPlace = words.some(({ prefix }) => /^-[a-z]*i|^--in-place/.test(prefix))
  if (program === 'tee' || program === 'truncate') paths.push(...operands)
  // The first operand of sed is its script, not a file.
  if ((program === 'sed' || program === 'perl') && inPlace) paths.push(...operands.slice(1))
  if ((program === 'cp' || program === 'mv') && operands.length >= 2) paths.push(...operands.slice(-1))
  return paths.map((path) => joinPath(folder ?? '.', path))
}

function removedPaths(command: ShellCommand): readonly Change[] {
  const { program } = command
  const git = gitInvocation(command)
  if (git !== null) {
    const operands = git.operands.flatMap(({ value }) => (value === null ? [] : [value]))
    if (git.subcommand === 'mv') return moved(operands, git.folder)
    if (git.subcommand !== 'rm' || git.options.has('cached')) return []
    return operands.map((path) => ({ path: joinPath(git.folder ?? '.', path), kind: 'delete' }))
  }
  const operands = plainOperands(command)
  if (program === 'mv') return moved(operands, command.folder)
  const removes = program === 'rm' || program === 'unlink' || program === 'shred' || program === 'rmdir'
  return removes ? operands.map((path) => ({ path: joinPath(command.folder ?? '.', path), kind: 'delete' })) : []
}

function moved(operands: readonly string[], folder: string | null): readonly Change[] {
  const at = folder ?? '.'
  const to = operands.at(-1)
  if (to === undefined) return []
  return operands.slice(0, -1).map((path) => ({ path: joinPath(at, path), kind: 'delete', movedTo: joinPath(at, to) }))
}

function plainOperands({ words }: ShellCommand): readonly string[] {
  return words.flatMap(({ value }) => (value === null || value.startsWith('-') ? [] : [value]))
}

/** Outside of the repository: absolute, at home, or above it. */
export function isOutside(path: string): boolean {
  return /^(?:\/|~|\.\.(?:\/|$)|[A-Za-z]:)/.test(path)
}
