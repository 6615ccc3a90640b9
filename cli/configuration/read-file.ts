/** One file of configuration -> digest and facts; read again only when it changed. */
import { createHash } from 'node:crypto'
import { lstat, readFile, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { digestOf } from '#core/configuration/assemble.ts'
import type { UnreadFile } from '#core/configuration/configuration.ts'
import { type Facts, factsForLayer, noFacts } from '#core/configuration/facts.ts'
import type { ConfigurationPlace, ReadingContext } from '#core/configuration/places.ts'
import { readText, writeForNow } from '../io/files.ts'
import { VERSION } from '../version.ts'
import { type Base, isInside } from './locate.ts'

/** Settings and instructions are written by people; a megabyte of them would fill an agent's context. */
const MAX_BYTES = 1024 * 1024
/** Claude Code keeps histories in the file that holds the servers. */
const MAX_STATE_BYTES = 16 * 1024 * 1024

const Content = z.union([
  z.object({ digest: z.string(), facts: z.custom<Facts>() }),
  z.object({ reason: z.custom<UnreadFile['reason']>() }),
])
/** What a file says, or why it was not looked into. */
export type Content = Readonly<z.infer<typeof Content>>

const Kept = z.object({
  version: z.string(),
  files: z.record(z.string(), z.object({ stamp: z.string(), content: Content })),
})

export interface FileCache {
  readonly known: Map<string, { readonly stamp: string; readonly content: Content }>
  readonly used: Map<string, { readonly stamp: string; readonly content: Content }>
}

/** Empty where there is none, or another version wrote it. */
export async function openCache(path: string): Promise<FileCache> {
  const text = await readText(path).catch(() => null)
  const used = new Map()
  try {
    const kept = Kept.safeParse(JSON.parse(text ?? 'null'))
    return {
      known: new Map(kept.success && kept.data.version === VERSION ? Object.entries(kept.data.files) : []),
      used,
    }
  } catch {
    return { known: new Map(), used }
  }
}

/** Keeps what was read this time; what could not be kept is read again the next time. */
export async function closeCache(path: string, { known, used }: FileCache): Promise<void> {
  const isSame = known.size === used.size && [...used].every(([key, { stamp }]) => known.get(key)?.stamp === stamp)
  if (isSame) return
  await writeForNow(path, JSON.stringify({ version: VERSION, files: Object.fromEntries(used) })).catch(() => {})
}

interface ReadRequest {
  readonly base: Base
  readonly place: ConfigurationPlace
  readonly context: ReadingContext
  /** Tells readers of the same file apart. */
  readonly agent: string
}

/** null: there is no such file. A link is followed only where it stays within the base's limit. */
export async function readConfigurationFile(
  path: string,
  request: ReadRequest,
  cache: FileCache,
): Promise<Content | null> {
  const { base, place, agent } = request
  const absolute = join(base.folder, path)
  try {
    const [real, limit] = await Promise.all([realpath(absolute), realpath(base.limit)])
    if (!isInside(real, limit)) return { reason: 'symlink' }
    const { size, mtimeNs, ctimeNs, ino, mode } = await stat(real, { bigint: true })
    if (!isRegular(mode)) return null
    if (size > (place.holdsState === true ? MAX_STATE_BYTES : MAX_BYTES)) return { reason: 'too-large' }
    const key = `${agent} ${place.kind} ${absolute}`
    const stamp = [size, mtimeNs, ctimeNs, ino, real].join(' ')
    const known = cache.known.get(key)
    const content = known?.stamp === stamp ? known.content : await parse(await readFile(real), request)
    cache.used.set(key, { stamp, content })
    return content
  } catch (problem) {
    const code = problem instanceof Error && 'code' in problem ? problem.code : null
    if (code === 'ENOENT') return (await isDanglingLink(absolute)) ? { reason: 'symlink' } : null
    return code === 'ENOTDIR' ? null : { reason: 'unreadable' }
  }
}

async function parse(bytes: Uint8Array, { base, place, context }: ReadRequest): Promise<Content> {
  const whole = createHash('sha256').update(bytes).digest('hex')
  if (place.read === undefined) return { digest: whole, facts: noFacts }
  try {
    const facts = place.read(new TextDecoder('utf-8').decode(bytes), context)
    if (facts === null) return { reason: 'malformed' }
    const own = factsForLayer(facts, base.layer)
    return { digest: place.holdsState === true ? await digestOf(withoutLines(own)) : whole, facts: own }
  } catch {
    // A parser that gives up, or runs out of stack, has met no settings file of an agent's.
    return { reason: 'malformed' }
  }
}

/** Lines move when the agent writes its state around them. */
function withoutLines({ permissions, mcpServers, hooks, settings }: Facts) {
  const bare = <Entry extends object>(list: readonly Entry[]) => list.map((entry) => ({ ...entry, line: null }))
  return [bare(permissions), bare(mcpServers), bare(hooks), bare(settings)]
}

function isRegular(mode: bigint): boolean {
  return (Number(mode) & 0o170000) === 0o100000
}

async function isDanglingLink(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => null))?.isSymbolicLink() === true
}
