/**
 * Where Gemini CLI keeps transcripts, and which files make one session: `<project>/chats/session-<date>-<id8>.jsonl` (in
 * older versions `.json`), its subagents in `<project>/chats/<session id>/`, and `<project>/.project_root`, which names the
 * folder. A project is called by a short name that only the agent's own registry knows, or by a digest of its path.
 */
import type { TranscriptFile } from '../agent.ts'
import { readDocument, readJsonLines } from '../json-lines.ts'
import { asObject, listIn, objectIn, textIn } from '../json-value.ts'

export function transcriptFolders(
  _: string,
  home: string,
  environment: Readonly<Record<string, string>>,
): readonly string[] {
  return [`${environment['GEMINI_CLI_HOME'] || home}/.gemini/tmp`]
}

/** A session's file names carry the first eight characters of its id. */
export function transcriptKey(sessionId: string): string {
  return sessionId.slice(0, 8)
}

const MAIN = /(?:^|\/)session-[0-9T-]+-([A-Za-z0-9]{1,8})\.jsonl?$/
const SUBAGENT = /(?:^|\/)([A-Za-z0-9][A-Za-z0-9._-]{7,199})\/([A-Za-z0-9][A-Za-z0-9._-]{0,99})\.jsonl$/
const PROJECT_ROOT = '.project_root'

export function isMain(path: string): boolean {
  return MAIN.test(path)
}

export function agentIdOf(path: string): string | null {
  return isMain(path) ? null : (SUBAGENT.exec(path)?.[2] ?? null)
}

export function groupTranscripts(paths: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const sorted = paths.toSorted()
  const roots = sorted.filter((path) => path === PROJECT_ROOT || path.endsWith(`/${PROJECT_ROOT}`))
  const sessions = new Map<string, string[]>()
  for (const path of sorted) {
    const key = keyOf(path)
    if (key !== null) sessions.set(key, [...(sessions.get(key) ?? []), path])
  }
  return new Map(
    [...sessions].map(([key, files]) => [
      key,
      [...files, ...roots.filter((root) => files.some((file) => isOf(root, file)))],
    ]),
  )
}

/** Without a main file, a folder of subagents says nothing of when and where it was. */
function keyOf(path: string): string | null {
  if (!/(^|\/)chats\//.test(path) && path.includes('/')) return null
  const main = MAIN.exec(path)?.[1]
  if (main !== undefined) return main
  const parent = SUBAGENT.exec(path)?.[1]
  return parent === undefined || parent === 'chats' ? null : transcriptKey(parent)
}

function isOf(root: string, file: string): boolean {
  return file.startsWith(`${root.slice(0, -PROJECT_ROOT.length)}chats/`)
}

export function workingDirectories(files: readonly TranscriptFile[]): readonly string[] | null {
  const folders = files.filter(({ path }) => path.endsWith(PROJECT_ROOT)).map(({ text }) => text.trim())
  for (const { path, text } of files) if (folders.length === 0 && isMain(path)) folders.push(...namedFolders(text))
  const known = folders.filter((folder) => folder !== '').map((folder) => folder.slice(0, 4096))
  return known.length === 0 ? null : known
}

/** In the context that the program puts in front, or in the header. */
function namedFolders(text: string): readonly string[] {
  const whole = readDocument(text)
  const records = whole === null ? readJsonLines(firstLines(text)).lines.map(({ record }) => record) : [whole]
  return records.flatMap((record) => {
    const directories = [...listIn(record, 'directories'), ...listIn(objectIn(record, '$set'), 'directories')]
    const messages = [record, ...listIn(record, 'messages'), ...listIn(objectIn(record, '$set'), 'messages')]
    const contexts = messages.map((message) => JSON.stringify(asObject(message)?.['content'] ?? ''))
    return [...directories.filter((folder) => typeof folder === 'string'), ...contexts.flatMap(workspaceFolders)]
  })
}

/** Where a session ran is said at its beginning. */
function firstLines(text: string): string {
  let end = 0
  for (let line = 0; line < 20 && end < 1_000_000; line++) {
    const next = text.indexOf('\n', end)
    if (next < 0) return text
    end = next + 1
  }
  return text.slice(0, end)
}

function workspaceFolders(json: string): readonly string[] {
  const [, list] = /Workspace Directories:\*\*((?:\\n {2}- [^\\"]{1,4096})+)/.exec(json) ?? []
  const folders = list?.split('\\n  - ').filter((folder) => folder !== '') ?? []
  const [, older] = /(?:I'm|I am) currently working in the directory: ([^\\"]{1,4096})/.exec(json) ?? []
  return older === undefined ? folders : [...folders, older]
}

/** The project's root, from which relative paths are meant. */
export function projectRoot(files: readonly TranscriptFile[]): string | null {
  return workingDirectories(files)?.[0] ?? null
}

export function sessionIdIn(text: string): string | null {
  const whole = readDocument(text)
  if (whole !== null) return textIn(whole, 'sessionId')
  const first = readJsonLines(text.slice(0, 65_536)).lines.find(({ record }) => textIn(record, 'sessionId') !== null)
  return first === undefined ? null : textIn(first.record, 'sessionId')
}
