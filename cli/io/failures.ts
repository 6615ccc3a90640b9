/** `failures.log` of a repository: what went wrong where nobody could be told, one line each, `<nanoseconds> <text>`. */
import { appendFile, mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { readText } from './files.ts'
import { plain } from './terminal.ts'

function failuresPath(stateDirectory: string): string {
  return join(stateDirectory, 'failures.log')
}

/** Never throws: it is called where something has failed already. */
export async function noteFailure(stateDirectory: string, at: Date, text: string): Promise<void> {
  try {
    const path = failuresPath(stateDirectory)
    await mkdir(dirname(path), { recursive: true })
    await appendFile(path, `${at.getTime()}000000 ${plain(text)}\n`, { mode: 0o600 })
  } catch {
    // A full disk: `doctor` finds it by itself.
  }
}

interface Failure {
  /** RFC 3339 UTC; null where the line does not say. */
  readonly at: string | null
  readonly text: string
}

/** The latest `limit`, oldest first. */
export async function readFailures(stateDirectory: string, limit: number): Promise<readonly Failure[]> {
  const text = (await readText(failuresPath(stateDirectory))) ?? ''
  const lines = text.split('\n').filter((line) => line !== '')
  return lines.slice(-limit).map((line) => {
    const [, stamp, said] = /^(\d{16,19}) (.*)$/.exec(line) ?? []
    if (stamp === undefined || said === undefined) return { at: null, text: line }
    return { at: new Date(Number(stamp.slice(0, -6))).toISOString(), text: said }
  })
}
