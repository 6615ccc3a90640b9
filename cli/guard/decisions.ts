/** What the guard decided, `<state>/decisions/`: one file a day, one JSON line a decision, written by guard and launcher. */
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { GuardRecord } from '#core/guard/guard.ts'
import { isMissing, readText } from '../io/files.ts'

const folderOf = (stateDirectory: string) => join(stateDirectory, 'decisions')

/** In the order of time; a line that a crash cut off is passed over. */
export async function readDecisions(stateDirectory: string): Promise<readonly GuardRecord[]> {
  const folder = folderOf(stateDirectory)
  const texts = await Promise.all((await days(folder)).map((name) => readText(join(folder, name))))
  return texts
    .flatMap((text) => (text ?? '').split('\n'))
    .flatMap((line) => recordIn(line))
    .sort((left, right) => Date.parse(left.at) - Date.parse(right.at))
}

function recordIn(line: string): readonly GuardRecord[] {
  if (line === '') return []
  try {
    const parsed = GuardRecord.safeParse(JSON.parse(line))
    return parsed.success ? [parsed.data] : []
  } catch {
    return []
  }
}

export async function pruneDecisions(stateDirectory: string, before: Date): Promise<void> {
  const folder = folderOf(stateDirectory)
  const oldest = before.toISOString().slice(0, 10)
  for (const name of await days(folder)) if (name.slice(0, 10) < oldest) await rm(join(folder, name), { force: true })
}

async function days(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).filter((name) => /^\d{4}-\d\d-\d\d\.jsonl$/.test(name)).sort()
  } catch (problem) {
    if (isMissing(problem)) return []
    throw problem
  }
}
