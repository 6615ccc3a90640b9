/**
 * The model: which answers are right for which text. It knows who wrote a line because it had it written, and asks nothing
 * of the engine.
 *
 * More than one answer is right, or `unknown` is, only here. `open`: a person saved between the two hooks of a call, or
 * during a long command, where nothing tells the two apart. An agent without hooks: the snapshots take it for a person, so
 * that what it touched and what stands beside that may be unknown. A line of before the hooks, or of another clone, has no
 * author that anybody saw: git shows it as added where somebody moves, indents or renames it, or solves a conflict around
 * it, and then it may count as theirs. A line that one hand both changed and moved at once may as well be a new one. Where
 * a changed line was put back unseen and changed again, the next may be made of either.
 */
import type { Random } from '../random.ts'

/** `ai s1`, `human`, `mixed s1` or `unknown`. */
export type Answer = string

export type Author =
  | { readonly kind: 'agent'; readonly session: string }
  | { readonly kind: 'person' }
  /** Nobody whom Stemma could see: before the hooks, or in another clone. */
  | { readonly kind: 'unseen' }

export const person: Author = { kind: 'person' }
export const unseen: Author = { kind: 'unseen' }
export const agent = (session: string): Author => ({ kind: 'agent', session })

const nouns = ['river', 'copper', 'lantern', 'meadow', 'signal', 'harbour', 'velvet', 'orbit', 'cinder', 'quartz']

interface Known {
  readonly answer: Answer
  /** As right as `answer`, where what happened allows of several readings. */
  readonly others: Set<Answer>
  /** Who moved it. */
  readonly movers: Set<Answer>
  /** Who changed a word of it, and made it this line. */
  readonly modifier: Answer | null
  /** Answers for the lines that were made of this one. */
  readonly heirs: Set<Answer>
}

export class Ledger {
  private readonly truth = new Map<string, Known>()
  private count = 0

  /** Texts are told apart by all but their white space. */
  private static key(line: string): string {
    return line.replace(/\s+/g, '')
  }

  /** A line that no other resembles. `open`: it cannot be told for certain, so that `unknown` is right too. */
  fresh(author: Author, open = false, letters = ''): string {
    const n = ++this.count
    const noun = (at: number): string => `${nouns[(n * 7 + at * 3) % nouns.length]}${n}${letters}`
    const line = `${noun(0)} = ${noun(1)}x${n * 31}(${n * 17}, "${noun(2)}y${n * 7}") // ${noun(4)}z`
    this.set(line, answerOf(author), open || author.kind === 'unseen' ? ['unknown'] : [])
    return line
  }

  private set(line: string, answer: Answer, others: readonly Answer[], modifier: Answer | null = null): void {
    this.truth.set(Ledger.key(line), { answer, others: new Set(others), movers: new Set(), modifier, heirs: new Set() })
  }

  /** The line after `author` changed a word of it. */
  modify(line: string, author: Author, open = false): string {
    const before = this.truth.get(Ledger.key(line))
    const end = /\s*$/.exec(line)?.[0] ?? ''
    const next = `${line.trimEnd()} + more${++this.count}${end}`
    const own = answerOf(author)
    if (author.kind === 'unseen') this.set(next, 'unknown', [], own)
    else {
      const answer = joined(before?.answer ?? 'unknown', author)
      const isOpen = open || before === undefined || before.others.size > 0 || before.answer === 'unknown'
      // Of what is not known for certain, it is not known either whether two had a hand in it.
      const either = author.kind === 'agent' ? [`ai ${author.session}`, `mixed ${author.session}`] : ['human']
      // Changed and moved by the same hand, it may as well be a new line.
      const moved = before?.movers.has(own) ? [own] : []
      // Where an heir of the line was put back to it unseen (restore, stash), the next one may as well be made of that heir.
      const heirs = [...(before?.heirs ?? []), ...(before?.others ?? [])].filter((heir) => heir !== answer)
      const others = heirs.flatMap((heir) => [joined(heir, author), 'unknown'])
      this.set(next, answer, [...(isOpen ? ['unknown', ...either] : moved), ...others], own)
      before?.heirs.add(answer)
    }
    return next
  }

  /** `author` moved the line or changed its white space: what nobody was seen to write may count as the mover's. */
  touched(line: string, author: Author): void {
    const known = this.truth.get(Ledger.key(line))
    if (known?.answer === 'unknown') known.others.add(answerOf(author))
  }

  moved(line: string, author: Author): void {
    this.touched(line, author)
    const own = answerOf(author)
    const known = this.truth.get(Ledger.key(line))
    known?.movers.add(own)
    if (known?.modifier === own) known.others.add(own)
  }

  doubt(line: string): void {
    this.truth.get(Ledger.key(line))?.others.add('unknown')
  }

  verdict(line: string, answer: Answer): 'right' | 'open' | 'missed' | 'wrong' {
    const known = this.truth.get(Ledger.key(line))
    // Staging a part of a file whose last line has no end can join two lines into one that nobody wrote.
    if (known === undefined) return answer === 'unknown' ? 'open' : 'wrong'
    if (answer === known.answer && answer !== 'unknown') return 'right'
    if (answer === 'unknown') return known.answer === 'unknown' || known.others.has('unknown') ? 'open' : 'missed'
    return known.others.has(answer) ? 'right' : 'wrong'
  }

  expected(line: string): string {
    const known = this.truth.get(Ledger.key(line))
    return known === undefined ? 'nothing: it was never written' : [known.answer, ...known.others].join(' or ')
  }
}

function answerOf(author: Author): Answer {
  if (author.kind === 'agent') return `ai ${author.session}`
  return author.kind === 'person' ? 'human' : 'unknown'
}

function joined(before: Answer, author: Author): Answer {
  const [kind = '', session = ''] = before.split(' ')
  if (author.kind === 'agent')
    return kind === 'human' || kind === 'mixed' ? `mixed ${author.session}` : `ai ${author.session}`
  return kind === 'ai' || kind === 'mixed' ? `mixed ${session}` : 'human'
}

/** With their line ends. */
export function split(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? []
}

export interface EditRequest {
  readonly random: Random
  readonly ledger: Ledger
  readonly author: Author
  readonly open?: boolean
}

/** What an author makes of a file: a few inserted, removed, changed, moved and indented lines. */
export function edited(text: string, { random, ledger, author, open = false }: EditRequest): string {
  const lines = split(text)
  const end = lines[0]?.endsWith('\r\n') ? '\r\n' : '\n'
  const last = lines.length - 1
  if (last >= 0 && !lines[last]?.endsWith('\n')) {
    ledger.touched(lines[last] ?? '', author)
    lines[last] = `${lines[last]}${end}`
  }
  const letters = /[\x80-\xff]/.test(text) ? '\xe9' : ''
  const fresh = (count: number): string[] =>
    random.times(count, () => `${'  '.repeat(random.below(3))}${ledger.fresh(author, open, letters)}${end}`)
  for (let count = 1 + random.below(3); count > 0; count--) {
    const at = random.below(lines.length + 1)
    const kind = random.below(10)
    if (kind < 4 || lines.length === 0) lines.splice(at, 0, ...fresh(1 + random.below(4)))
    else if (kind < 5) lines.splice(at, 1 + random.below(3))
    else if (kind < 6) lines.splice(at, 1 + random.below(2), ...fresh(1 + random.below(3)))
    else if (kind < 8) {
      const place = random.below(lines.length)
      lines[place] = ledger.modify(lines[place] ?? '', author, open)
    } else if (kind < 9) {
      const block = lines.splice(at, 1 + random.below(3))
      for (const line of block) ledger.moved(line, author)
      // Of two blocks that changed places, either one was moved.
      for (const line of lines) ledger.touched(line, author)
      lines.splice(random.below(lines.length + 1), 0, ...block)
    } else reindent(lines, { from: at, count: 1 + random.below(4), by: '  ' }, { ledger, author })
  }
  if (!random.chance(0.05)) return lines.join('')
  ledger.touched(lines.at(-1) ?? '', author)
  return lines.join('').replace(/\r?\n$/, '')
}

interface Indentation {
  readonly from: number
  readonly count: number
  readonly by: string
}

function reindent(
  lines: string[],
  { from, count, by }: Indentation,
  { ledger, author }: Pick<EditRequest, 'ledger' | 'author'>,
): void {
  for (let at = from; at < Math.min(lines.length, from + count); at++) {
    ledger.touched(lines[at] ?? '', author)
    lines[at] = `${by}${lines[at]}`
  }
}

/** The whole file in another form of white space: indented, or with the other line ends. */
export function reformatted(text: string, { random, ledger, author }: EditRequest): string {
  const lines = split(text)
  for (const line of lines) ledger.touched(line, author)
  if (random.chance(0.3)) {
    const isDos = lines[0]?.endsWith('\r\n')
    return lines.map((line) => (isDos ? line.replace(/\r\n$/, '\n') : line.replace(/\r?\n$/, '\r\n'))).join('')
  }
  return lines.map((line) => (line.startsWith('  ') ? line.slice(2) : `  ${line}`)).join('')
}
