/**
 * A stateless model provider on loopback that plays a script in one protocol. The usage of each answer is known, so that
 * what is counted afterwards can be compared with what was sent.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Usage } from '#core/session/usage.ts'
import { type Conversation, type Protocol, type Reply, token } from './protocols/protocol.ts'
import { type Script, stepAfter } from './script.ts'

export interface ModelServer {
  readonly url: string
  /** Usage of every answer that belongs to the scripted conversation; side calls (titles and the like) are apart. */
  readonly reported: readonly Usage[]
  readonly sideCalls: number
  /** Requests that the protocol does not know, as `METHOD path`. */
  readonly refused: readonly string[]
  readonly close: () => Promise<void>
}

export async function startModelServer(protocol: Protocol, script: Script): Promise<ModelServer> {
  const reported: Usage[] = []
  const refused: string[] = []
  let sideCalls = 0
  const conversation: Conversation = {
    next: (results) => {
      const usage = protocol.usageOf(reported.length + 1)
      reported.push(usage)
      return { step: stepAfter(script, results), usage }
    },
    aside: (text) => {
      sideCalls++
      return { step: { text }, usage: protocol.usageOf(0) }
    },
  }
  const server = createServer((request, response) => {
    void answer(request, response).catch((cause: unknown) => {
      response
        .writeHead(500)
        .end(JSON.stringify({ type: 'error', error: { type: 'api_error', message: String(cause) } }))
    })
  })

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').split('?')[0] ?? ''
    const method = request.method ?? 'GET'
    const text = await textOf(request)
    const reply = protocol.answer({ method, path, body: text === '' ? null : JSON.parse(text) }, conversation)
    if (reply === null) refused.push(`${method} ${path}`)
    write(
      response,
      reply ?? { status: 404, json: { type: 'error', error: { type: 'not_found_error', message: path } } },
    )
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    reported,
    refused,
    get sideCalls() {
      return sideCalls
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

function write(response: ServerResponse, reply: Reply): void {
  const request = `req_01${token(22)}`
  const headers = { 'request-id': request, 'x-request-id': request }
  if ('json' in reply) {
    response.writeHead(reply.status ?? 200, { ...headers, 'content-type': 'application/json' })
    response.end(JSON.stringify(reply.json))
    return
  }
  response.writeHead(200, { ...headers, 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
  for (const { name, data } of reply.events) {
    response.write(`${name === null ? '' : `event: ${name}\n`}data: ${JSON.stringify(data)}\n\n`)
  }
  response.end(reply.ending)
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
