/** Where a line comes from, and what an author makes of a line. */
import { bare, saysSomething, similarity, withoutSpace } from './lines.ts'

/** Who brought a file from one observed state to the next. */
export type Author =
  /** `edit`: a tool that names the file; `command`: anything else an agent ran, formatters and scripts included. */
  | {
      readonly kind: 'agent'
      readonly by: 'edit' | 'command'
      readonly session: string
      readonly model: string | null
      /**
       * The lines that the call itself says it wrote, without terminators. Absent where it does not say, and for a
       * command so short that nobody else can have been at work meanwhile.
       */
      readonly wrote?: ReadonlySet<string>
      /** The lines that it took from one place and put, perhaps with other white space, to another. */
      readonly rearranged?: ReadonlySet<string>
    }
  /** Both states were observed and no agent worked in between. */
  | { readonly kind: 'person' }
  | { readonly kind: 'unknown' }

/** Where one line comes from. `base`: it stood in the commit's parent, or came out of the repository's history. */
export interface Origin {
  readonly class: 'ai' | 'human' | 'mixed' | 'unknown' | 'base'
  /** For `ai` and `mixed`. */
  readonly session: string | null
  readonly model: string | null
  /** For `ai`: what kind of call. `rearranging`: an edit that moved or indented a line which stood in the parent. */
  readonly by: 'edit' | 'command' | 'rearranging' | null
  /** It may as well have stood in the parent: the class holds if git shows this line, and not an equal one, as added. */
  readonly orBase?: true
  /** For `ai`: made of a line that stood in the parent, whoever wrote that. */
  readonly ofBase?: true
}

export const baseOrigin: Origin = { class: 'base', session: null, model: null, by: null }

export const unknownOrigin: Origin = { class: 'unknown', session: null, model: null, by: null }

const humanOrigin: Origin = { class: 'human', session: null, model: null, by: null }

export function originBy(author: Author): Origin {
  if (author.kind === 'person') return humanOrigin
  if (author.kind === 'unknown') return unknownOrigin
  return { class: 'ai', session: author.session, model: author.model, by: author.by }
}

/** A call that writes more than this rewrote the file; what else happened meanwhile is not looked for. */
const MAX_WROTE = 500

/**
 * Of one new line. A person may have typed into the file while the agent waited for leave to edit it, so that a line
 * which the call neither wrote nor wrote alike (a formatter may have run) is nobody's for certain.
 */
export function originOf(author: Author, line: string): Origin {
  const wrote = author.kind === 'agent' ? author.wrote : undefined
  const text = bare(line)
  if (wrote === undefined || wrote.has(text)) return originBy(author)
  const isAlike =
    wrote.size <= MAX_WROTE && saysSomething(text) && [...wrote].some((other) => similarity(other, text) > 0)
  return isAlike ? originBy(author) : unknownOrigin
}

/** Whether the author can have put this very line there; of a call that tells what it wrote, only what it tells. */
export function isWritten(author: Author, line: string): boolean {
  return author.kind !== 'agent' || author.wrote === undefined || author.wrote.has(bare(line))
}

/** What is certain when a line has one origin or the other: nothing, unless they agree or one never counts as added. */
export function either(left: Origin, right: Origin): Origin {
  if (left.class === 'base') return orBase(right)
  if (right.class === 'base') return orBase(left)
  if (left.class !== right.class || left.session !== right.session) return unknownOrigin
  return { ...right, ...left }
}

function orBase(origin: Origin): Origin {
  return origin.class === 'base' || origin.class === 'unknown' ? origin : { ...origin, orBase: true }
}

export function rearrangedBy(author: Author, line: string): Origin {
  if (author.kind !== 'agent' || author.by !== 'edit') return originOf(author, line)
  const isOwn = author.wrote === undefined || author.wrote.has(bare(line)) || author.rearranged?.has(bare(line))
  return isOwn ? { ...originBy(author), by: 'rearranging' } : unknownOrigin
}

/** The origin of a line that `author` made out of one with `origin`. */
export function changed(before: string, after: string, origin: Origin, author: Author): Origin {
  if (origin.orBase) {
    const { orBase: _, ...certain } = origin
    return either(changed(before, after, baseOrigin, author), changed(before, after, certain, author))
  }
  if (withoutSpace(before) === withoutSpace(after)) {
    if (origin.class !== 'base') return origin
    // A formatter or a line end writes nothing: what stood in the parent is nobody's addition that we saw.
    const isWritten =
      author.kind === 'person' || (author.kind === 'agent' && author.by === 'edit' && bare(before) !== bare(after))
    return isWritten ? rearrangedBy(author, after) : unknownOrigin
  }
  const fresh = originOf(author, after)
  // Whose line was changed decides between one class and `mixed`.
  if (fresh.class === 'unknown' || origin.class === 'unknown') return unknownOrigin
  if (author.kind === 'person') {
    return origin.class === 'ai' || origin.class === 'mixed' ? { ...origin, class: 'mixed' } : fresh
  }
  if (origin.class === 'human' || origin.class === 'mixed') return { ...fresh, class: 'mixed' }
  return origin.class === 'base' || origin.ofBase ? { ...fresh, ofBase: true } : fresh
}
