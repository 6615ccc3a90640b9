/** The bridge between node:http and web-standard requests and responses. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream as NodeReadableStream } from 'node:stream/web'

/** A response with this header never leaves: the connection is reset instead. */
export const resetHeader = 'x-fake-connection-reset'

export function toRequest(incoming: IncomingMessage, origin: string): Request {
  const headers = new Headers()
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value === undefined) continue
    for (const one of Array.isArray(value) ? value : [value]) headers.append(name, one)
  }
  const method = incoming.method ?? 'GET'
  const hasBody = method !== 'GET' && method !== 'HEAD'
  return new Request(new URL(incoming.url ?? '/', origin), {
    method,
    headers,
    ...(hasBody ? { body: Readable.toWeb(incoming) as ReadableStream<Uint8Array>, duplex: 'half' as const } : {}),
  })
}

export async function sendResponse(response: Response, outgoing: ServerResponse): Promise<void> {
  if (response.headers.has(resetHeader)) {
    outgoing.socket?.resetAndDestroy()
    return
  }
  // Whoever asked may have given up by now.
  if (outgoing.destroyed) return
  outgoing.writeHead(response.status, Object.fromEntries(response.headers))
  if (response.body === null) outgoing.end()
  else await pipeline(Readable.fromWeb(response.body as NodeReadableStream<Uint8Array>), outgoing)
}
