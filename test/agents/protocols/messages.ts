/** Anthropic's Messages, streamed or whole. */
import type { Usage } from '#core/session/usage.ts'
import type { Step } from '../script.ts'
import { type Protocol, type Reply, type ServerEvent, token } from './protocol.ts'

interface MessagesRequest {
  readonly model: string
  readonly stream?: boolean
  readonly tools?: readonly { readonly name: string }[]
  readonly messages: readonly { readonly content: string | readonly { readonly type: string }[] }[]
}

type Block = Readonly<Record<string, unknown>> & { readonly type: 'text' | 'tool_use' }

export const messages: Protocol = {
  usageOf: (answer) => ({
    uncachedInput: 100 + answer * 7,
    cacheRead: 5_000 + answer * 13,
    cacheWrite5m: 1_000 + answer * 11,
    cacheWrite1h: 0,
    output: 40 + answer * 3,
    reasoning: 0,
  }),
  answer({ method, path, body }, conversation) {
    if (method === 'POST' && path.endsWith('/messages/count_tokens')) return { json: { input_tokens: 1234 } }
    if (path.endsWith('/models')) return { json: { data: [], has_more: false } }
    if (method !== 'POST' || !path.endsWith('/messages')) return null
    const asked = body as MessagesRequest
    // Titles, topics and the like are asked without the tools of the conversation.
    const isAside = !asked.tools?.some(({ name }) => name === 'Bash')
    const { step, usage } = isAside
      ? conversation.aside('{"title":"A title","isNewTopic":false}')
      : conversation.next(resultsIn(asked))
    return reply(asked, step, usage)
  },
}

function resultsIn({ messages: sent }: MessagesRequest): number {
  return sent
    .flatMap(({ content }) => (typeof content === 'string' ? [] : content))
    .filter(({ type }) => type === 'tool_result').length
}

function reply(asked: MessagesRequest, step: Step, usage: Usage): Reply {
  const blocks = blocksOf(step)
  const message = {
    id: `msg_01${token(22)}`,
    type: 'message',
    role: 'assistant',
    model: asked.model,
    stop_reason: step.calls?.length ? 'tool_use' : 'end_turn',
    stop_sequence: null,
    usage: {
      input_tokens: usage.uncachedInput,
      cache_creation_input_tokens: usage.cacheWrite5m,
      cache_read_input_tokens: usage.cacheRead,
      output_tokens: usage.output,
    },
  }
  if (!asked.stream) return { json: { ...message, content: blocks } }
  const events: ServerEvent[] = []
  const send = (type: string, data: Readonly<Record<string, unknown>>): void => {
    events.push({ name: type, data: { type, ...data } })
  }
  const { stop_reason, stop_sequence, usage: counted, ...start } = message
  send('message_start', {
    message: { ...start, content: [], stop_reason: null, stop_sequence: null, usage: { ...counted, output_tokens: 1 } },
  })
  for (const [index, block] of blocks.entries()) {
    if (block.type === 'text') {
      send('content_block_start', { index, content_block: { type: 'text', text: '' } })
      send('content_block_delta', { index, delta: { type: 'text_delta', text: block['text'] } })
    } else {
      send('content_block_start', { index, content_block: { ...block, input: {} } })
      send('content_block_delta', {
        index,
        delta: { type: 'input_json_delta', partial_json: JSON.stringify(block['input']) },
      })
    }
    send('content_block_stop', { index })
  }
  send('message_delta', { delta: { stop_reason, stop_sequence }, usage: { output_tokens: counted.output_tokens } })
  send('message_stop', {})
  return { events }
}

function blocksOf({ text, calls = [] }: Step): Block[] {
  return [
    ...(text === undefined ? [] : [{ type: 'text', text } as const]),
    ...calls.map(([name, input]) => ({ type: 'tool_use', id: `toolu_01${token(22)}`, name, input }) as const),
  ]
}
