/** `<git common dir>/stemma/sessions/<session id>.jsonl`, one file a session. */
import { HOOK_STREAM } from '../hook-stream.ts'
import { safeId } from '../safe-id.ts'

export const SESSIONS_FOLDER = 'sessions'

export function sessionIdOf(path: string): string | null {
  if (path === HOOK_STREAM || path.includes('/') || !path.endsWith('.jsonl')) return null
  return safeId(path.slice(0, -'.jsonl'.length))
}

export function groupTranscripts(paths: readonly string[]): ReadonlyMap<string, readonly string[]> {
  return new Map(
    paths.toSorted().flatMap((path) => {
      const id = sessionIdOf(path)
      return id === null ? [] : [[id, [path]] as const]
    }),
  )
}
