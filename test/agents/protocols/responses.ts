/** OpenAI's Responses, streamed. A call whose input is a text is a call of a freeform tool. */
import type { Usage } from '#core/session/usage.ts'
import type { Step } from '../script.ts'
import { type Protocol, type ServerEvent, token } from './protocol.ts'

interface ResponsesRequest {
  readonly model: string
  readonly input?: readonly { readonly type?: string }[]
  readonly tools?: readonly unknown[]
}

type Item = Readonly<Record<string, unknown>> & { readonly id: string; readonly type: string }

export const responses: Protocol = {
  usageOf: (answer) => ({
    uncachedInput: 100 + answer * 7,
    cacheRead: 5_000 + answer * 13,
    cacheWrite5m: 0,
    cacheWrite1h: 0,
    output: 40 + answer * 3,
    reasoning: 11 + answer,
  }),
  answer({ method, path, body }, conversation) {
    if (path.endsWith('/models')) return { json: { object: 'list', data: [], models: [] } }
    if (method !== 'POST' || !path.endsWith('/responses')) return null
    const asked = body as ResponsesRequest
    const isAside = (asked.tools ?? []).length === 0
    const { step, usage } = isAside ? conversation.aside('A title') : conversation.next(resultsIn(asked))
    return { events: eventsOf(asked.model, itemsOf(step), usage) }
  },
}

function resultsIn({ input = [] }: ResponsesRequest): number {
  return input.filter(({ type }) => type?.endsWith('_output')).length
}

function itemsOf({ think, text, calls = [] }: Step): Item[] {
  const items: Item[] = []
  if (think !== undefined) {
    items.push({
      type: 'reasoning',
      id: `rs_${token(32)}`,
      summary: [{ type: 'summary_text', text: think }],
      content: null,
      encrypted_content: Buffer.from(think).toString('base64'),
    })
  }
  if (text !== undefined) {
    items.push({
      type: 'message',
      id: `msg_${token(32)}`,
      role: 'assistant',
      status: 'completed',
      content: [{ type: 'output_text', text, annotations: [] }],
    })
  }
  for (const [name, input] of calls) {
    const common = { call_id: `call_${token(24)}`, name, status: 'completed' }
    if (typeof input === 'string') items.push({ type: 'custom_tool_call', id: `ctc_${token(32)}`, ...common, input })
    else items.push({ type: 'function_call', id: `fc_${token(32)}`, ...common, arguments: JSON.stringify(input) })
  }
  return items
}

function eventsOf(model: string, items: readonly Item[], usage: Usage): ServerEvent[] {
  const events: ServerEvent[] = []
  const send = (type: string, data: Readonly<Record<string, unknown>>): void => {
    events.push({ name: type, data: { type, ...data } })
  }
  const response = { id: `resp_${token(32)}`, object: 'response', created_at: Math.floor(Date.now() / 1000), model }
  send('response.created', { response: { ...response, status: 'in_progress', output: [] } })
  for (const [index, item] of items.entries()) {
    send('response.output_item.added', { output_index: index, item })
    if (item.type === 'message') {
      const [part] = item['content'] as readonly { readonly text: string }[]
      send('response.output_text.delta', { item_id: item.id, output_index: index, content_index: 0, delta: part?.text })
    }
    send('response.output_item.done', { output_index: index, item })
  }
  const input = usage.uncachedInput + usage.cacheRead
  send('response.completed', {
    response: {
      ...response,
      status: 'completed',
      output: items,
      usage: {
        input_tokens: input,
        input_tokens_details: { cached_tokens: usage.cacheRead },
        output_tokens: usage.output,
        output_tokens_details: { reasoning_tokens: usage.reasoning },
        total_tokens: input + usage.output,
      },
    },
  })
  return events
}
