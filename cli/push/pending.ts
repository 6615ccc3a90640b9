/**
 * Pushes whose evidence is not yet on the outgoing spool, `<state>/pushes/`. Written before anything else is done: git
 * lists the commits of a push once, so a crash or a busy lock must not lose them.
 */
import { randomUUID } from 'node:crypto'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { isMissing, readText, writeDurably } from '../io/files.ts'

const PendingPush = z.object({
  at: z.string(),
  /** Parents before children. */
  commits: z.array(z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/)),
  /** Address of the remote as git told it; null when pushed by hand. */
  remoteUrl: z.string().nullable(),
  /** Sessions whose evidence is wanted even where no commit came of them. */
  sessions: z.array(z.string()).default([]),
})
export type PendingPush = Readonly<z.infer<typeof PendingPush>> & { readonly name: string }

export async function addPending(stateDirectory: string, push: Omit<PendingPush, 'name'>): Promise<void> {
  await writeDurably(join(stateDirectory, 'pushes', `${randomUUID()}.json`), JSON.stringify(push), 0o600)
}

/** Oldest first. */
export async function listPending(stateDirectory: string): Promise<readonly PendingPush[]> {
  const folder = join(stateDirectory, 'pushes')
  let names: readonly string[]
  try {
    names = await readdir(folder)
  } catch (problem) {
    if (isMissing(problem)) return []
    throw problem
  }
  const pushes: PendingPush[] = []
  for (const name of names.filter((candidate) => candidate.endsWith('.json'))) {
    const text = await readText(join(folder, name))
    const push = text === null ? null : parse(text)
    if (push !== null) pushes.push({ ...push, name })
  }
  return pushes.sort((left, right) => (left.at < right.at ? -1 : 1))
}

function parse(text: string): Omit<PendingPush, 'name'> | null {
  try {
    return PendingPush.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}

/** After its evidence is durable on the outgoing spool. */
export async function removePending(stateDirectory: string, { name }: PendingPush): Promise<void> {
  await rm(join(stateDirectory, 'pushes', name), { force: true })
}
