/** Where Claude Code keeps transcripts, and which files make one session. */
import { safeId } from '../safe-id.ts'
import { agentIdOf } from './records.ts'

/** One folder for each working directory: its path with everything but letters and digits as `-`. */
export function transcriptFolders(
  workingDirectory: string,
  home: string,
  environment: Readonly<Record<string, string>>,
): readonly string[] {
  const configuration = environment['CLAUDE_CONFIG_DIR'] || `${home}/.claude`
  return [`${configuration}/projects/${workingDirectory.replace(/[^a-zA-Z0-9]/g, '-')}`]
}

/**
 * Main file, `<id>/subagents/**`, and every `agent-*.jsonl` beside the sessions: older versions put subagents of all
 * sessions there, and only their records tell whose they are, so the parser leaves foreign ones out.
 */
export function groupTranscripts(paths: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const sessions = new Map<string, string[]>()
  const beside: string[] = []
  for (const path of paths.toSorted()) {
    const [folder, ...below] = path.split('/')
    const isSubagent = agentIdOf(path) !== null
    if (below.length === 0 && isSubagent) beside.push(path)
    const id =
      below.length === 0
        ? isSubagent
          ? null
          : mainId(path)
        : isSubagent && below[0] === 'subagents'
          ? safeId(folder ?? '')
          : null
    if (id !== null) sessions.set(id, [...(sessions.get(id) ?? []), path])
  }
  return new Map([...sessions].map(([id, files]) => [id, [...files, ...beside]]))
}

function mainId(path: string): string | null {
  return path.endsWith('.jsonl') ? safeId(path.slice(0, -'.jsonl'.length)) : null
}
