/** Paths as evidence shows them: relative to the repository, and never with the name of the person's home folder. */
import { boundedText } from './bounded.ts'

export interface Places {
  /** Absolute paths of the work trees. */
  readonly roots: readonly string[]
  readonly home: string
}

/** `path` in the form of FileEdit.path; relative ones are meant from `from`. */
export function evidencePath(path: string, from: string | null, places: Places): string {
  return evidencePaths(places)(path, from)
}

/** As `evidencePath`, for many paths among the same places. */
export function evidencePaths(places: Places): (path: string, from: string | null) => string {
  const roots = places.roots.map(normalised).toSorted((left, right) => right.length - left.length)
  const home = normalised(places.home)
  return (path, from) => {
    const absolute = normalised(isAbsolute(path) || from === null ? path : `${from}/${path}`)
    const root = roots.find((candidate) => isInside(absolute, candidate))
    if (root !== undefined) return bounded(absolute.slice(root.length).replace(/^\//, '') || '.')
    return bounded(home.length > 1 && isInside(absolute, home) ? `~${absolute.slice(home.length)}` : absolute)
  }
}

/** Characters for which V8 searches a long text at four times the speed of longer words; most texts have not even these. */
const QUICK_LENGTH = 6

/** Texts that mention the home folder get `~` in its place. Applied to words, never to the lines of an edit. */
export function homeHidden(home: string): (text: string) => string {
  const folder = normalised(home)
  if (folder.length < 2) return (text) => text
  const literal = folder.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
  // Stack traces name files as addresses: `file:///home/ada/…`.
  const mention = new RegExp(`(?:(?<![\\w.~/-])|(?<=\\bfile://))${literal}(?![\\w.-])`, 'g')
  const start = folder.slice(0, QUICK_LENGTH)
  return (text) => (text.includes(start) && text.includes(folder) ? text.replace(mention, '~') : text)
}

export function isAbsolute(path: string): boolean {
  return path.startsWith('/') || /^[A-Za-z]:[\\/]/.test(path)
}

/** What a call names, from its working folder; null where that is not known. */
export function absolutePath(path: string, workingDirectory: string | null): string | null {
  if (isAbsolute(path)) return path
  return workingDirectory === null ? null : `${workingDirectory.replace(/\/$/, '')}/${path}`
}

function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`)
}

/** `/` as separator, without `.`, `..` and doubled separators. */
function normalised(path: string): string {
  if (isRegular(path)) return path
  const plain = /^[A-Za-z]:[\\/]/.test(path) ? path.replaceAll('\\', '/') : path
  const parts: string[] = []
  for (const part of plain.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop()
    else if (part !== '..' || !plain.startsWith('/')) parts.push(part)
  }
  return (plain.startsWith('/') ? '/' : '') + parts.join('/')
}

/** Whether `normalised` would change nothing: nearly all paths are written like this. */
function isRegular(path: string): boolean {
  return path.startsWith('/') && !path.includes('/.') && !path.includes('//') && !path.endsWith('/')
}

/** Linux allows 4,096 bytes; a longer text is no path of a file. */
function bounded(path: string): string {
  return boundedText(path, 4096) || '.'
}
