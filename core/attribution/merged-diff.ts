/** The diff of one commit as a forge gives it -> which lines of which file it takes away and adds. */
import type { Bytes } from '../evidence/bytes.ts'
import { countsOf, linesOf } from './patch-id.ts'

/** `removed` lines from `oldStart` on are replaced by `added` lines from `newStart` on; both 1-based. */
export interface Edit {
  readonly oldStart: number
  readonly removed: number
  readonly newStart: number
  readonly added: number
}

export interface ChangedFile {
  /** After the change; of a deleted file the path that it had. */
  readonly path: string
  readonly previousPath: string
  readonly status: 'added' | 'modified' | 'deleted' | 'renamed'
  readonly binary: boolean
  readonly edits: readonly Edit[]
  /** Text of the added lines in order, without their terminators. */
  readonly addedLines: readonly string[]
}

interface Draft {
  path: string
  previousPath: string
  status: ChangedFile['status']
  binary: boolean
  readonly edits: Edit[]
  readonly addedLines: string[]
}

/** Never throws: what does not read as a diff adds nothing. What stands in a hunk is content, whatever it looks like. */
export function readForgeDiff(diff: Bytes): readonly ChangedFile[] {
  const files: Draft[] = []
  const decoder = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true })
  let left: [number, number] = [0, 0]
  let at: [number, number] = [0, 0]
  for (const bytes of linesOf(diff)) {
    const line = decoder.decode(bytes).replace(/\n$/, '')
    const file = files.at(-1)
    if (file !== undefined && (left[0] > 0 || left[1] > 0)) {
      const mark = line[0]
      if (mark === '\\') continue
      if (mark === '+') {
        addTo(file.edits, at, 'added')
        file.addedLines.push(line.slice(1))
        at = [at[0], at[1] + 1]
        left = [left[0], left[1] - 1]
      } else if (mark === '-') {
        addTo(file.edits, at, 'removed')
        at = [at[0] + 1, at[1]]
        left = [left[0] - 1, left[1]]
      } else {
        at = [at[0] + 1, at[1] + 1]
        left = [left[0] - 1, left[1] - 1]
      }
    } else if (line.startsWith('diff --git ')) files.push(draftOf(line.slice('diff --git '.length)))
    else if (file !== undefined && line.startsWith('@@ -')) {
      left = countsOf(line)
      at = startsOf(line, left)
    } else if (file !== undefined) readHeader(file, line)
  }
  return files
}

/** An edit goes on where the one before it ended; otherwise a new one begins. */
function addTo(edits: Edit[], [old, fresh]: readonly [number, number], what: 'added' | 'removed'): void {
  const last = edits.at(-1)
  const isNext = last && last.oldStart + last.removed === old && last.newStart + last.added === fresh
  const edit = isNext ? last : { oldStart: old, removed: 0, newStart: fresh, added: 0 }
  if (isNext) edits.pop()
  edits.push({ ...edit, [what]: edit[what] + 1 })
}

/** Of an empty side git names the line before. */
function startsOf(header: string, [old, fresh]: readonly [number, number]): [number, number] {
  const [, oldStart, newStart] = /^@@ -(\d+)(?:,\d+)? \+(\d+)/.exec(header) ?? []
  return [Number(oldStart ?? 0) + (old === 0 ? 1 : 0), Number(newStart ?? 0) + (fresh === 0 ? 1 : 0)]
}

function readHeader(file: Draft, line: string): void {
  const path = (prefix: string) => (line.startsWith(prefix) ? unquoted(line.slice(prefix.length)) : null)
  if (line.startsWith('new file mode')) file.status = 'added'
  else if (line.startsWith('deleted file mode')) file.status = 'deleted'
  else if (line.startsWith('Binary files') || line.startsWith('GIT binary patch')) file.binary = true
  else if (line.startsWith('rename from ')) {
    file.status = 'renamed'
    file.previousPath = path('rename from ') ?? file.previousPath
  } else if (line.startsWith('rename to ')) file.path = path('rename to ') ?? file.path
  else if (line.startsWith('copy from ')) {
    file.status = 'added'
  } else if (line.startsWith('copy to ')) file.path = path('copy to ') ?? file.path
  else if (line.startsWith('+++ ') && file.status !== 'deleted') file.path = side(line, 'b/') ?? file.path
  else if (line.startsWith('--- ') && file.status !== 'added') file.previousPath = side(line, 'a/') ?? file.previousPath
}

/** git sets a tab behind a path with a space in it. */
function side(line: string, prefix: string): string | null {
  const path = unquoted(line.slice('+++ '.length).replace(/\t$/, ''))
  return path.startsWith(prefix) ? path.slice(prefix.length) : null
}

/** Both halves name one path here, unless lines below say otherwise: `a/x b/x`, or both in quotation marks. */
function draftOf(names: string): Draft {
  const quoted = /^"a\/(?:[^"\\]|\\.)*" /.exec(names)?.[0]
  const half = quoted === undefined ? names.slice(0, (names.length - 1) / 2) : quoted.slice(0, -1)
  const path = unquoted(half).replace(/^a\//, '')
  return { path, previousPath: path, status: 'modified', binary: false, edits: [], addedLines: [] }
}

const escapes: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13 }

/** git's C-style quotation: bytes of UTF-8 as octal numbers. */
function unquoted(text: string): string {
  if (!/^".*"$/s.test(text)) return text
  const bytes: number[] = []
  for (const [, octal, letter, plain] of text.slice(1, -1).matchAll(/\\([0-7]{3})|\\(.)|([^\\]+)/gs)) {
    if (octal !== undefined) bytes.push(Number.parseInt(octal, 8))
    else if (letter !== undefined) bytes.push(escapes[letter] ?? letter.charCodeAt(0))
    else bytes.push(...new TextEncoder().encode(plain ?? ''))
  }
  return new TextDecoder().decode(Uint8Array.from(bytes))
}
