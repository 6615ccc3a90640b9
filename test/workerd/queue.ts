/** Delivers queue messages by hand, so that a test decides when, how often and in which order. */
import { createExecutionContext, createMessageBatch, getQueueResult } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { consume } from '#queues/consume.ts'

interface Delivered {
  readonly acknowledged: readonly string[]
  readonly retried: readonly string[]
}

let count = 0

export async function deliver(bodies: readonly unknown[], queue = 'stemma-jobs'): Promise<Delivered> {
  const batch = createMessageBatch(
    queue,
    bodies.map((body) => ({ id: `message-${count++}`, timestamp: new Date(), attempts: 1, body })),
  )
  const context = createExecutionContext()
  await consume(batch, env)
  const result = await getQueueResult(batch, context)
  return { acknowledged: result.explicitAcks, retried: result.retryMessages.map(({ msgId }) => msgId) }
}

/** What the queue does with fresh evidence, now. */
export async function settle(organisation: string, evidenceId: string): Promise<void> {
  await deliver([
    { type: 'index', organisation, evidenceId },
    { type: 'evaluate', organisation, evidenceId },
  ])
}

/** Polls until the real queue has done something; about 1 s a batch. */
export async function eventually<Value>(read: () => Promise<Value | null>): Promise<Value> {
  for (let attempt = 0; attempt < 1_200; attempt++) {
    const value = await read()
    if (value !== null) return value
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('it never happened')
}
