/** Where Copilot CLI keeps transcripts: `session-state/<session id>/events.jsonl`, its subagents' records among them. */
import type { TranscriptFile } from '../agent.ts'
import { readObject } from '../json-lines.ts'
import { objectIn, textIn } from '../json-value.ts'

export function transcriptFolders(
  _: string,
  home: string,
  environment: Readonly<Record<string, string>>,
): readonly string[] {
  return [`${environment['COPILOT_HOME'] || `${home}/.copilot`}/session-state`]
}

const LOG = /(?:^|\/)([A-Za-z0-9][A-Za-z0-9._-]{0,199})\/events\.jsonl$/

export function sessionIdOf(path: string): string | null {
  return LOG.exec(path)?.[1] ?? null
}

export function groupTranscripts(paths: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const sessions = new Map<string, readonly string[]>()
  for (const path of paths) {
    const id = sessionIdOf(path)
    // Beside the log lie copies of files that the person's repository held, which may be called anything.
    if (id !== null && path === `${id}/events.jsonl`) sessions.set(id, [path])
  }
  return sessions
}

/** A session is a folder: the one in which its log lies. */
export function sessionFolder(transcriptPath: string | null): string | null {
  const [, folder] = /^(.+)[/\\]events\.jsonl$/.exec(transcriptPath ?? '') ?? []
  return folder ?? null
}

/** Said where a session begins, goes on, or moves elsewhere. */
export function workingDirectories(files: readonly TranscriptFile[]): readonly string[] | null {
  const folders = new Set<string>()
  for (const { text } of files) {
    for (const [line] of text.matchAll(/^\{.{0,200}"session\.(?:start|resume|context_changed)".*$/gm)) {
      const data = objectIn(readObject(line), 'data')
      const folder = textIn(objectIn(data, 'context') ?? data, 'cwd')
      if (folder !== null && folder !== '') folders.add(folder.slice(0, 4096))
    }
  }
  return folders.size === 0 ? null : [...folders]
}
