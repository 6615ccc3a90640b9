/** Which files on this machine could be an agent's configuration: found by name, not yet opened. */
import { lstat, readdir, realpath } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import picomatch from 'picomatch'
import type { Layer, UnreadFile } from '#core/configuration/configuration.ts'
import type { ConfigurationPlace } from '#core/configuration/places.ts'
import { isMissing } from '../io/files.ts'

/** A folder that holds configuration, and how it is named in evidence. */
export interface Base {
  readonly layer: Layer
  /** Absolute. */
  readonly folder: string
  /** What a real path must lie in: nothing outside of it is opened. */
  readonly limit: string
  /** `path`: relative to `folder`, with `/`. */
  readonly shown: (path: string) => string
}

export interface Located {
  /** Relative to the base, with `/`; in order. */
  readonly paths: readonly string[]
  readonly unread: readonly UnreadFile[]
}

/** Skills are folders of programs and texts; more than these in one place is no configuration but a work tree. */
const MAX_ENTRIES = 2_000
const MAX_DEPTH = 8
const skipped = new Set(['node_modules', '.git'])

/** `tracked`: paths that Git lists for globs which begin with `**`. */
export async function locate(
  base: Base,
  places: readonly ConfigurationPlace[],
  tracked: readonly string[],
): Promise<Located> {
  const found = new Set(tracked)
  const unread: UnreadFile[] = []
  const folders = new Set<string>()
  for (const { glob } of places) {
    if (glob.startsWith('**')) continue
    const fixed = fixedPart(glob)
    if (fixed === glob) found.add(glob)
    else folders.add(fixed)
  }
  const limit = await realpath(base.limit).catch(() => base.limit)
  const walk = { base, limit, found, unread, visited: new Set<string>() }
  for (const folder of [...folders].sort()) await walkFolder(folder, 0, walk)
  const isOurs = picomatch(
    places.map(({ glob }) => glob),
    { dot: true },
  )
  return { paths: [...found].filter((path) => isOurs(path)).sort(), unread }
}

interface Walk {
  readonly base: Base
  readonly limit: string
  readonly found: Set<string>
  readonly unread: UnreadFile[]
  /** Real paths: a link to a folder above must not lead round and round. */
  readonly visited: Set<string>
}

async function walkFolder(folder: string, depth: number, walk: Walk): Promise<void> {
  const { base, limit, found, unread, visited } = walk
  const absolute = join(base.folder, folder)
  const name = (reason: UnreadFile['reason']) => unread.push({ path: base.shown(folder), layer: base.layer, reason })
  try {
    const real = await realpath(absolute)
    if (visited.has(real)) return
    visited.add(real)
    if (!isInside(real, limit)) {
      name('symlink')
      return
    }
    const entries = await readdir(absolute, { withFileTypes: true })
    for (const entry of entries.sort((left, right) => (left.name < right.name ? -1 : 1))) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (found.size > MAX_ENTRIES) {
        name('too-many')
        return
      }
      if (entry.isFile()) found.add(path)
      else if (entry.isDirectory() && !skipped.has(entry.name) && depth < MAX_DEPTH)
        await walkFolder(path, depth + 1, walk)
      else if (entry.isSymbolicLink()) await followLink(path, depth, walk)
    }
  } catch (problem) {
    // There is no such folder, or the path leads through a file.
    if (!isMissing(problem)) name('unreadable')
  }
}

/** A link to a folder within the limit is walked; whatever else it is, the reader decides. */
async function followLink(path: string, depth: number, walk: Walk): Promise<void> {
  const { base, limit, found } = walk
  const real = await realpath(join(base.folder, path)).catch(() => null)
  const isFolder = real !== null && (await lstat(real).catch(() => null))?.isDirectory() === true
  if (isFolder && (depth >= MAX_DEPTH || isInside(real, limit))) await walkFolder(path, depth + 1, walk)
  else if (isFolder) walk.unread.push({ path: base.shown(path), layer: base.layer, reason: 'symlink' })
  else found.add(path)
}

/** The folders before the first wildcard, or the whole glob where it has none. */
function fixedPart(glob: string): string {
  const segments = glob.split('/')
  const wild = segments.findIndex((segment) => segment.includes('*'))
  return wild === -1 ? glob : segments.slice(0, wild).join('/')
}

export function isInside(path: string, folder: string): boolean {
  const below = relative(folder, path)
  return below === '' || (below !== '..' && !below.startsWith(`..${sep}`) && !below.startsWith('/'))
}
