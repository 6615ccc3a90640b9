/** Ids of events must differ within a session, whatever a transcript repeats. */

/** Gives each id back as it is, and where it comes again, with its number: `id`, `id#2`, `id#3`. */
export function uniqueIds(): (id: string) => string {
  const ids = new Set<string>()
  const repeated = new Map<string, number>()
  return (id) => {
    // One search for each id: nearly all of them are new.
    const before = ids.size
    ids.add(id)
    if (ids.size > before) return id
    const times = (repeated.get(id) ?? 1) + 1
    repeated.set(id, times)
    return `${id}#${times}`
  }
}

/**
 * The same for ids made of a thread and the line of a record, `<session>:<thread>:<line>`: what is remembered of each line is
 * a count, and no text.
 */
export function lineIds(sessionId: string): (thread: string, line: number) => string {
  const threads = new Map<string, { readonly prefix: string; readonly times: number[] }>()
  return (thread, line) => {
    let known = threads.get(thread)
    if (known === undefined) {
      known = { prefix: `${sessionId}:${thread}:`, times: [] }
      threads.set(thread, known)
    }
    const times = (known.times[line] ?? 0) + 1
    known.times[line] = times
    return times === 1 ? `${known.prefix}${line}` : `${known.prefix}${line}#${times}`
  }
}
