/**
 * Many literals at once in one pass over a text: Aho and Corasick's automaton as a table (CACM 18:6, 1975), so that the
 * work is one look-up a character, whatever the text and however many the rules. Letters count without case.
 */

export interface Literals {
  /** Character -> its column; 0 for what stands in no literal and leads back to the beginning. */
  readonly columns: Uint8Array
  /** A row of `next` has `1 << shift` columns: as few as there are characters, so that the rows stay in the cache. */
  readonly shift: number
  /** State and column -> next state; states from `firstFinal` on end a literal. */
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
  const columns = columnsOf(literals)
  const shift = Math.ceil(Math.log2(Math.max(...columns) + 1))
  const next = new Uint16Array(sorted.length << shift)
  const depth = new Uint8Array(sorted.length)
  for (const node of order) {
    const row = node.id << shift
    if (node.fail !== null) next.copyWithin(row, node.fail.id << shift, (node.fail.id + 1) << shift)
    for (const [code, child] of node.children) next[row + (columns[code] ?? 0)] = child.id
    depth[node.id] = Math.min(node.depth, 255)
  }
  const lengths = literals.map(({ length }) => length)
  return {
    columns,
    shift,
    next,
    firstFinal: sorted.findIndex((node) => node.own.length > 0),
    ends: sorted.map(({ own }) => own),
    lengths,
    depth,
    longest: Math.max(0, ...lengths),
  }
}

/** Both cases of a letter share a column. */
function columnsOf(literals: readonly string[]): Uint8Array {
  const columns = new Uint8Array(65_536)
  const codes = new Set(literals.flatMap((literal) => Array.from(literal, (mark) => folded(mark.charCodeAt(0)))))
  for (const [index, code] of [...codes].sort((left, right) => left - right).entries()) {
    columns[code] = index + 1
    if (code >= 97 && code <= 122) columns[code - 32] = index + 1
  }
  return columns
}

/** The state after one more character. */
export function step({ next, columns, shift }: Literals, state: number, code: number): number {
  return next[(state << shift) | (columns[code] ?? 0)] ?? 0
}

function folded(code: number): number {
  return code >= 65 && code <= 90 ? code + 32 : code
}
