/** A long session as Gemini CLI writes it: each answer twice as it grows, results once with their call and once as an answer. */
import { randomFrom } from './words.ts'

const STARTED_AT = Date.parse('2026-11-10T08:00:00Z')

/** Endless; each line ends without a newline. `root`: where the session ran. */
export function* geminiCliLines(root: string, sessionId: string): Generator<string> {
  const random = randomFrom(3)
  let number = 0
  const now = (): string => new Date(STARTED_AT + number++ * 1_900).toISOString()
  const patch = (fields: Readonly<Record<string, unknown>>) =>
    JSON.stringify({ $set: { ...fields, lastUpdated: now() } })
  yield JSON.stringify({ sessionId, projectHash: random.hex(64), startTime: now(), lastUpdated: now(), kind: 'main' })
  const context = `<session_context>\nThis is the Gemini CLI.\n- **Workspace Directories:**\n  - ${root}\n</session_context>`
  yield patch({ messages: [{ id: random.hex(32), timestamp: now(), type: 'user', content: [{ text: context }] }] })
  for (let turn = 0; ; turn++) {
    if (turn % 25 === 0) {
      yield JSON.stringify({ id: `u-${turn}`, timestamp: now(), type: 'user', content: [{ text: random.prose(2) }] })
    }
    const timestamp = now()
    const tokens = {
      input: 20_000 + random.below(9_000),
      output: 30 + random.below(300),
      cached: 15_000,
      thoughts: 20,
      tool: 0,
    }
    const thoughts = [{ subject: 'Planning', description: random.prose(2), timestamp }]
    const answer = {
      id: `g-${turn}`,
      timestamp,
      type: 'gemini',
      content: random.prose(2),
      thoughts,
      tokens,
      model: 'gemini-2.5-pro',
    }
    yield JSON.stringify(answer)
    yield patch({})
    const path = `${root}/src/part${random.below(40)}/basket.ts`
    const lines = random.code(80 + random.below(150))
    const call = callOf(turn, path, lines, random)
    const part = { functionResponse: { id: call.id, name: call.name, response: { output: call.output } } }
    const { output: _, ...toolCall } = call
    yield JSON.stringify({
      ...answer,
      toolCalls: [{ ...toolCall, status: 'success', result: [part], timestamp: now() }],
    })
    yield JSON.stringify({ id: `a-${turn}`, timestamp: now(), type: 'user', content: [part] })
  }
}

function callOf(turn: number, path: string, lines: readonly string[], random: ReturnType<typeof randomFrom>) {
  if (turn % 4 === 3) {
    const output = `<untrusted_context>\nOutput: ${random.output(10 + random.below(60))}\nProcess Group PGID: 19263\n</untrusted_context>`
    return { id: `run__${turn}`, name: 'run_shell_command', args: { command: 'npm test' }, output }
  }
  if (turn % 4 !== 1)
    return { id: `read__${turn}`, name: 'read_file', args: { file_path: path }, output: lines.join('\n') }
  const added = random.code(5)
  const after = [...lines.slice(0, 20), ...added, ...lines.slice(23)].join('\n')
  const args = { file_path: path, old_string: lines.slice(20, 23).join('\n'), new_string: added.join('\n') }
  const fileDiff = `--- a\n+++ b\n@@ -21,3 +21,5 @@\n${added.map((line) => `+${line}`).join('\n')}\n`
  const diffStat = { user_added_lines: 0, user_removed_lines: 0 }
  const resultDisplay = { filePath: path, fileDiff, originalContent: lines.join('\n'), newContent: after, diffStat }
  return { id: `replace__${turn}`, name: 'replace', args, output: 'Successfully modified', resultDisplay }
}
