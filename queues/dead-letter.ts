/** A message that failed three times: keep it where people see it, and say so on the evidence that it concerned. */
import { Message } from '#core/api/messages.ts'
import type { Env } from '#worker/env.ts'
import { openDatabase } from '#worker/store/database.ts'
import { keepDeadLetter } from '#worker/store/dead-letters.ts'
import { failEvidence } from '#worker/store/evidence.ts'

/** What the queue tells about a message. */
export interface DeadMessage {
  readonly id: string
  readonly body: unknown
  readonly timestamp: Date
}

/** One and `max_retries` of wrangler.toml: the queue of dead letters counts its own attempts, not these. */
const ATTEMPTS = 3

export async function onDeadLetter({ id, body, timestamp }: DeadMessage, env: Env): Promise<void> {
  const database = openDatabase(env.DB)
  const message = Message.safeParse(body)

  const organisation = message.success && 'organisation' in message.data ? message.data.organisation : null
  const reason = message.success
    ? `The message ${message.data.type} failed each time it was tried.`
    : 'The message is not of a kind that this version knows.'

  await keepDeadLetter(organisation, database, {
    id,
    message: body,
    reason,
    attempts: ATTEMPTS,
    failedAt: timestamp.toISOString(),
  })
  // Otherwise the clock would put it on the queue again for ever.
  if (message.success && message.data.type === 'index') {
    const { organisation: owner, evidenceId } = message.data
    await failEvidence(owner, database, { id: evidenceId, reason: `${reason} It waits as dead letter ${id}.` })
  }
}
