/** A long session as OpenCode's database gives it: one row a line, whose own JSON is a text in it. */
import { randomFrom } from './words.ts'

const STARTED_AT = Date.parse('2026-11-10T08:00:00Z')

/** Endless; each line ends without a newline. `root`: where the session ran. */
export function* opencodeLines(root: string, session: string): Generator<string> {
  const random = randomFrom(5)
  let number = 0
  const now = (): number => STARTED_AT + number++ * 1_300
  const row = (kind: string, id: string, message: string | null, json: unknown): string =>
    JSON.stringify({ kind, id, session, message, data: JSON.stringify(json) })
  const head = { parentID: null, directory: root, version: '1.18.33', agent: 'build', created: STARTED_AT, output: 0 }
  yield row('session', session, null, head)
  for (let turn = 0; ; turn++) {
    if (turn % 25 === 0) {
      const asked = `msg_${turn}u`
      const model = { providerID: 'anthropic', modelID: 'claude-sonnet-4-5' }
      yield row('message', asked, null, { role: 'user', time: { created: now() }, agent: 'build', model })
      yield row('part', `prt_${turn}u`, asked, { type: 'text', text: random.prose(2) })
    }
    const id = `msg_${turn}a`
    const cache = { read: 15_000, write: random.below(4_000) }
    const tokens = { input: 4 + random.below(900), output: 40 + random.below(300), reasoning: 20, cache }
    const time = { created: now(), completed: now() }
    const model = { modelID: 'claude-sonnet-4-5', providerID: 'anthropic' }
    const spent = { cost: 0.0007, tokens, time, finish: 'tool-calls' }
    yield row('message', id, null, { role: 'assistant', mode: 'build', path: { cwd: root, root }, ...model, ...spent })
    yield row('part', `prt_${turn}b`, id, { type: 'step-start', snapshot: random.hex(40) })
    yield row('part', `prt_${turn}c`, id, { type: 'reasoning', text: random.prose(2), time: { start: now() } })
    yield row('part', `prt_${turn}d`, id, { type: 'text', text: random.prose(1) })
    const { tool, ...state } = callOf(turn, root, random)
    const ended = { status: 'completed', ...state, title: tool, time: { start: now(), end: now() } }
    yield row('part', `prt_${turn}e`, id, { type: 'tool', tool, callID: `call_${random.hex(24)}`, state: ended })
    yield row('part', `prt_${turn}f`, id, { type: 'step-finish', reason: 'tool-calls', tokens, cost: 0.0007 })
  }
}

/** Of four calls two read, one edits and one runs a command. */
function callOf(turn: number, root: string, random: ReturnType<typeof randomFrom>) {
  const filePath = `${root}/src/part${random.below(40)}/basket.ts`
  if (turn % 4 === 3) {
    const output = random.output(10 + random.below(60))
    const metadata = { output, exit: 0, truncated: false }
    return { tool: 'bash', input: { command: 'npm test', description: 'Run the tests' }, output, metadata }
  }
  const lines = random.code(80 + random.below(150))
  if (turn % 4 !== 1) {
    const output = `<file>\n${lines.map((line, at) => `${String(at + 1).padStart(5, '0')}| ${line}`).join('\n')}\n</file>`
    const metadata = { preview: lines.slice(0, 20).join('\n'), truncated: false }
    return { tool: 'read', input: { filePath }, output, metadata }
  }
  const [from, to] = [lines.slice(20, 23), random.code(5)]
  const marked = (mark: string, texts: readonly string[]) => texts.map((text) => `${mark}${text}\n`).join('')
  const hunk = `${marked(' ', lines.slice(17, 20))}${marked('-', from)}${marked('+', to)}${marked(' ', lines.slice(23, 26))}`
  const patch = `Index: ${filePath}\n--- ${filePath}\n+++ ${filePath}\n@@ -18,9 +18,11 @@\n${hunk}`
  const metadata = { diagnostics: {}, diff: patch, filediff: { file: filePath, patch, additions: 5, deletions: 3 } }
  const input = { filePath, oldString: from.join('\n'), newString: to.join('\n') }
  return { tool: 'edit', input, output: 'Edit applied successfully.', metadata }
}
