/** Takes Stemma's hooks out of settings again: the exact inverse of what `addHooks` wrote, and sane for edited files. */
import { getNodeValue, type Node } from 'jsonc-parser'
import type { HookSettings } from './hook-settings.ts'
import { commaAfter } from './install.ts'
import { contentOf, endOf, groupsOf, hooksOf, property, readSettings } from './settings-tree.ts'

export function hasAllHooks(text: string, settings: HookSettings): boolean {
  if (text.trim() === '') return false
  const hooks = hooksOf(readSettings(text, settings.path), settings.path)
  if (hooks === null) return false
  return settings.groups.every(([event, group]) => {
    const ours = (groupsOf(hooks, event, settings.path)?.children ?? []).filter((node) => isOurs(node, settings))
    return ours.length === 1 && ours.every((node) => JSON.stringify(getNodeValue(node)) === JSON.stringify(group))
  })
}

/** null: nothing remains, so the file was ours. */
export function removeHooks(text: string, settings: HookSettings): string | null {
  if (text.trim() === '') return null
  let rest = text
  for (;;) {
    const root = readSettings(rest, settings.path)
    const found = findOurs(root, settings)
    if (found === null) return isRemnant(rest, settings) ? null : rest
    const next = removeMember(rest, found)
    if (next === null) return isBare(rest, root) ? null : `${rest.slice(0, root.offset)}{}${rest.slice(endOf(root))}`
    rest = next
  }
}

/** The last hook of ours, or the group around it where that holds nothing else. */
function findOurs(root: Node, settings: HookSettings): Node | null {
  const hooks = hooksOf(root, settings.path)
  for (const event of hooks?.children?.toReversed() ?? []) {
    for (const group of contentOf(event)?.children?.toReversed() ?? []) {
      if (isOurs(group, settings)) return group
      const mixed = hooksIn(group).findLast((hook) => settings.isOurs(contentOf(property(hook, 'command'))?.value))
      if (mixed !== undefined) return mixed
    }
  }
  return null
}

function isOurs(group: Node, settings: HookSettings): boolean {
  const hooks = hooksIn(group)
  return hooks.length > 0 && hooks.every((hook) => settings.isOurs(contentOf(property(hook, 'command'))?.value))
}

function hooksIn(group: Node): readonly Node[] {
  if (group.type !== 'object') return []
  const hooks = contentOf(property(group, 'hooks'))
  if (hooks === null) return property(group, 'command') === null ? [] : [group]
  return hooks?.type === 'array' ? (hooks.children ?? []).filter((hook) => hook.type === 'object') : []
}

/** null: it was the only member, and so were all the containers around it, up to the root. */
function removeMember(text: string, member: Node): string | null {
  const container = member.parent
  if (container === undefined) return null
  const siblings = container.children ?? []
  const index = siblings.indexOf(member)
  const previous = siblings[index - 1]
  const next = siblings[index + 1]
  if (next !== undefined) return text.slice(0, member.offset) + text.slice(next.offset)
  if (previous !== undefined) return removeLast(text, previous, member, container)
  // After one space on the line of the bracket: the container was there before us, and empty.
  if (text.slice(container.offset + 1, member.offset) === ' ') {
    return text.slice(0, container.offset + 1) + text.slice(commaEnd(text, member, container))
  }
  const outer = container.parent?.type === 'property' ? container.parent : container
  return removeMember(text, outer)
}

function removeLast(text: string, previous: Node, member: Node, container: Node): string {
  const before = text.slice(0, member.offset).replace(/(?:\r\n|\n|\r)[ \t]*$|[ \t]+$/, '')
  const after = text.slice(commaEnd(text, member, container))
  // A comma after ours was there before us; then the one in front of ours was there too.
  if (commaAfter(text, member, container) !== null) return before + after
  const comma = commaAfter(text, previous, container)
  return comma === null ? before + after : before.slice(0, comma) + before.slice(comma + 1) + after
}

function commaEnd(text: string, member: Node, container: Node): number {
  const comma = commaAfter(text, member, container)
  return comma === null ? endOf(member) : comma + 1
}

/** Exactly what remains of a file that we made ourselves. */
function isRemnant(text: string, { root }: HookSettings): boolean {
  return root !== undefined && text.trim() === JSON.stringify(root, null, 2)
}

/** Nothing but white space around the root object: no comment of somebody else would be lost with the file. */
function isBare(text: string, root: Node): boolean {
  return (text.slice(0, root.offset) + text.slice(endOf(root))).trim() === ''
}
