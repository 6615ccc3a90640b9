/// <reference types="@cloudflare/workers-types" />
/** The Worker as it is, with one more route: the least that taking 100 kB of signed evidence could cost. */

import type { Env } from '#worker/env.ts'
import worker from '#worker/index.ts'

export { EvidenceLog, GitHubOutbox, PullRequest } from '#worker/index.ts'

let publicKey: Promise<CryptoKey> | undefined

export default {
  ...worker,
  fetch: (request, env, context) =>
    new URL(request.url).pathname === '/bare' ? bare(request, env) : worker.fetch(request, env, context),
} satisfies ExportedHandler<Env>

/** Verifies one signature over the body, puts the body into the bucket, inserts one row. */
async function bare(request: Request, env: Env): Promise<Response> {
  const header = (name: string): string => request.headers.get(name) ?? ''
  publicKey ??= crypto.subtle.importKey('raw', bytesOf(header('x-key')), { name: 'Ed25519' }, false, ['verify'])
  const body = await request.arrayBuffer()
  const isValid = await crypto.subtle.verify({ name: 'Ed25519' }, await publicKey, bytesOf(header('x-signature')), body)
  if (!isValid) return new Response('invalid', { status: 400 })
  await env.BLOBS.put(`bare/${header('x-id')}`, body)
  await env.DB.prepare('insert into bare (id, at) values (?, ?)').bind(header('x-id'), Date.now()).run()
  return Response.json({ id: header('x-id') }, { status: 202 })
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
}
