/** What a hook's payload tells of the call: its input, and the lines that stand in it. */

export function inputOf(payload: unknown): Record<string, unknown> | null {
  if (typeof payload !== 'object' || payload === null) return null
  for (const key of ['tool_input', 'toolArgs', 'args']) {
    const input = Object.entries(payload).find(([name]) => name === key)?.[1]
    if (typeof input === 'object' && input !== null) return Object.fromEntries(Object.entries(input))
  }
  return Object.fromEntries(Object.entries(payload))
}

/** Keys under which tools name a file, and not what is to stand in it. */
const NAMING = /path|file_?name|^file$|^cwd$|^description$/i
/** Tool inputs nest two or three levels. */
const MAX_DEPTH = 8

/** Lines of every text in a tool's input: also of the texts that it replaces, which stood there anyway. */
export function toldLines(input: Record<string, unknown> | null): ReadonlySet<string> | null {
  const lines = new Set<string>()
  const visit = (value: unknown, depth: number): void => {
    if (typeof value === 'string') for (const line of value.split(/\r?\n/)) lines.add(line)
    else if (typeof value === 'object' && value !== null && depth < MAX_DEPTH)
      for (const [key, inner] of Object.entries(value)) if (!NAMING.test(key)) visit(inner, depth + 1)
  }
  visit(input, 0)
  return [...lines].every((line) => line === '') ? null : lines
}
