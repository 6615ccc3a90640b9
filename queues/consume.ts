/** Message -> handler. One failing message never takes its batch along. */
import { Message } from '#core/api/messages.ts'
import type { Env } from '#worker/env.ts'
import { onDeadLetter } from './dead-letter.ts'
import { onEvaluate } from './evaluate.ts'
import { onIndex } from './index.ts'
import { onRepositoryMoved } from './repository-moved.ts'
import { onWebhook } from './webhook.ts'

const DEAD_LETTER_QUEUE = 'stemma-dead-letters'

/** One after another: a transcript may have 32 MB, and all that runs in an isolate shares 128 MB. */
export async function consume(batch: MessageBatch, env: Env): Promise<void> {
  for (const message of batch.messages) {
    try {
      if (batch.queue === DEAD_LETTER_QUEUE) await onDeadLetter(message, env)
      else await handle(message.body, env)
      message.ack()
    } catch (error) {
      console.error(JSON.stringify({ queue: batch.queue, message: message.id, cause: String(error) }))
      message.retry()
    }
  }
}

async function handle(body: unknown, env: Env): Promise<void> {
  const message = Message.parse(body)
  switch (message.type) {
    case 'index':
      return onIndex(message, env)
    case 'evaluate':
      return onEvaluate(message, env)
    case 'webhook':
      return onWebhook(message, env)
    case 'repository-moved':
      return onRepositoryMoved(message, env)
  }
}
