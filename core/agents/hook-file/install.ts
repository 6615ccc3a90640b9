/**
 * Adds Stemma's hooks to settings that have none of them.
 *
 * Two containers that were empty must be told from containers that we made, or `uninstall` could not give the original
 * back: into a container that was there and empty we write on the same line after one space; what we make ourselves
 * begins on a line of its own.
 */
import { applyEdits, type Edit, type Node } from 'jsonc-parser'
import type { HookSettings } from './hook-settings.ts'
import { endOf, groupsOf, hooksOf, readSettings } from './settings-tree.ts'

export function addHooks(text: string, { path, groups: ours }: HookSettings): string {
  const root = readSettings(text, path)
  const layout = layoutOf(text)
  const hooks = hooksOf(root, path)
  if (hooks === null) {
    const all = Object.fromEntries(ours.map(([event, group]) => [event, [group]]))
    return applyEdits(
      text,
      append(text, root, [`"hooks": ${print(all, layout, depthIndent(text, root, layout))}`], layout),
    )
  }
  const edits: Edit[] = []
  const newEvents: string[] = []
  for (const [event, group] of ours) {
    const groups = groupsOf(hooks, event, path)
    if (groups !== null)
      edits.push(...append(text, groups, [print(group, layout, depthIndent(text, groups, layout))], layout))
    else newEvents.push(`"${event}": ${print([group], layout, depthIndent(text, hooks, layout))}`)
  }
  if (newEvents.length > 0) edits.push(...append(text, hooks, newEvents, layout))
  return applyEdits(text, edits)
}

interface Layout {
  readonly lineEnd: string
  readonly unit: string
}

function layoutOf(text: string): Layout {
  return {
    lineEnd: /\r\n|\n|\r/.exec(text)?.[0] ?? '\n',
    unit: /(?:\r\n|\n|\r)([ \t]+)["[{]/.exec(text)?.[1] ?? '  ',
  }
}

/** Indentation of the members of a container: that of the line on which it opens and one unit more. */
function depthIndent(text: string, container: Node, layout: Layout): string {
  const line = text.slice(lineStart(text, container.offset), container.offset)
  return (/^[ \t]*/.exec(line)?.[0] ?? '') + layout.unit
}

function lineStart(text: string, offset: number): number {
  return Math.max(text.lastIndexOf('\n', offset - 1), text.lastIndexOf('\r', offset - 1)) + 1
}

function print(value: unknown, layout: Layout, indent: string): string {
  return JSON.stringify(value, null, layout.unit.slice(0, 10)).replaceAll('\n', `${layout.lineEnd}${indent}`)
}

/** Edits that add members at the end of an object or array. */
function append(text: string, container: Node, members: readonly string[], layout: Layout): Edit[] {
  const between = `${layout.lineEnd}${depthIndent(text, container, layout)}`
  const last = container.children?.at(-1)
  if (last === undefined) {
    return [{ offset: container.offset + 1, length: 0, content: ` ${members.join(`,${between}`)}` }]
  }
  const body = members.map((member) => `${between}${member}`).join(',')
  const comma = commaAfter(text, last, container)
  if (comma !== null) return [{ offset: afterComments(text, comma + 1), length: 0, content: `${body},` }]
  const place = afterComments(text, endOf(last))
  if (place === endOf(last)) return [{ offset: place, length: 0, content: `,${body}` }]
  return [
    { offset: endOf(last), length: 0, content: ',' },
    { offset: place, length: 0, content: body },
  ]
}

/** Offset of a trailing comma after the last member; null where there is none. */
export function commaAfter(text: string, last: Node, container: Node): number | null {
  const end = endOf(container) - 1
  let offset = endOf(last)
  while (offset < end) {
    const comment = commentAt(text, offset)
    if (comment !== null) offset = comment
    else if (text[offset] === ',') return offset
    else offset++
  }
  return null
}

/** Past the comments that end the line, so that they stay with what they are about. */
function afterComments(text: string, start: number): number {
  let offset = start
  let place = start
  while (offset < text.length) {
    const comment = commentAt(text, offset)
    if (comment !== null) {
      offset = comment
      place = comment
    } else if (text[offset] === ' ' || text[offset] === '\t') offset++
    else break
  }
  return place
}

/** End of the comment that begins at the offset; null where none begins there. */
function commentAt(text: string, offset: number): number | null {
  if (text.startsWith('//', offset)) {
    const rest = /\r|\n/g
    rest.lastIndex = offset
    return rest.exec(text)?.index ?? text.length
  }
  if (!text.startsWith('/*', offset)) return null
  const close = text.indexOf('*/', offset + 2)
  return close < 0 ? text.length : close + 2
}
