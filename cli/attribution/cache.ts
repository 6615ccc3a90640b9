/** Attributions that were computed before, `<state>/attribution/<commit>.json`. */
import { join } from 'node:path'
import { z } from 'zod'
import { CommitAttribution } from '#core/attribution/attribution.ts'
import { readText, writeDurably } from '../io/files.ts'
import { asStorageFault } from '../io/storage.ts'

/** Raised whenever the engine judges differently. */
const ENGINE = 5

/** What the attribution was computed from. */
export interface Basis {
  /** Records, observations and rewrites up to the commit. */
  readonly records: number
  /** `<session>@<events>` of the sessions that were at hand. */
  readonly sessions: readonly string[]
}

const Cached = z.object({
  engine: z.literal(ENGINE),
  basis: z.object({ records: z.int(), sessions: z.array(z.string()) }),
  attribution: CommitAttribution,
})

const fileOf = (stateDirectory: string, commit: string): string => join(stateDirectory, 'attribution', `${commit}.json`)

/** The stored attribution where nothing more is known today; fewer records mean that they were pruned since. */
export async function readCached(
  stateDirectory: string,
  commit: string,
  basis: Basis,
): Promise<CommitAttribution | null> {
  const cached = await read(stateDirectory, commit)
  if (cached === null || basis.records > cached.basis.records) return null
  const known = new Set(cached.basis.sessions)
  return basis.sessions.every((session) => known.has(session)) ? cached.attribution : null
}

async function read(stateDirectory: string, commit: string): Promise<z.infer<typeof Cached> | null> {
  const text = await readText(fileOf(stateDirectory, commit))
  if (text === null) return null
  try {
    return Cached.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null // cut off by a crash of the disk: computed again
  }
}

/** Where the disk takes nothing more, it is computed again the next time. */
export async function writeCached(stateDirectory: string, attribution: CommitAttribution, basis: Basis): Promise<void> {
  const text = `${JSON.stringify({ engine: ENGINE, basis, attribution })}\n`
  try {
    await writeDurably(fileOf(stateDirectory, attribution.commit), text)
  } catch (problem) {
    if (asStorageFault(problem) === null) throw problem
  }
}
