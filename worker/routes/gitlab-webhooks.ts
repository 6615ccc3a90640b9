/** `POST /webhooks/gitlab/{group}`: check the group's token, store, put on the queue, answer. */
import { type Context, Hono } from 'hono'
import { type Bytes, readUtf8, utf8 } from '#core/evidence/bytes.ts'
import { sha256Hex } from '#core/evidence/digest.ts'
import { Fault } from '#core/fault.ts'
import { installationId } from '#core/installation.ts'
import type { AppEnv } from '../context.ts'
import { readGitLabPayload } from '../gitlab/payload.ts'
import { isTokenOf } from '../gitlab/webhook-token.ts'
import { openDatabase } from '../store/database.ts'
import { findInstallation } from '../store/installations.ts'
import { receiveDelivery } from '../store/webhook-deliveries.ts'

/** The largest payload that GitLab sends (its docs: "Webhooks", 25 MB). */
const MAX_PAYLOAD_BYTES = 25_000_000

export const gitLabWebhooks = new Hono<AppEnv>().post('/webhooks/gitlab/:group', async (context) => {
  const group = Number(context.req.param('group'))
  const body = await tokenedBody(context, group)
  const event = context.req.header('X-Gitlab-Event') ?? ''
  const database = openDatabase(context.env.DB)
  const installation = await findInstallation(database, installationId('gitlab', group))
  if (installation === null) throw unclaimed(group)

  const read = readGitLabPayload(event, parse(body), { group, account: installation.account })
  const delivery = {
    id: await deliveryId(context, { group, body }),
    event: event.slice(0, 100),
    now: new Date().toISOString(),
    payload: read.read === 'event' ? read.event : null,
    state: read.read === 'event' ? 'received' : read.read === 'ignored' ? 'ignored' : 'failed',
    reason: read.read === 'event' ? null : read.reason,
  } as const
  const state = await receiveDelivery(database, delivery)
  // A repeated message does no harm; a lost one is found by the clock.
  if (state === 'received') await context.env.JOBS.send({ type: 'webhook', deliveryId: delivery.id })
  const { id, reason } = delivery
  return context.json({ id, state, ...(reason === null ? {} : { reason }) }, 202)
})

/** Throws unless the token is the group's own; judged before anything is parsed. */
async function tokenedBody(context: Context<AppEnv>, group: number): Promise<Bytes> {
  const secret = context.env.GITLAB_WEBHOOK_SECRET
  if (!secret) {
    throw new Fault('unavailable', {
      message: 'This deployment is not connected to GitLab.',
      hint: 'Set any long random text: `openssl rand -hex 32 | npx wrangler secret put GITLAB_WEBHOOK_SECRET`.',
    })
  }
  const isGroup = Number.isSafeInteger(group) && group > 0
  if (!isGroup || !(await isTokenOf(group, context.req.header('X-Gitlab-Token'), secret))) {
    throw new Fault('webhook-signature-invalid', {
      message: "The token in X-Gitlab-Token is not that of this group's webhooks.",
      hint: 'Copy address and token together from `GET /v1/gitlab/setup` into the webhook of the group or project.',
    })
  }
  const length = Number(context.req.header('content-length') ?? '0')
  const body = length > MAX_PAYLOAD_BYTES ? null : new Uint8Array(await context.req.arrayBuffer())
  if (body !== null && body.length <= MAX_PAYLOAD_BYTES) return body
  throw new Fault('body-too-large', {
    message: `The delivery is larger than ${MAX_PAYLOAD_BYTES} bytes.`,
    hint: 'GitLab itself sends none that large; see "Recent events" of the webhook.',
  })
}

/** GitLab's retries bear the same key; versions before 17.4 send none, and then the bytes tell. */
async function deliveryId(
  context: Context<AppEnv>,
  { group, body }: { readonly group: number; readonly body: Bytes },
): Promise<string> {
  const key = context.req.header('Idempotency-Key')
  const own = key !== undefined && key !== '' ? utf8(key) : body
  return `gitlab ${group} ${await sha256Hex(own)}`
}

function parse(body: Bytes): unknown {
  try {
    return JSON.parse(readUtf8(body) ?? '')
  } catch (cause) {
    throw new Fault('json-malformed', {
      message: 'The delivery is not JSON.',
      hint: 'Take the custom template out of the webhook: its payload must be that of GitLab.',
      cause,
    })
  }
}

function unclaimed(group: number): Fault {
  return new Fault('not-found', {
    message: `No organisation has claimed the group ${group}.`,
    hint: 'Name it at `POST /v1/setup`: {"forge":"gitlab","id":GROUP,"account":"FULL/PATH"} among `installations`.',
  })
}
