/** Where Codex keeps transcripts: by date, for all repositories together; one file a session. */

export function transcriptFolders(
  _: string,
  home: string,
  environment: Readonly<Record<string, string>>,
): readonly string[] {
  const folder = environment['CODEX_HOME'] || `${home}/.codex`
  return [`${folder}/sessions`, `${folder}/archived_sessions`]
}

/** `2026/11/02/rollout-<local time>-<uuid>.jsonl`, or the file alone. */
export function sessionIdOf(path: string): string | null {
  return (
    /(?:^|\/)rollout-[^/]*?-([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.jsonl$/.exec(path)?.[1] ??
    null
  )
}

export function groupTranscripts(paths: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const sessions = new Map<string, string[]>()
  for (const path of paths.toSorted()) {
    const id = sessionIdOf(path)
    if (id !== null) sessions.set(id, [...(sessions.get(id) ?? []), path])
  }
  return sessions
}
