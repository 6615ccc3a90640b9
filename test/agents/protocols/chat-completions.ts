/** OpenAI's chat completions, streamed or whole, as every compatible provider offers them. */
import type { Usage } from '#core/session/usage.ts'
import type { Step } from '../script.ts'
import { type Protocol, type Reply, token } from './protocol.ts'

interface ChatRequest {
  readonly model: string
  readonly stream?: boolean
  readonly tools?: readonly unknown[]
  readonly messages?: readonly { readonly role: string }[]
}

export const chatCompletions: Protocol = {
  usageOf: (answer) => ({
    uncachedInput: 100 + answer * 7,
    cacheRead: 5_000 + answer * 13,
    cacheWrite5m: 0,
    cacheWrite1h: 0,
    output: 40 + answer * 3,
    reasoning: 11 + answer,
  }),
  answer({ method, path, body }, conversation) {
    if (path.endsWith('/models')) return { json: { object: 'list', data: [{ id: 'scripted', object: 'model' }] } }
    if (method !== 'POST' || !path.endsWith('/chat/completions')) return null
    const asked = body as ChatRequest
    // Titles and the like are asked without tools.
    const isAside = (asked.tools ?? []).length === 0
    const { step, usage } = isAside ? conversation.aside('A title') : conversation.next(resultsIn(asked))
    return reply(asked, step, usage)
  },
}

function resultsIn({ messages = [] }: ChatRequest): number {
  return messages.filter(({ role }) => role === 'tool').length
}

function reply({ model, stream }: ChatRequest, { think, text, calls = [] }: Step, usage: Usage): Reply {
  const chat = { id: `chatcmpl-${token(29)}`, created: Math.floor(Date.now() / 1000), model }
  const message = {
    role: 'assistant',
    content: text ?? null,
    ...(think === undefined ? {} : { reasoning_content: think }),
  }
  const toolCalls = calls.map(([name, input], index) => ({
    index,
    id: `call_${token(24)}`,
    type: 'function',
    function: { name, arguments: JSON.stringify(input) },
  }))
  const finish_reason = calls.length === 0 ? 'stop' : 'tool_calls'
  const prompt = usage.uncachedInput + usage.cacheRead
  const counted = {
    prompt_tokens: prompt,
    completion_tokens: usage.output,
    total_tokens: prompt + usage.output,
    prompt_tokens_details: { cached_tokens: usage.cacheRead },
    completion_tokens_details: { reasoning_tokens: usage.reasoning },
  }
  if (!stream) {
    const whole = toolCalls.length === 0 ? message : { ...message, tool_calls: toolCalls }
    const choices = [{ index: 0, message: whole, finish_reason }]
    return { json: { ...chat, object: 'chat.completion', choices, usage: counted } }
  }
  const chunk = (delta: object, reason: string | null = null): unknown => ({
    ...chat,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, finish_reason: reason }],
  })
  const chunks = [
    chunk(message),
    ...(toolCalls.length === 0 ? [] : [chunk({ tool_calls: toolCalls })]),
    chunk({}, finish_reason),
    { ...chat, object: 'chat.completion.chunk', choices: [], usage: counted },
  ]
  return { events: chunks.map((data) => ({ name: null, data })), ending: 'data: [DONE]\n\n' }
}
