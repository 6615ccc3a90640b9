/**
 * A stateless model provider on loopback that plays a script. Anthropic's Messages protocol; each answer's usage is known,
 * so that what is counted afterwards can be compared with what was sent.
 */
import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type ReportedUsage, type Script, type Step, stepAfter, usageOf } from './script.ts'

export interface ModelServer {
  readonly url: string
  /** Usage of every answer that belongs to the scripted conversation; side calls (titles and the like) are apart. */
  readonly reported: readonly ReportedUsage[]
  readonly sideCalls: number
  readonly close: () => Promise<void>
}

interface MessagesRequest {
  readonly model: string
  readonly stream?: boolean
  readonly tools?: readonly { readonly name: string }[]
  readonly messages: readonly { readonly content: string | readonly { readonly type: string }[] }[]
}

type Block = Readonly<Record<string, unknown>> & { readonly type: 'text' | 'tool_use' }

export async function startModelServer(script: Script): Promise<ModelServer> {
  const reported: ReportedUsage[] = []
  let sideCalls = 0
  const server: Server = createServer((request, response) => {
    void answer(request, response).catch((cause: unknown) => {
      response
        .writeHead(500)
        .end(JSON.stringify({ type: 'error', error: { type: 'api_error', message: String(cause) } }))
    })
  })

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').split('?')[0] ?? ''
    const body = await textOf(request)
    if (request.method === 'POST' && path.endsWith('/messages/count_tokens'))
      return json(response, 200, { input_tokens: 1234 })
    if (request.method === 'POST' && path.endsWith('/messages'))
      return messages(JSON.parse(body) as MessagesRequest, response)
    if (path.endsWith('/models')) return json(response, 200, { data: [], has_more: false })
    json(response, 404, { type: 'error', error: { type: 'not_found_error', message: path } })
  }

  function messages(asked: MessagesRequest, response: ServerResponse): void {
    // Titles, topics and the like are asked without the tools of the conversation.
    const isSideCall = !asked.tools?.some(({ name }) => name === 'Bash')
    const step: Step = isSideCall
      ? { text: '{"title":"A title","isNewTopic":false}' }
      : stepAfter(script, resultsIn(asked))
    if (isSideCall) sideCalls++
    const usage = isSideCall ? usageOf(0) : usageOf(reported.length + 1)
    if (!isSideCall) reported.push(usage)
    const blocks = blocksOf(step)
    const message = {
      id: `msg_01${token(22)}`,
      type: 'message',
      role: 'assistant',
      model: asked.model,
      stop_reason: step.calls?.length ? 'tool_use' : 'end_turn',
      stop_sequence: null,
      usage: {
        input_tokens: usage.input,
        cache_creation_input_tokens: usage.cacheWrite,
        cache_read_input_tokens: usage.cacheRead,
        output_tokens: usage.output,
      },
    }
    if (asked.stream) stream(response, message, blocks)
    else json(response, 200, { ...message, content: blocks })
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    reported,
    get sideCalls() {
      return sideCalls
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

function resultsIn({ messages }: MessagesRequest): number {
  return messages
    .flatMap(({ content }) => (typeof content === 'string' ? [] : content))
    .filter(({ type }) => type === 'tool_result').length
}

function blocksOf({ text, calls = [] }: Step): Block[] {
  return [
    ...(text === undefined ? [] : [{ type: 'text', text } as const]),
    ...calls.map(([name, input]) => ({ type: 'tool_use', id: `toolu_01${token(22)}`, name, input }) as const),
  ]
}

function stream(response: ServerResponse, message: Readonly<Record<string, unknown>>, blocks: readonly Block[]): void {
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-cache',
    'request-id': `req_01${token(22)}`,
  })
  const send = (type: string, data: Readonly<Record<string, unknown>>): void => {
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`)
  }
  const { stop_reason, stop_sequence, usage, ...start } = message
  const counted = usage as Readonly<Record<string, number>>
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
  send('message_delta', { delta: { stop_reason, stop_sequence }, usage: { output_tokens: counted['output_tokens'] } })
  send('message_stop', {})
  response.end()
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'request-id': `req_01${token(22)}` })
  response.end(JSON.stringify(body))
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

function token(length: number): string {
  return `${randomUUID()}${randomUUID()}`.replaceAll('-', '').slice(0, length)
}
