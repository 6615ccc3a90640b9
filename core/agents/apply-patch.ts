/** The patch language of `apply_patch`, which several agents speak: `*** Begin Patch`, files, chunks, `*** End Patch`. */

import type { Hunk } from '../session/event.ts'
import { created, difference, hasSign, hunkOf, linesOf } from './hunks.ts'

export interface PatchedFile {
  readonly kind: 'create' | 'update' | 'delete'
  /** As the patch writes it. */
  readonly path: string
  readonly movedTo: string | null
  /** Lines of each chunk with their sign; a created file is one chunk. */
  readonly chunks: readonly (readonly string[])[]
}

/** A patch of more files is somebody's test of our memory. */
const MAX_FILES = 2_000

const kinds: ReadonlyMap<string, PatchedFile['kind']> = new Map([
  ['Add', 'create'],
  ['Update', 'update'],
  ['Delete', 'delete'],
])

/** The files of the first patch in a text, which may be a patch, or a command that carries one. */
export function readPatch(text: string): readonly PatchedFile[] {
  const begin = text.indexOf('*** Begin Patch')
  if (begin < 0) return []
  const files: { kind: PatchedFile['kind']; path: string; movedTo: string | null; chunks: string[][] }[] = []
  for (const raw of text.slice(begin).split('\n')) {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw
    const mark = markIn(line)
    const file = files.at(-1)
    if (mark === 'end') break
    if (mark !== null && 'kind' in mark) {
      if (files.length === MAX_FILES) break
      files.push({ ...mark, movedTo: null, chunks: [[]] })
    } else if (file === undefined) continue
    else if (mark !== null) file.movedTo = mark.movedTo
    else if (line.startsWith('@@')) file.chunks.push([])
    else if (line === '') file.chunks.at(-1)?.push(' ')
    else if (hasSign(line)) file.chunks.at(-1)?.push(line)
  }
  return files.map((file) => ({ ...file, chunks: file.chunks.map(withoutTrail).filter((chunk) => chunk.length > 0) }))
}

/** The paths of `readPatch`, old before new, each once: the lines between the marks are passed over. */
export function patchedPaths(text: string): readonly string[] {
  const begin = text.indexOf('*** Begin Patch')
  const paths = new Set<string>()
  let [files, movedTo]: [number, string | null] = [0, null]
  const close = (): void => {
    if (movedTo !== null) paths.add(movedTo)
    movedTo = null
  }
  for (let at = begin < 0 ? -1 : text.indexOf('\n*** ', begin); at >= 0; at = text.indexOf('\n*** ', at + 1)) {
    const next = text.indexOf('\n', at + 1)
    const raw = text.slice(at + 1, next < 0 ? text.length : next)
    const mark = markIn(raw.endsWith('\r') ? raw.slice(0, -1) : raw)
    if (mark === null) continue
    if (mark === 'end') break
    if ('kind' in mark) {
      if (files++ === MAX_FILES) break
      close()
      paths.add(mark.path)
    } else if (files > 0) movedTo = mark.movedTo
  }
  close()
  return [...paths]
}

type Mark = Pick<PatchedFile, 'kind' | 'path'> | { readonly movedTo: string } | 'end'

/** What a line of a patch says that is no line of a file; null where it says none of it. */
function markIn(line: string): Mark | null {
  if (!line.startsWith('*** ')) return null
  if (line === '*** End Patch') return 'end'
  if (line.startsWith(MOVE)) return { movedTo: line.slice(MOVE.length).trim() }
  const [, verb = '', path] = /^\*\*\* (Add|Update|Delete) File: (.+)$/.exec(line) ?? []
  const kind = kinds.get(verb)
  return kind === undefined || path === undefined ? null : { kind, path: path.trim() }
}

const MOVE = '*** Move to: '

/** An empty line at the end belongs to the text around the patch. */
function withoutTrail(chunk: readonly string[]): readonly string[] {
  return chunk.at(-1) === ' ' ? chunk.slice(0, -1) : chunk
}

export interface PatchOutcome {
  readonly hunks: Hunk[]
  /** Content of the file afterwards; null where it is not known. */
  readonly after: string | null
}

/** `before`: what the file held, where that is known; without it, hunks have lines and no place. */
export function patchOutcome(file: PatchedFile, before: string | null): PatchOutcome {
  if (file.kind === 'delete') return { hunks: [], after: null }
  if (file.kind === 'create') {
    const content = file.chunks.flat().map((line) => `${line.slice(1)}\n`)
    return { hunks: created(content.join('')), after: content.join('') }
  }
  const after = before === null ? null : applied(file.chunks, before)
  if (before !== null && after !== null) return { hunks: difference(before, after), after }
  return { hunks: file.chunks.flatMap((chunk) => hunkOf(0, 0, chunk)), after: null }
}

/** null where a chunk is not found: then the content was not what we believed. */
function applied(chunks: PatchedFile['chunks'], before: string): string | null {
  const lines = linesOf(before)
  let from = 0
  for (const chunk of chunks) {
    const old = chunk.filter((line) => !line.startsWith('+')).map((line) => line.slice(1))
    const now = chunk.filter((line) => !line.startsWith('-')).map((line) => line.slice(1))
    const place = old.length === 0 ? lines.length : placeOf(old, lines, from)
    if (place === null) return null
    lines.splice(place, old.length, ...now)
    from = place + now.length
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`
}

/** Comparisons of lines that one chunk may cost: lines that repeat would make the search quadratic. */
const MAX_COMPARISONS = 20_000_000

function placeOf(wanted: readonly string[], lines: readonly string[], from: number): number | null {
  if (wanted.length * lines.length > MAX_COMPARISONS) return null
  for (let place = from; place + wanted.length <= lines.length; place++) {
    if (wanted.every((line, offset) => lines[place + offset] === line)) return place
  }
  return null
}
