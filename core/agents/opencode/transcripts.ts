/**
 * Files of the versions before the database: `session/<project>/<session>.json`, `message/<session>/<message>.json` and
 * `part/<message>/<part>.json` below one folder. A session of the database comes as one file of JSON lines, its rows.
 */
import type { TranscriptFile } from '../agent.ts'
import { readObject } from '../json-lines.ts'
import { textIn } from '../json-value.ts'
import { dataFolder } from './database.ts'
import { readStore } from './store.ts'

export function transcriptFolders(
  _: string,
  home: string,
  environment: Readonly<Record<string, string>>,
): readonly string[] {
  return [`${dataFolder(home, environment)}/storage`]
}

const ID = '([A-Za-z0-9][A-Za-z0-9._-]{0,199})'
const SESSION = new RegExp(`^session/[^/]+/${ID}\\.json$`)
const MESSAGE = new RegExp(`^message/${ID}/${ID}\\.json$`)
const PART = new RegExp(`^part/${ID}/[^/]+\\.json$`)

export function groupTranscripts(paths: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const sessions = new Map<string, string[]>()
  for (const path of paths) {
    const id = SESSION.exec(path)?.[1]
    if (id !== undefined) sessions.set(id, [path])
  }
  const sessionOfMessage = new Map<string, string>()
  for (const path of paths) {
    const [, session = '', message = ''] = MESSAGE.exec(path) ?? []
    if (!sessions.has(session)) continue
    sessions.get(session)?.push(path)
    sessionOfMessage.set(message, session)
  }
  for (const path of paths) sessions.get(sessionOfMessage.get(PART.exec(path)?.[1] ?? '') ?? '')?.push(path)
  return sessions
}

export function workingDirectories(files: readonly TranscriptFile[]): readonly string[] | null {
  const folders = files.flatMap(({ path, text }) => {
    if (SESSION.test(path)) return [textIn(readObject(text), 'directory')]
    return path.endsWith('.jsonl')
      ? readStore([{ path, text: firstLine(text) }]).sessions.map(({ json }) => textIn(json, 'directory'))
      : []
  })
  const known = folders.filter((folder) => folder !== null).filter((folder) => folder !== '')
  return known.length === 0 ? null : [...new Set(known.map((folder) => folder.slice(0, 4096)))]
}

/** The row of the session comes first. */
function firstLine(text: string): string {
  const end = text.indexOf('\n')
  return end < 0 ? text : text.slice(0, end)
}
