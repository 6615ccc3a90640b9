/**
 * Many literals at once in one pass over a text: Aho and Corasick's automaton as a table (CACM 18:6, 1975), so that the
 * work is one look-up a character, whatever the text and however many the rules. Letters count without case.
 */

/** Codes from here on belong to no literal; they lead back to the beginning. */
const COLUMNS = 128

export interface Literals {
  /** State and character -> next state; states from `firstFinal` on end a literal. */
  readonly next: Uint16Array
  readonly firstFinal: number
  /** State -> the literals that end there, by their place in the list. */
  readonly ends: readonly (readonly number[])[]
  readonly lengths: readonly number[]
  /** State -> how many characters of the longest literal are read. */
  readonly depth: Uint8Array
  /** Characters of the longest literal. */
  readonly longest: number
}

interface Node {
  readonly children: Map<number, Node>
  readonly depth: number
  readonly own: number[]
  fail: Node | null
  id: number
}

/** ASCII only; at most 200 characters each. Several entries may be equal. */
export function compileLiterals(literals: readonly string[]): Literals {
  const root: Node = { children: new Map(), depth: 0, own: [], fail: null, id: 0 }
  for (const [index, literal] of literals.entries()) {
    let node = root
    for (let at = 0; at < literal.length; at++) {
      const code = folded(literal.charCodeAt(at))
      const child = node.children.get(code) ?? { children: new Map(), depth: at + 1, own: [], fail: null, id: 0 }
      node.children.set(code, child)
      node = child
    }
    node.own.push(index)
  }
  const order = breadthFirst(root)
  const silent = order.filter((node) => node.own.length === 0)
  const sorted = [...silent, ...order.filter((node) => node.own.length > 0)]
  for (const [id, node] of sorted.entries()) node.id = id
  return tableOf(order, sorted, literals)
}

/** Nodes by depth, each with the longest proper suffix that is a node too; what that one ends, this one ends as well. */
function breadthFirst(root: Node): readonly Node[] {
  const order: Node[] = [root]
  for (const node of order) {
    for (const [code, child] of node.children) {
      let fail = node.fail
      while (fail !== null && !fail.children.has(code)) fail = fail.fail
      child.fail = fail === null ? root : (fail.children.get(code) ?? root)
      child.own.push(...child.fail.own)
      order.push(child)
    }
  }
  return order
}

function tableOf(order: readonly Node[], sorted: readonly Node[], literals: readonly string[]): Literals {
  const next = new Uint16Array(sorted.length * COLUMNS)
  const depth = new Uint8Array(sorted.length)
  for (const node of order) {
    const row = node.id * COLUMNS
    if (node.fail !== null) next.copyWithin(row, node.fail.id * COLUMNS, (node.fail.id + 1) * COLUMNS)
    for (const [code, child] of node.children) {
      next[row + code] = child.id
      if (code >= 97 && code <= 122) next[row + code - 32] = child.id
    }
    depth[node.id] = Math.min(node.depth, 255)
  }
  const lengths = literals.map(({ length }) => length)
  return {
    next,
    firstFinal: sorted.findIndex((node) => node.own.length > 0),
    ends: sorted.map(({ own }) => own),
    lengths,
    depth,
    longest: Math.max(0, ...lengths),
  }
}

function folded(code: number): number {
  return code >= 65 && code <= 90 ? code + 32 : code
}
