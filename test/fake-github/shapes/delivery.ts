/** The log of webhook deliveries as GitHub's API shows it. */
import type { Context } from '../context.ts'
import type { DeliveryRecord } from '../state.ts'

export function deliveryItemShape(delivery: DeliveryRecord): Record<string, unknown> {
  return {
    id: delivery.id,
    guid: delivery.guid,
    delivered_at: delivery.deliveredAt,
    redelivery: delivery.redelivery,
    duration: delivery.duration,
    status: delivery.status,
    status_code: delivery.statusCode,
    event: delivery.event,
    action: delivery.action,
    installation_id: delivery.installationId,
    repository_id: delivery.repositoryId,
    throttled_at: null,
  }
}

export function deliveryShape(context: Context, delivery: DeliveryRecord): Record<string, unknown> {
  const { target } = context.webhooks
  return {
    ...deliveryItemShape(delivery),
    url: typeof target === 'string' ? target : '',
    request: { headers: delivery.requestHeaders, payload: JSON.parse(delivery.payload) },
    response: { headers: {}, payload: delivery.responseBody },
  }
}
