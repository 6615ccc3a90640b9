/** Reads `.claude/settings.json` as a tree with offsets. */
import { type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser'
import { Fault } from '../../fault.ts'

/** JSONC as editors write it: comments and trailing commas are fine. */
export function readSettings(text: string): Node {
  const errors: ParseError[] = []
  const root = parseTree(withoutMark(text), errors, { allowTrailingComma: true })
  const [error] = errors
  if (error !== undefined) {
    const line = text.slice(0, error.offset).split('\n').length
    throw malformed(`.claude/settings.json cannot be read: ${printParseErrorCode(error.error)} in line ${line}.`)
  }
  if (root?.type !== 'object') throw malformed('.claude/settings.json does not hold an object.')
  return root
}

/** The byte order mark as a space of the same length: offsets stay, and the parser accepts it. */
function withoutMark(text: string): string {
  return text.startsWith('\uFEFF') ? ` ${text.slice(1)}` : text
}

/** The property of that name; of several, the last, which is the one that JSON readers take. */
export function property(object: Node, name: string): Node | null {
  return object.children?.findLast((child) => child.children?.[0]?.value === name) ?? null
}

export function contentOf(node: Node | null): Node | null {
  return node?.children?.[1] ?? null
}

/** null where there are no hooks yet. */
export function hooksOf(root: Node): Node | null {
  const hooks = contentOf(property(root, 'hooks'))
  if (hooks !== null && hooks.type !== 'object') throw malformed('"hooks" in .claude/settings.json is not an object.')
  return hooks
}

/** null where the event has no hooks yet. */
export function groupsOf(hooks: Node, event: string): Node | null {
  const groups = contentOf(property(hooks, event))
  if (groups !== null && groups.type !== 'array') {
    throw malformed(`"hooks.${event}" in .claude/settings.json is not an array.`)
  }
  return groups
}

export function endOf(node: Node): number {
  return node.offset + node.length
}

function malformed(message: string): Fault {
  return new Fault('configuration-malformed', {
    message,
    hint: 'Repair .claude/settings.json in your editor, then run `stemma init` again.',
  })
}
