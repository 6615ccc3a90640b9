/** Reads an agent's settings as a tree with offsets. `path` is only named in what goes wrong. */
import { type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser'
import { Fault } from '../../fault.ts'

/** JSONC as editors write it: comments and trailing commas are fine. */
export function readSettings(text: string, path: string): Node {
  const errors: ParseError[] = []
  const root = parseTree(withoutMark(text), errors, { allowTrailingComma: true })
  const [error] = errors
  if (error !== undefined) {
    const line = text.slice(0, error.offset).split('\n').length
    throw malformed(path, `${path} cannot be read: ${printParseErrorCode(error.error)} in line ${line}.`)
  }
  if (root?.type !== 'object') throw malformed(path, `${path} does not hold an object.`)
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
export function hooksOf(root: Node, path: string): Node | null {
  const hooks = contentOf(property(root, 'hooks'))
  if (hooks !== null && hooks.type !== 'object') throw malformed(path, `"hooks" in ${path} is not an object.`)
  return hooks
}

/** null where the event has no hooks yet. */
export function groupsOf(hooks: Node, event: string, path: string): Node | null {
  const groups = contentOf(property(hooks, event))
  if (groups !== null && groups.type !== 'array') {
    throw malformed(path, `"hooks.${event}" in ${path} is not an array.`)
  }
  return groups
}

export function endOf(node: Node): number {
  return node.offset + node.length
}

function malformed(path: string, message: string): Fault {
  return new Fault('configuration-malformed', {
    message,
    hint: `Repair ${path} in your editor, then run \`stemma init\` again.`,
  })
}
