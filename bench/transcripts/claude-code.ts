/** A long session as Claude Code writes it: one record a block, usage repeated, whole files beside the edits. */
import { type Random, randomFrom } from './words.ts'

const STARTED_AT = Date.parse('2026-11-10T08:00:00Z')

/** Endless; each line ends without a newline. `root`: where the session ran. */
export function* claudeCodeLines(root: string, sessionId: string): Generator<string> {
  const random = randomFrom(1)
  let number = 0
  let parent: string | null = null
  const record = (fields: Readonly<Record<string, unknown>>): string => {
    const uuid = `${random.hex(8)}-${random.hex(4)}-4${random.hex(3)}-8${random.hex(3)}-${random.hex(12)}`
    const line = JSON.stringify({
      parentUuid: parent,
      isSidechain: false,
      ...fields,
      uuid,
      timestamp: new Date(STARTED_AT + number++ * 1_700).toISOString(),
      userType: 'external',
      entrypoint: 'cli',
      cwd: root,
      sessionId,
      version: '2.1.328',
      gitBranch: 'feature/basket',
    })
    parent = uuid
    return line
  }
  const answer = (messageId: string, block: unknown, output: number): string =>
    record({
      type: 'assistant',
      requestId: `req_${messageId}`,
      message: {
        id: `msg_${messageId}`,
        type: 'message',
        role: 'assistant',
        model: number % 9 === 0 ? 'claude-haiku-4-5-20251001' : 'claude-sonnet-4-5-20250929',
        content: [block],
        stop_reason: null,
        stop_sequence: null,
        usage: {
          input_tokens: 4 + random.below(9),
          cache_creation_input_tokens: random.below(4_000),
          cache_read_input_tokens: 20_000 + random.below(100_000),
          cache_creation: { ephemeral_5m_input_tokens: random.below(4_000), ephemeral_1h_input_tokens: 0 },
          output_tokens: output,
          service_tier: 'standard',
        },
      },
    })
  const result = (callId: string, content: string, toolUseResult: unknown): string =>
    record({
      type: 'user',
      message: { role: 'user', content: [{ tool_use_id: callId, type: 'tool_result', content, is_error: false }] },
      toolUseResult,
    })
  yield record({
    type: 'user',
    message: { role: 'user', content: `Work on the basket. ${random.prose(2)}` },
    permissionMode: 'acceptEdits',
  })
  for (let turn = 0; ; turn++) {
    const messageId = `${turn}${random.hex(16)}`
    if (turn % 25 === 24) yield record({ type: 'user', message: { role: 'user', content: random.prose(2) } })
    yield answer(messageId, { type: 'thinking', thinking: random.prose(4), signature: random.hex(300) }, 30)
    yield answer(messageId, { type: 'text', text: random.prose(2) }, 90)
    const callId = `toolu_${random.hex(20)}`
    yield* oneCall({ turn, callId, messageId, root, random, answer, result })
  }
}

interface Call {
  readonly turn: number
  readonly callId: string
  readonly messageId: string
  readonly root: string
  readonly random: Random
  readonly answer: (messageId: string, block: unknown, output: number) => string
  readonly result: (callId: string, content: string, toolUseResult: unknown) => string
}

/** Of four calls two read, one edits and one runs a command. */
function* oneCall({ turn, callId, messageId, root, random, answer, result }: Call): Generator<string> {
  const filePath = `${root}/src/part${random.below(40)}/${random.pick(['basket', 'order', 'price'])}.ts`
  const use = (name: string, input: unknown) => answer(messageId, { type: 'tool_use', id: callId, name, input }, 200)
  if (turn % 4 === 3) {
    const output = random.output(10 + random.below(60))
    yield use('Bash', { command: 'npm test -- --run src/basket', description: 'Run the tests' })
    yield result(callId, output, { stdout: output, stderr: '', interrupted: false, isImage: false })
    return
  }
  const lines = random.code(80 + random.below(150))
  if (turn % 4 !== 1) {
    yield use('Read', { file_path: filePath })
    const content = lines.map((line, at) => `${String(at + 1).padStart(6)}→${line}`).join('\n')
    const file = { filePath, content: lines.join('\n'), numLines: lines.length, startLine: 1, totalLines: lines.length }
    yield result(callId, content, { type: 'text', file })
    return
  }
  const from = lines.slice(20, 23)
  const to = random.code(5)
  yield use('Edit', { file_path: filePath, old_string: from.join('\n'), new_string: to.join('\n'), replace_all: false })
  const context = (line: string) => ` ${line}`
  const hunk = [
    ...lines.slice(17, 20).map(context),
    ...from.map((line) => `-${line}`),
    ...to.map((line) => `+${line}`),
    ...lines.slice(23, 26).map(context),
  ]
  const structuredPatch = [{ oldStart: 18, oldLines: 9, newStart: 18, newLines: 11, lines: hunk }]
  yield result(callId, `The file ${filePath} has been updated.`, {
    filePath,
    oldString: from.join('\n'),
    newString: to.join('\n'),
    originalFile: lines.join('\n'),
    structuredPatch,
    userModified: false,
    replaceAll: false,
  })
}
