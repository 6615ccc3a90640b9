/**
 * Where Cursor keeps transcripts: `~/.cursor/projects/<slug>/agent-transcripts/<id>/<id>.jsonl`, subagents in `subagents/`
 * beside it. A transcript tells less than the hooks: no time, no result, no model.
 */
import { safeId } from '../safe-id.ts'

/** The path without its first `/`, with `/` and `.` as `-`. */
export function transcriptFolders(workingDirectory: string, home: string): readonly string[] {
  const slug = workingDirectory.replace(/^\/+/, '').replace(/[/\\.:]/g, '-')
  return [`${home}/.cursor/projects/${slug}/agent-transcripts`]
}

const MAIN = /^(?:([A-Za-z0-9][A-Za-z0-9._-]{0,199})\/)?([A-Za-z0-9][A-Za-z0-9._-]{0,199})\.jsonl$/
const SUBAGENT = /^([A-Za-z0-9][A-Za-z0-9._-]{0,199})\/subagents\/([A-Za-z0-9][A-Za-z0-9._-]{0,99})\.jsonl$/

export function groupTranscripts(paths: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const sessions = new Map<string, string[]>()
  for (const path of paths.toSorted()) {
    const id = safeId(SUBAGENT.exec(path)?.[1] ?? mainId(path))
    if (id !== null) sessions.set(id, [...(sessions.get(id) ?? []), path])
  }
  return sessions
}

function mainId(path: string): string | null {
  const [, folder, file] = MAIN.exec(path) ?? []
  return folder === undefined || folder === file ? (file ?? null) : null
}

/** null: the session's own thread. */
export function agentIdOf(path: string): string | null {
  return SUBAGENT.exec(path)?.[2] ?? null
}
