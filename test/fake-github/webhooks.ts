/** Signs, sends, logs and repeats webhook deliveries. */
import { createHmac, randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { Faults } from './faults.ts'
import type { Specification } from './openapi.ts'
import { type DeliveryRecord, type State, takeId, timestamp } from './state.ts'

/** GitHub gives up on a receiver after 10 s. */
const ANSWER_DEADLINE_MILLISECONDS = 10_000

interface WebhookEvent {
  readonly event: string
  readonly action: string | null
  readonly installationId: number | null
  readonly repositoryId: number | null
  readonly payload: Readonly<Record<string, unknown>>
}

/** Where deliveries go: an address, or a function in the same process. */
export type WebhookTarget = string | ((request: Request) => Promise<Response>)

export interface Webhooks {
  /** Null: deliveries are logged as failed and can be repeated later. */
  target: WebhookTarget | null
  /** Logs and sends; returns at once. */
  readonly send: (event: WebhookEvent) => DeliveryRecord
  /** Sends the same bytes again under the same GUID, as a new entry of the log. */
  readonly redeliver: (delivery: DeliveryRecord) => DeliveryRecord
  /** Counts work that will cause deliveries as unfinished. */
  readonly track: <T>(work: Promise<T>) => Promise<T>
  /** Resolves once nothing is under way. Rejects with the first failure of tracked work. */
  readonly settled: () => Promise<void>
}

interface WebhookOptions {
  readonly state: State
  readonly specification: Specification
  readonly faults: Faults
  readonly secret: string
  readonly appId: number
  readonly now: () => number
  readonly changed: () => void
  readonly target: WebhookTarget | null
}

/** `sha256=<hex>` over the very bytes that are sent. */
export function signature(secret: string, body: string): string {
  return `sha256=${createHmac('sha256', secret).update(body, 'utf8').digest('hex')}`
}

export function createWebhooks(options: WebhookOptions): Webhooks {
  const { state, specification, faults, now } = options
  const underWay = new Set<Promise<unknown>>()
  const failures: unknown[] = []

  const track = <T>(work: Promise<T>): Promise<T> => {
    const noted = work.catch((cause: unknown) => void failures.push(cause)).finally(() => underWay.delete(noted))
    underWay.add(noted)
    return work
  }

  const ask = async (delivery: DeliveryRecord): Promise<Response> => {
    if (webhooks.target === null) throw new Error('failed to connect to host')
    const url = typeof webhooks.target === 'string' ? webhooks.target : 'http://webhook.invalid/'
    const request = new Request(url, {
      method: 'POST',
      headers: delivery.requestHeaders,
      body: delivery.payload,
      signal: AbortSignal.timeout(ANSWER_DEADLINE_MILLISECONDS),
    })
    return typeof webhooks.target === 'string' ? fetch(request) : webhooks.target(request)
  }

  const deliver = async (delivery: DeliveryRecord): Promise<void> => {
    const started = performance.now()
    try {
      const response = await ask(delivery)
      delivery.responseBody = await response.text()
      delivery.statusCode = response.status
      delivery.status = response.ok ? 'OK' : response.statusText || 'Invalid HTTP Response'
    } catch (cause) {
      delivery.status =
        cause instanceof Error && cause.name === 'TimeoutError' ? 'timed out' : 'failed to connect to host'
    }
    delivery.duration = (performance.now() - started) / 1000
    options.changed()
  }

  const start = async (delivery: DeliveryRecord): Promise<void> => {
    const fault = faults.takeForDelivery(delivery.event, delivery.action)
    if (fault?.kind === 'drop') {
      delivery.status = 'dropped'
      return
    }
    if (fault?.kind === 'delay') await wait(fault.milliseconds)
    await Promise.all([deliver(delivery), ...(fault?.kind === 'duplicate' ? [deliver({ ...delivery })] : [])])
  }

  const record = (delivery: DeliveryRecord): DeliveryRecord => {
    state.deliveries.push(delivery)
    options.changed()
    void track(start(delivery))
    return delivery
  }

  const webhooks: Webhooks = {
    target: options.target,
    track,
    send: ({ event, action, installationId, repositoryId, payload }) => {
      const name = [event, action]
        .filter((part) => part !== null)
        .join('-')
        .replaceAll('_', '-')
      const problems = specification.checkWebhook(name, JSON.parse(JSON.stringify(payload)))
      if (problems.length > 0) state.violations.push({ direction: 'webhook', operation: name, problems })
      const body = JSON.stringify(payload)
      const guid = randomUUID()
      return record({
        id: takeId(state),
        guid,
        deliveredAt: timestamp(now()),
        redelivery: false,
        event,
        action,
        installationId,
        repositoryId,
        requestHeaders: {
          accept: '*/*',
          'content-type': 'application/json',
          'user-agent': 'GitHub-Hookshot/fa4e0c1',
          'x-github-delivery': guid,
          'x-github-event': event,
          'x-github-hook-id': String(options.appId),
          'x-github-hook-installation-target-id': String(options.appId),
          'x-github-hook-installation-target-type': 'integration',
          'x-hub-signature-256': signature(options.secret, body),
        },
        payload: body,
        duration: 0,
        status: 'pending',
        statusCode: 0,
        responseBody: null,
      })
    },
    redeliver: (delivery) =>
      record({
        ...delivery,
        id: takeId(state),
        deliveredAt: timestamp(now()),
        redelivery: true,
        duration: 0,
        status: 'pending',
        statusCode: 0,
        responseBody: null,
      }),
    settled: async () => {
      while (underWay.size > 0) await Promise.allSettled([...underWay])
      const [failure] = failures.splice(0)
      if (failure !== undefined) throw failure
    },
  }
  return webhooks
}
