/** OpenCode's fixtures: rows of its database, one file a session, and files of the versions before it. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ParseContext, TranscriptFile } from '#core/agents/agent.ts'
import { opencode } from '#core/agents/opencode/index.ts'
import type { Session } from '#core/session/session.ts'
import { context } from '../fixture-folder.ts'

const folder = join(import.meta.dirname, '../../../fixtures/agents/opencode')
const storage = join(folder, 'storage')

export const storedPaths = readdirSync(storage, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(storage.length + 1))
  .sort()

/** Sessions of the database: the one asked for first, then those that it started. */
export function rowsOf(...ids: readonly string[]): readonly TranscriptFile[] {
  return ids.map((id) => ({ path: `${id}.jsonl`, text: readFileSync(join(folder, `${id}.jsonl`), 'utf8') }))
}

export function filesOf(id: string): readonly TranscriptFile[] {
  const paths = opencode.groupTranscripts(storedPaths).get(id) ?? []
  return paths.map((path) => ({ path, text: readFileSync(join(storage, path), 'utf8') }))
}

export function parsed(files: readonly TranscriptFile[], changes: Partial<ParseContext> = {}): Session {
  const session = opencode.parse(files, { ...context, ...changes })
  if (session === null) throw new Error('the fixture gives no session')
  return session
}

export const honest = 'ses_dfbe9d2d1ffe0Yae7Da9kksIXP'
export const delegating = 'ses_dfbe99ea2ffesrp0gz5tjIx9K0'
export const delegated = 'ses_dfbe97eb7ffeVGLR561Byii57q'
export const resumed = 'ses_dfbe80230ffeAJnsi9IzvLJoWU'
export const patched = 'ses_dfbe6e6bbffeBac32Zv7S4igin'
export const forkedFrom = 'ses_dfbcf8ba7ffezMOwKiWKQ2UT4X'
export const fork = 'ses_dfbcf21dcffep5CtVRyYLs655y'
export const older = 'ses_older0000000000000000000001'
export const olderSubagent = 'ses_older0000000000000000000002'
