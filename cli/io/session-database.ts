/**
 * Sessions that an agent keeps in a SQLite database. Node.js reads it by itself since 22.13; before that the agent's own
 * program does. A database that neither can read has no sessions to tell: that is said by `stemma doctor`, and stops nothing.
 */
import { spawn } from 'node:child_process'
import { mkdtemp, open, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SessionDatabase } from '#core/agents/agent.ts'
import { safeId } from '#core/agents/safe-id.ts'

type Row = Readonly<Record<string, unknown>>
/** null: the database cannot be read in this way. */
type Query = (sql: string) => Promise<readonly Row[] | null>

export interface Place {
  readonly path: string
  readonly database: SessionDatabase
  readonly environment: Readonly<Record<string, string>>
}

export interface ListedSession {
  readonly id: string
  readonly parent: string | null
  readonly folder: string
  readonly modified: number
  readonly size: number
}

/** It starts in a second, on a busy machine in four; whatever holds it up longer is not worth a push's wait. */
const PROGRAM_MILLISECONDS = 20_000

export async function listSessions(place: Place): Promise<readonly ListedSession[] | null> {
  if (!(await isPresent(place.path))) return null
  const rows = await ask(place, place.database.sessions)
  return rows?.flatMap(listed) ?? null
}

/** The records as JSON lines; null where they cannot be read any more. */
export async function readRecordsOf(place: Place, id: string): Promise<string | null> {
  if (safeId(id) === null) return null
  const rows = await ask(place, place.database.recordsOf(id))
  return rows === null || rows.length === 0 ? null : rows.map((row) => `${JSON.stringify(row)}\n`).join('')
}

export type Access = 'absent' | 'node' | 'program' | 'unreadable'

/** How the database is read here. */
export async function accessTo(place: Place): Promise<Access> {
  if (!(await isPresent(place.path))) return 'absent'
  const probe = 'select 1 as one'
  if ((await askNode(place)(probe)) !== null) return 'node'
  return (await askProgram(place)(probe)) === null ? 'unreadable' : 'program'
}

async function isPresent(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

async function ask(place: Place, sql: string): Promise<readonly Row[] | null> {
  return (await askNode(place)(sql)) ?? (await askProgram(place)(sql))
}

function askNode({ path }: Place): Query {
  return async (sql) => {
    const sqlite = await loadSqlite()
    if (sqlite === null) return null
    try {
      const database = new sqlite.DatabaseSync(path, { readOnly: true })
      try {
        return database.prepare(sql).all()
      } finally {
        database.close()
      }
    } catch {
      // Locked, damaged, or of a version whose tables are others.
      return null
    }
  }
}

/** Node.js warns on standard error that its SQLite may change; whoever pushes has no use for that. */
async function loadSqlite(): Promise<typeof import('node:sqlite') | null> {
  const warn = process.emitWarning
  process.emitWarning = () => {}
  try {
    return await import('node:sqlite')
  } catch {
    return null
  } finally {
    process.emitWarning = warn
  }
}

/** Into a file: what it writes into a pipe ends after 64 KB, measured with OpenCode 1.18.33. */
function askProgram({ database: { program }, environment }: Place): Query {
  return async (sql) => {
    let folder: string | null = null
    try {
      folder = await mkdtemp(join(tmpdir(), 'stemma-'))
      const path = join(folder, 'rows.json')
      if (!(await runInto(path, program.name, program.parameters(sql), environment))) return null
      const rows: unknown = JSON.parse(await readFile(path, 'utf8'))
      return Array.isArray(rows) ? rows.filter((row): row is Row => typeof row === 'object' && row !== null) : null
    } catch {
      return null
    } finally {
      if (folder !== null) await rm(folder, { recursive: true, force: true })
    }
  }
}

/** Whether the program ran to a good end, its standard output in a file that nobody else can read. */
async function runInto(
  path: string,
  name: string,
  parameters: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<boolean> {
  const file = await open(path, 'w', 0o600)
  try {
    const child = spawn(name, parameters, {
      env: environment,
      stdio: ['ignore', file.fd, 'ignore'],
      timeout: PROGRAM_MILLISECONDS,
    })
    return await new Promise((resolve) => {
      child.on('error', () => resolve(false))
      child.on('close', (code) => resolve(code === 0))
    })
  } finally {
    await file.close()
  }
}

function listed(row: Row): readonly ListedSession[] {
  const text = (key: string): string | null => {
    const value = row[key]
    return typeof value === 'string' ? value : null
  }
  const count = (key: string): number => {
    const value = row[key]
    return typeof value === 'number' && Number.isFinite(value) ? value : 0
  }
  const id = safeId(text('id'))
  if (id === null) return []
  return [
    { id, parent: text('parent'), folder: text('folder') ?? '', modified: count('modified'), size: count('size') },
  ]
}

/** Sessions that nobody else started, each with all that it led to, itself first. */
export function families(sessions: readonly ListedSession[]): readonly (readonly ListedSession[])[] {
  const known = new Map(sessions.map((session) => [session.id, session]))
  const rootOf = (session: ListedSession): ListedSession => {
    const seen = new Set([session.id])
    let root = session
    for (;;) {
      const parent = known.get(root.parent ?? '')
      if (parent === undefined) return root
      // A circle, which no program writes.
      if (seen.has(parent.id)) return session
      seen.add(parent.id)
      root = parent
    }
  }
  const byRoot = Map.groupBy(sessions, rootOf)
  return [...byRoot].map(([root, members]) => [root, ...members.filter((member) => member !== root)])
}
