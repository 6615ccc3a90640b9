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
