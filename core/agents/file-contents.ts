/**
 * What files held after the last edit that a session recorded whole. Subagents' records leave the outcome of an edit
 * out; with the content known, their edits still get true lines and places.
 */
export interface FileContents {
  readonly get: (path: string) => string | null
  readonly set: (path: string, content: string | null) => void
}

/** Together as much as a large session edits; the files edited longest ago go first. */
const MAX_TOTAL_LENGTH = 32_000_000

/** Characters that may be looked at again in one session, so that many small edits of one large file stay cheap. */
const MAX_TOTAL_READ = 200_000_000

export function fileContents(): FileContents {
  const contents = new Map<string, string>()
  let total = 0
  let read = 0
  const forget = (path: string): void => {
    total -= contents.get(path)?.length ?? 0
    contents.delete(path)
  }
  return {
    get: (path) => {
      const content = contents.get(path) ?? null
      read += content?.length ?? 0
      return read <= MAX_TOTAL_READ ? content : null
    },
    set: (path, content) => {
      forget(path)
      if (content === null) return
      contents.set(path, content)
      total += content.length
      for (const oldest of contents.keys()) {
        if (total <= MAX_TOTAL_LENGTH) break
        forget(oldest)
      }
    },
  }
}
