/** A long session as Copilot CLI writes it: a call as the model asked for it, as it began and as it ended. */
import { randomFrom } from './words.ts'

const STARTED_AT = Date.parse('2026-11-10T08:00:00Z')
const MODEL = 'gpt-5.1'

/** Endless; each line ends without a newline. `root`: where the session ran. */
export function* copilotCliLines(root: string, sessionId: string): Generator<string> {
  const random = randomFrom(4)
  let number = 0
  let parentId: string | null = null
  const record = (type: string, data: Readonly<Record<string, unknown>>): string => {
    const id = `${random.hex(8)}-${random.hex(4)}-4${random.hex(3)}-8${random.hex(3)}-${random.hex(12)}`
    const timestamp = new Date(STARTED_AT + number++ * 1_100).toISOString()
    const line = JSON.stringify({ type, data, id, timestamp, parentId })
    parentId = id
    return line
  }
  const context = { cwd: root, gitRoot: root, branch: 'feature/basket', headCommit: random.hex(40) }
  const version = { version: 1, producer: 'copilot-agent', copilotVersion: '1.0.102', selectedModel: MODEL }
  yield record('session.start', { sessionId, ...version, context, alreadyInUse: false })
  for (let turn = 0; ; turn++) {
    const turnId = String(turn)
    if (turn % 25 === 0) {
      const content = random.prose(2)
      const transformedContent = `<current_datetime>now</current_datetime>\n\n${content}`
      yield record('user.message', { content, transformedContent, messageId: random.hex(32), delivery: 'idle', turnId })
    }
    yield record('assistant.turn_start', { turnId })
    const usage = {
      model: MODEL,
      inputTokens: 20_000 + random.below(9_000),
      outputTokens: 40 + random.below(300),
      cacheReadTokens: 15_000,
      cacheWriteTokens: 0,
      reasoningTokens: 20,
      cost: 0,
      apiCallId: `chatcmpl-${turn}`,
      accounting: { sourceSessionId: sessionId, sequence: turn, usageId: `chatcmpl-${turn}` },
    }
    yield record('session.usage_record', { usage })
    const call = callOf(turn, root, random)
    const toolCallId = `call_${random.hex(20)}`
    const { tool, args } = call
    const toolRequests = [{ toolCallId, name: tool, arguments: args, type: 'function' }]
    const message = { messageId: random.hex(32), model: MODEL, content: random.prose(1), toolRequests, turnId }
    yield record('assistant.message', { ...message, reasoningText: random.prose(2) })
    yield record('tool.execution_start', { toolCallId, toolName: tool, arguments: args, turnId, model: MODEL })
    yield record('tool.execution_complete', { toolCallId, model: MODEL, turnId, ...call.ended, success: true })
    yield record('assistant.turn_end', { turnId })
  }
}

/** Of four calls two read, one edits and one runs a command. */
function callOf(turn: number, root: string, random: ReturnType<typeof randomFrom>) {
  const path = `${root}/src/part${random.below(40)}/basket.ts`
  if (turn % 4 === 3) {
    const content = `${random.output(10 + random.below(60))}\n<shellId: ${turn} completed with exit code 0>`
    const args = { command: 'npm test', description: 'Run the tests', mode: 'sync' }
    return { tool: 'bash', args, ended: { shellExecution: { exitCode: 0 }, result: { content } } }
  }
  const lines = random.code(80 + random.below(150))
  if (turn % 4 !== 1) {
    const content = lines.map((line, at) => `${at + 1}. ${line}`).join('\n')
    return { tool: 'view', args: { path }, ended: { result: { content } } }
  }
  const [from, to] = [lines.slice(20, 23), random.code(5)]
  const marked = (mark: string, texts: readonly string[]) => texts.map((text) => `${mark}${text}\n`).join('')
  const hunk = `${marked(' ', lines.slice(17, 20))}${marked('-', from)}${marked('+', to)}${marked(' ', lines.slice(23, 26))}`
  const detailedContent = `\ndiff --git a${path} b${path}\n--- a${path}\n+++ b${path}\n@@ -18,9 +18,11 @@\n${hunk}`
  const args = { path, old_str: from.join('\n'), new_str: to.join('\n') }
  const result = { content: `File ${path} updated with changes.`, detailedContent }
  return { tool: 'edit', args, ended: { fileEdits: [{ path, kind: 'edit' }], result } }
}
