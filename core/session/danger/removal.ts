/** Removals that take far more than a project’s own output. */
import type { ShellCommand } from '../shell.ts'
import { certain, doubtful, isContained, type Sight } from './sight.ts'
import { widthOf } from './width.ts'

export function seeRemoval(command: ShellCommand): Sight | null {
  const { program, words, folder, via } = command
  if (isContained(via)) return null
  const operands = words.filter(({ prefix }) => !prefix.startsWith('-'))
  if (program === 'find') return seeFoundRemoval(command)
  const isRemoval =
    program === 'rm' || (program === null && words.some(({ value }) => value === '-rf' || value === '-fr'))
  const options = words.flatMap(({ value }) => (value?.startsWith('-') ? [value] : []))
  const isRecursive =
    options.some((option) => /^-[a-zA-Z]*[rR]/.test(option) || option === '--recursive') ||
    words.some(({ value, prefix }) => value === null && prefix.startsWith('-'))
  if (!isRemoval || !isRecursive) return null
  const widths = operands.map((word) => widthOf(word, folder))
  if (widths.includes('wide')) {
    const what = 'removes a root, home, system or whole working folder'
    return program === null
      ? doubtful('wide-removal', command, `may remove it all`)
      : certain('wide-removal', command, what)
  }
  const asRoot = via.includes('sudo') || via.includes('doas')
  if (asRoot && operands.some(({ value }) => value?.startsWith('/') && !/^\/(?:tmp|var\/tmp)\//.test(value))) {
    return certain('wide-removal', command, 'removes folders with the rights of the administrator')
  }
  return widths.includes('computed')
    ? doubtful('wide-removal', command, 'removes a folder whose name is computed at run time')
    : null
}

export function seeFoundRemoval(command: ShellCommand): Sight | null {
  const { words, folder } = command
  const values = words.map(({ value }) => value)
  if (!values.includes('-delete')) return null
  const isFiltered = values.some(
    (value) =>
      value !== null &&
      /^-(?:i?name|i?path|i?regex|type|[cma]time|[cma]min|newer\w*|size|empty|perm|user|maxdepth)$/.test(value),
  )
  const roots = words.slice(
    0,
    Math.max(
      0,
      values.findIndex((value) => value?.startsWith('-')),
    ),
  )
  const widths = (roots.length > 0 ? roots : []).map((word) => widthOf(word, folder))
  const isRoot = roots.some(({ value }) => value !== null && /^(?:\/|~)\/?$/.test(value))
  return isRoot || (!isFiltered && widths.includes('wide'))
    ? certain('wide-removal', command, 'removes everything below a wide folder')
    : null
}
