/** A long session as Codex writes it: items of the conversation, copies of them as events, and running totals of tokens. */
import { randomFrom } from './words.ts'

const STARTED_AT = Date.parse('2026-11-10T08:00:00Z')

/** Endless; each line ends without a newline. `root`: where the session ran. */
export function* codexLines(root: string, sessionId: string): Generator<string> {
  const random = randomFrom(2)
  let number = 0
  const record = (type: string, payload: Readonly<Record<string, unknown>>): string =>
    JSON.stringify({ timestamp: new Date(STARTED_AT + number++ * 1_300).toISOString(), type, payload })
  const item = (payload: Readonly<Record<string, unknown>>) => record('response_item', payload)
  const event = (payload: Readonly<Record<string, unknown>>) => record('event_msg', payload)
  const total = { input: 0, cached: 0, output: 0, reasoning: 0 }
  const count = (): string => {
    const last = { input: 20_000 + random.below(9_000), cached: 15_000, output: 40 + random.below(300), reasoning: 20 }
    total.input += last.input
    total.cached += last.cached
    total.output += last.output
    total.reasoning += last.reasoning
    const written = ({ input, cached, output, reasoning }: typeof total) => ({
      input_tokens: input,
      cached_input_tokens: cached,
      output_tokens: output,
      reasoning_output_tokens: reasoning,
      total_tokens: input + output,
    })
    const info = { total_token_usage: written(total), last_token_usage: written(last), model_context_window: 272_000 }
    return event({ type: 'token_count', info, rate_limits: null })
  }
  yield record('session_meta', {
    id: sessionId,
    timestamp: new Date(STARTED_AT).toISOString(),
    cwd: root,
    originator: 'codex_cli_rs',
    cli_version: '0.169.0',
    source: 'cli',
    git: { branch: 'feature/basket', commit_hash: random.hex(40) },
    base_instructions: { text: random.prose(80) },
  })
  for (let turn = 0; ; turn++) {
    if (turn % 25 === 0) {
      const sandbox = { type: 'workspace-write' }
      yield record('turn_context', {
        cwd: root,
        approval_policy: 'on-request',
        sandbox_policy: sandbox,
        model: 'gpt-5.1-codex',
      })
      const text = random.prose(2)
      yield item({ type: 'message', role: 'user', content: [{ type: 'input_text', text }] })
      yield event({ type: 'user_message', message: text, kind: 'plain' })
    }
    const thought = random.prose(2)
    yield event({ type: 'agent_reasoning', text: thought })
    yield item({
      type: 'reasoning',
      id: `rs_${random.hex(32)}`,
      summary: [{ type: 'summary_text', text: thought }],
      encrypted_content: random.hex(900),
    })
    const callId = `call_${random.hex(20)}`
    if (turn % 4 === 1) {
      const path = `src/part${random.below(40)}/basket.ts`
      const removed = random.code(3).map((line) => `-${line}`)
      const added = random.code(8).map((line) => `+${line}`)
      const hunk = ['@@', ...random.code(3).map((line) => ` ${line}`), ...removed, ...added]
      const input = ['*** Begin Patch', `*** Update File: ${path}`, ...hunk, '*** End Patch'].join('\n')
      yield item({
        type: 'custom_tool_call',
        id: `ctc_${random.hex(24)}`,
        status: 'completed',
        call_id: callId,
        name: 'apply_patch',
        input,
      })
      const unified = [`@@ -10,6 +10,11 @@`, ...hunk.slice(1)].join('\n')
      const changes = { [`${root}/${path}`]: { type: 'update', unified_diff: unified, move_path: null } }
      yield event({ type: 'patch_apply_end', call_id: callId, stdout: 'Success.', stderr: '', success: true, changes })
      const output = `Exit code: 0\nWall time: 0 seconds\nOutput:\nSuccess. Updated the following files:\nM ${path}\n`
      yield item({ type: 'custom_tool_call_output', call_id: callId, output })
    } else {
      const words = turn % 4 === 3 ? 'npm test' : `sed -n 1,200p src/part${random.below(40)}/basket.ts`
      const command = JSON.stringify({ cmd: words, workdir: root, yield_time_ms: 10_000 })
      yield item({
        type: 'function_call',
        id: `fc_${random.hex(24)}`,
        name: 'exec_command',
        arguments: command,
        call_id: callId,
      })
      const said =
        turn % 4 === 3 ? random.output(10 + random.below(60)) : random.code(80 + random.below(150)).join('\n')
      const output = `Chunk ID: ${random.hex(6)}\nWall time: 0.5 seconds\nProcess exited with code 0\nOutput:\n${said}`
      yield item({ type: 'function_call_output', call_id: callId, output })
    }
    yield count()
    if (turn % 5 !== 4) continue
    const text = random.prose(3)
    yield event({ type: 'agent_message', message: text })
    yield item({
      type: 'message',
      id: `msg_${random.hex(24)}`,
      role: 'assistant',
      content: [{ type: 'output_text', text }],
    })
  }
}
