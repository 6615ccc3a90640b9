/** Webhook deliveries by GUID: what came, and whether it was worked off. */
import { and, asc, eq, lt, sql } from 'drizzle-orm'
import type { Database } from './database.ts'
import { webhookDeliveries } from './schema.ts'

export type DeliveryState = (typeof webhookDeliveries.$inferSelect)['state']

export interface NewDelivery {
  readonly id: string
  readonly event: string
  /** JSON; null where nothing is to be done. */
  readonly payload: unknown
  readonly state: DeliveryState
  readonly reason: string | null
  readonly now: string
}

/**
 * Stores a delivery and gives its state. A GUID that is there keeps what was done: only a failed one starts anew, since
 * GitHub sends a redelivery under the same GUID.
 */
export async function receiveDelivery(database: Database, delivery: NewDelivery): Promise<DeliveryState> {
  const { id, event, payload, state, reason, now } = delivery
  const [row] = await database
    .insert(webhookDeliveries)
    .values({ id, event, payload, state, reason, receivedAt: now, updatedAt: now })
    .onConflictDoUpdate({
      target: webhookDeliveries.id,
      set: {
        state: sql`case when ${webhookDeliveries.state} = 'failed' then excluded.state else ${webhookDeliveries.state} end`,
        payload: sql`case when ${webhookDeliveries.state} = 'failed' then excluded.payload else ${webhookDeliveries.payload} end`,
        updatedAt: now,
      },
    })
    .returning({ state: webhookDeliveries.state })
  if (row === undefined) throw new Error('an upsert gave no row')
  return row.state
}

export async function findDelivery(
  database: Database,
  id: string,
): Promise<{ readonly payload: unknown; readonly state: DeliveryState } | null> {
  const [row] = await database
    .select({ payload: webhookDeliveries.payload, state: webhookDeliveries.state })
    .from(webhookDeliveries)
    .where(eq(webhookDeliveries.id, id))
  return row ?? null
}

export async function settleDelivery(
  database: Database,
  { id, state, reason, now }: Pick<NewDelivery, 'id' | 'state' | 'reason' | 'now'>,
): Promise<void> {
  await database
    .update(webhookDeliveries)
    .set({ state, reason: reason?.slice(0, 2_000) ?? null, updatedAt: now })
    .where(eq(webhookDeliveries.id, id))
}

/** Deliveries whose queue message got lost, oldest first; taken means that they count as received now. */
export async function takeForgottenDeliveries(
  database: Database,
  { before, now, limit }: { readonly before: string; readonly now: string; readonly limit: number },
): Promise<readonly string[]> {
  const rows = await database
    .select({ id: webhookDeliveries.id })
    .from(webhookDeliveries)
    .where(and(eq(webhookDeliveries.state, 'received'), lt(webhookDeliveries.updatedAt, before)))
    .orderBy(asc(webhookDeliveries.updatedAt))
    .limit(limit)
  for (const { id } of rows) await settleDelivery(database, { id, state: 'received', reason: null, now })
  return rows.map(({ id }) => id)
}
