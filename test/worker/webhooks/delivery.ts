/** Deliveries as GitHub sends them. */
import { createHmac } from 'node:crypto'
import { request } from '#test/workerd/organisation.ts'

const WEBHOOK_SECRET = 'webhook-secret-of-the-tests'

export interface Delivery {
  readonly id: string
  readonly event: string
  readonly body: string
  readonly secret?: string
  readonly headers?: Readonly<Record<string, string>>
}

export function deliver({ id, event, body, secret = WEBHOOK_SECRET, headers = {} }: Delivery): Promise<Response> {
  return request('/webhooks/github', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-github-delivery': id,
      'x-github-event': event,
      'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
      ...headers,
    },
    body,
  })
}

export function pullRequestEvent(action: string, change: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    action,
    number: 7,
    pull_request: { title: 'kept out of the database' },
    installation: { id: 31 },
    repository: { id: 77, full_name: 'octo/widgets' },
    sender: { login: 'somebody' },
    ...change,
  })
}
