/** A long session as Cursor writes its transcript: what was said and called, without times, results and usage. */
import { randomFrom } from './words.ts'

/** Endless; each line ends without a newline. `root`: where the session ran. */
export function* cursorLines(root: string): Generator<string> {
  const random = randomFrom(6)
  const said = (role: string, content: readonly unknown[]): string => JSON.stringify({ role, message: { content } })
  for (let turn = 0; ; turn++) {
    if (turn % 25 === 0) {
      const text = `<user_query>\n${random.prose(2)}\n</user_query>`
      yield said('user', [{ type: 'text', text }])
    }
    const text = { type: 'text', text: random.prose(2) }
    yield said('assistant', [text, { type: 'tool_use', ...callOf(turn, root, random) }])
    if (turn % 25 === 24) yield JSON.stringify({ type: 'turn_ended', status: 'success' })
  }
}

/** Results are not written, so that most of a transcript is what was edited. */
function callOf(turn: number, root: string, random: ReturnType<typeof randomFrom>) {
  const path = `${root}/src/part${random.below(40)}/basket.ts`
  if (turn % 4 === 3) return { name: 'Shell', input: { command: 'npm test', description: 'Run the tests' } }
  if (turn % 4 === 0) return { name: 'Read', input: { path } }
  if (turn % 8 === 1)
    return { name: 'Write', input: { path, contents: random.code(80 + random.below(150)).join('\n') } }
  const [from, to] = [random.code(12), random.code(16)]
  return { name: 'StrReplace', input: { path, old_string: from.join('\n'), new_string: to.join('\n') } }
}
