/**
 * GitHub's device flow (RFC 8628) and what a person's token may ask: stateful, and as strict as GitHub. Web-standard, so
 * that it runs beside the Worker, too.
 */

interface Account {
  readonly id: number
  readonly login: string
  readonly name: string | null
  /** Ids of the App's installations that the person may see. */
  readonly installations: readonly number[]
}

interface Started {
  readonly deviceCode: string
  readonly userCode: string
  readonly expiresAt: number
  interval: number
  askedAt: number | null
  state: 'waiting' | 'denied' | 'used' | { readonly account: Account }
}

export interface DeviceFlow {
  /** null for addresses that are not of this flow. */
  readonly answer: (request: Request) => Promise<Response | null>
  /** What a person does at `verification_uri`. Throws where no such code waits. */
  readonly approve: (userCode: string, account: Account) => void
  readonly deny: (userCode: string) => void
}

const EXPIRES_SECONDS = 900
const INTERVAL_SECONDS = 5
const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:device_code'

interface Settings {
  readonly clientId: string
  /** Milliseconds. */
  readonly now: () => number
  /** 5 as GitHub's; 0 lets a test ask as fast as it likes. */
  readonly interval?: number
  /** Address of the site itself. */
  readonly site?: () => string
}

export function createDeviceFlow({
  clientId,
  now,
  interval = INTERVAL_SECONDS,
  site = () => 'https://github.com',
}: Settings): DeviceFlow {
  const flows: Started[] = []
  const tokens = new Map<string, Account>()

  const refuse = (error: string, more: Readonly<Record<string, unknown>> = {}) =>
    Response.json({ error, error_description: error, error_uri: 'https://docs.github.com/developers/apps', ...more })

  async function start(request: Request): Promise<Response> {
    const body = await bodyOf(request)
    if (body['client_id'] !== clientId) return Response.json({ error: 'Not Found' }, { status: 404 })
    const number = flows.length + 1
    const started: Started = {
      deviceCode: random(20),
      userCode: `WDJB-${String(number).padStart(4, '0')}`,
      expiresAt: now() + EXPIRES_SECONDS * 1_000,
      interval,
      askedAt: null,
      state: 'waiting',
    }
    flows.push(started)
    return Response.json({
      device_code: started.deviceCode,
      user_code: started.userCode,
      verification_uri: `${site()}/login/device`,
      expires_in: EXPIRES_SECONDS,
      // GitHub never tells less than a second.
      interval: Math.max(1, interval),
    })
  }

  async function exchange(request: Request): Promise<Response> {
    const body = await bodyOf(request)
    if (body['client_id'] !== clientId) return refuse('incorrect_client_credentials')
    if (body['grant_type'] !== GRANT_TYPE) return refuse('unsupported_grant_type')
    const flow = flows.find(({ deviceCode }) => deviceCode === body['device_code'])
    if (flow === undefined || flow.state === 'used') return refuse('incorrect_device_code')
    if (now() >= flow.expiresAt) return refuse('expired_token')
    const isTooSoon = flow.askedAt !== null && now() - flow.askedAt < flow.interval * 1_000
    flow.askedAt = now()
    if (isTooSoon) {
      flow.interval += 5
      return refuse('slow_down', { interval: flow.interval })
    }
    if (flow.state === 'waiting') return refuse('authorization_pending')
    if (flow.state === 'denied') return refuse('access_denied')
    const token = `ghu_${random(18)}`
    tokens.set(token, flow.state.account)
    flow.state = 'used'
    return Response.json({ access_token: token, token_type: 'bearer', scope: '' })
  }

  function asPerson(request: Request, answer: (account: Account) => unknown): Response {
    const token = /^(?:bearer|token) (\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1] ?? ''
    const account = tokens.get(token)
    if (account === undefined) return Response.json({ message: 'Bad credentials' }, { status: 401 })
    return Response.json(answer(account))
  }

  const waiting = (userCode: string): Started => {
    const flow = flows.find((one) => one.userCode === userCode && one.state === 'waiting')
    if (flow === undefined) throw new Error(`no sign-in waits for ${userCode}`)
    return flow
  }

  return {
    answer: async (request) => {
      const { pathname } = new URL(request.url)
      const path = pathname.replace(/^\/api\/v3/, '')
      if (request.method === 'POST' && path === '/login/device/code') return start(request)
      if (request.method === 'POST' && path === '/login/oauth/access_token') return exchange(request)
      if (request.method !== 'GET') return null
      if (path === '/user') return asPerson(request, ({ id, login, name }) => ({ id, login, name, type: 'User' }))
      if (path === '/user/installations') {
        return asPerson(request, ({ installations }) => ({
          total_count: installations.length,
          installations: installations.map((id) => ({ id })),
        }))
      }
      return null
    },
    approve: (userCode, account) => {
      waiting(userCode).state = { account }
    },
    deny: (userCode) => {
      waiting(userCode).state = 'denied'
    },
  }
}

/** GitHub takes form and JSON alike. */
async function bodyOf(request: Request): Promise<Readonly<Record<string, unknown>>> {
  const text = await request.text()
  const isJson = request.headers.get('content-type')?.startsWith('application/json') ?? false
  return isJson ? JSON.parse(text) : Object.fromEntries(new URLSearchParams(text))
}

function random(bytes: number): string {
  return [...crypto.getRandomValues(new Uint8Array(bytes))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
