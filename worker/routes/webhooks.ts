/** `POST /webhooks/github`: check the signature over the raw bytes, store, put on the queue, answer. */
import { type Context, Hono } from 'hono'
import { readUtf8 } from '#core/evidence/bytes.ts'
import { Fault } from '#core/fault.ts'
import type { AppEnv } from '../context.ts'
import { type ReadPayload, readPayload } from '../github/payload.ts'
import { isSignedByGitHub } from '../github/webhook-signature.ts'
import { openDatabase } from '../store/database.ts'
import { type NewDelivery, receiveDelivery } from '../store/webhook-deliveries.ts'

/** GitHub sends no payload above 25 MB (docs: "Webhook events and payloads", payload cap). */
const MAX_PAYLOAD_BYTES = 25_000_000

export const webhooks = new Hono<AppEnv>().post('/webhooks/github', async (context) => {
  const body = await signedBody(context)
  const id = requiredHeader(context, 'X-GitHub-Delivery')
  const event = requiredHeader(context, 'X-GitHub-Event')

  const read = readPayload(event, parse(body))
  const now = new Date().toISOString()
  const state = await receiveDelivery(openDatabase(context.env.DB), { id, event, now, ...outcomeOf(read) })
  // A repeated message does no harm; a lost one is found by the clock.
  if (state === 'received') await context.env.JOBS.send({ type: 'webhook', deliveryId: id })
  return context.json({ id, state, ...(read.read === 'event' ? {} : { reason: read.reason }) }, 202)
})

/** Throws unless the body is what GitHub signed with this deployment's secret. */
async function signedBody(context: Context<AppEnv>): Promise<Uint8Array<ArrayBuffer>> {
  const secret = context.env.GITHUB_WEBHOOK_SECRET
  if (!secret) {
    throw new Fault('unavailable', {
      message: 'This deployment is not connected to GitHub.',
      hint: 'Set the secret of the GitHub App: `npx wrangler secret put GITHUB_WEBHOOK_SECRET`.',
    })
  }
  const length = Number(context.req.header('content-length') ?? '0')
  if (length > MAX_PAYLOAD_BYTES) throw tooLarge()
  const body = new Uint8Array(await context.req.arrayBuffer())
  if (body.length > MAX_PAYLOAD_BYTES) throw tooLarge()
  if (await isSignedByGitHub(body, context.req.header('X-Hub-Signature-256'), secret)) return body
  throw new Fault('webhook-signature-invalid', {
    message: 'The signature in X-Hub-Signature-256 is not that of these bytes.',
    hint: 'Give the GitHub App the same secret as the Worker: `npx wrangler secret put GITHUB_WEBHOOK_SECRET`.',
  })
}

function requiredHeader(context: Context<AppEnv>, name: string): string {
  const value = context.req.header(name)
  if (value !== undefined && value !== '' && value.length <= 100) return value
  throw new Fault('request-malformed', {
    message: `The delivery lacks the header ${name}.`,
    hint: 'Let GitHub deliver it: open the App, "Advanced", "Recent deliveries", and click "Redeliver".',
  })
}

function parse(body: Uint8Array<ArrayBuffer>): unknown {
  try {
    return JSON.parse(readUtf8(body) ?? '')
  } catch (cause) {
    throw new Fault('json-malformed', {
      message: 'The delivery is not JSON.',
      hint: 'Set the content type of the GitHub App\'s webhook to "application/json".',
      cause,
    })
  }
}

function outcomeOf(read: ReadPayload): Pick<NewDelivery, 'payload' | 'state' | 'reason'> {
  if (read.read === 'event') return { payload: read.event, state: 'received', reason: null }
  // What cannot be read is kept as failed, so that its redelivery is tried again by a later version.
  return { payload: null, state: read.read === 'ignored' ? 'ignored' : 'failed', reason: read.reason }
}

function tooLarge(): Fault {
  return new Fault('body-too-large', {
    message: `The delivery is larger than ${MAX_PAYLOAD_BYTES} bytes.`,
    hint: 'GitHub itself sends none that large; see "Recent deliveries" of the GitHub App.',
  })
}
