/** This deployment as a witness (C2SP tlog-witness): it cosigns checkpoints of the logs that its operator configured. */
import { createRoute, z } from '@hono/zod-openapi'
import { MAX_ADD_CHECKPOINT_BYTES } from '#core/evidence/add-checkpoint.ts'
import { readUtf8 } from '#core/evidence/bytes.ts'
import { createRouter } from '../context.ts'
import type { Env } from '../env.ts'
import { limitAttempts } from '../middleware/limit-attempts.ts'
import { readBody } from '../read-body.ts'
import { problems } from './responses.ts'

const text = (description: string) => ({ description, content: { 'text/plain': { schema: z.string() } } })

const addCheckpoint = createRoute({
  method: 'post',
  path: '/witness/add-checkpoint',
  summary: 'Cosign a checkpoint of a configured log, after its consistency with the last one was checked',
  // No credential: the log's signature on the checkpoint is one.
  middleware: [limitAttempts] as const,
  request: { body: { required: true, content: { 'text/plain': { schema: z.string() } } } },
  responses: {
    200: text('Signature lines (C2SP tlog-cosignature).'),
    400: text('No such request, or an old size larger than the checkpoint.'),
    403: text('The log did not sign the checkpoint.'),
    404: text('The log is not configured here.'),
    409: {
      description: 'Size of the checkpoint cosigned last.',
      content: { 'text/x.tlog.size': { schema: z.string() } },
    },
    422: text('The proof does not verify.'),
    ...problems('length-required', 'body-too-large', 'rate-limited'),
  },
})

const readKey = createRoute({
  method: 'get',
  path: '/witness/key',
  summary: 'The verifier key of this witness (vkey of type 0x04)',
  responses: { 200: text('name+id+key') },
})

const limit = {
  bytes: MAX_ADD_CHECKPOINT_BYTES,
  what: 'request',
  hint: 'Send one checkpoint with its proof, as described at https://c2sp.org/tlog-witness.',
}

/** One for the deployment: it has one key and few logs. */
const witnessOf = (env: Env) => env.WITNESS.getByName('witness')

export const witness = createRouter()
  .openapi(addCheckpoint, async (context) => {
    const body = readUtf8(await readBody(context.req.raw, limit)) ?? ''
    const answer = await witnessOf(context.env).addCheckpoint(body, Math.floor(Date.now() / 1_000))
    const type = answer.status === 409 ? 'text/x.tlog.size' : 'text/plain; charset=utf-8'
    return context.body(answer.text, answer.status, { 'content-type': type, 'cache-control': 'no-store' })
  })
  .openapi(readKey, async (context) => context.text(`${await witnessOf(context.env).verifierKey()}\n`, 200))
