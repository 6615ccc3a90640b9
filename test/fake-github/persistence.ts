/** Keeps the state of a fake on disk, so that a local GitHub survives a restart. */
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { emptyState, type State } from './state.ts'

/** Payloads are some 20 kB each; the newest ones are enough to look at and to deliver again. */
const KEPT_DELIVERIES = 200
const WRITE_DELAY_MILLISECONDS = 100

const stateFile = (folder: string): string => join(folder, 'state.json')

export async function loadState(folder: string): Promise<State> {
  const file = stateFile(folder)
  if (!existsSync(file)) return emptyState()
  const saved: Partial<State> = JSON.parse(await readFile(file, 'utf8'))
  return { ...emptyState(), ...saved }
}

async function save(folder: string, state: State): Promise<void> {
  const file = stateFile(folder)
  const kept: State = { ...state, deliveries: state.deliveries.slice(-KEPT_DELIVERIES), requests: [], violations: [] }
  await mkdir(dirname(file), { recursive: true })
  await writeFile(`${file}.new`, JSON.stringify(kept), { mode: 0o600 })
  await rename(`${file}.new`, file)
}

export interface Persistence {
  /** Says that the state differs from what is on disk; it is written a moment later. */
  readonly changed: () => void
  /** Resolves once everything is on disk. */
  readonly flush: () => Promise<void>
}

export function persistence(folder: string | undefined, state: State): Persistence {
  if (folder === undefined) return { changed: () => {}, flush: async () => {} }
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()
  const write = (): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    writing = writing.then(() => save(folder, state))
    return writing
  }
  return {
    changed: () => {
      timer ??= setTimeout(() => void write(), WRITE_DELAY_MILLISECONDS)
    },
    flush: write,
  }
}
