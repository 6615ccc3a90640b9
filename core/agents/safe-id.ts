/** Ids that may stand in a session's id, a thread or a file name. null for anything else. */
export function safeId(id: string | null): string | null {
  return id !== null && /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/.test(id) ? id : null
}
