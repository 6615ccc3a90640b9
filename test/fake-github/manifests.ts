/** GitHub Apps registered by a manifest: the page that takes it, and the code for which the secrets are given, once. */
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import type { Hono } from 'hono'
import { z } from 'zod'
import type { Context } from './context.ts'
import { notFound } from './refusal.ts'
import { userNamed } from './shapes/account.ts'
import { appShape } from './shapes/app.ts'
import { accountOf, takeId } from './state.ts'

/** "You must complete this step within one hour." */
const CODE_LIFETIME_MILLISECONDS = 3_600_000

/** What an event shows is what this permission protects (GitHub's "Webhook events and payloads"). */
const permissionOf: Readonly<Record<string, string>> = {
  check_run: 'checks',
  check_suite: 'checks',
  merge_group: 'merge_queues',
  pull_request: 'pull_requests',
  pull_request_review: 'pull_requests',
  push: 'contents',
  repository: 'metadata',
}

const levels = z.enum(['read', 'write'])

/** Properties as GitHub lists them under "GitHub App Manifest parameters"; others are a mistake of the sender. */
const ManifestJson = z
  .strictObject({
    name: z.string().min(1).max(34),
    url: z.url(),
    hook_attributes: z.strictObject({ url: z.url(), active: z.boolean().optional() }),
    redirect_url: z.url(),
    callback_urls: z.array(z.url()).max(10).optional(),
    setup_url: z.url().optional(),
    description: z.string().optional(),
    public: z.boolean().optional(),
    default_events: z.array(z.string()).default([]),
    default_permissions: z.record(z.string(), levels).default({}),
    request_oauth_on_install: z.boolean().optional(),
    setup_on_update: z.boolean().optional(),
  })
  .superRefine(({ default_events: events, default_permissions: permissions }, refinement) => {
    for (const event of events) {
      const needed = permissionOf[event]
      if (needed === undefined || permissions[needed] === undefined)
        refinement.addIssue({ code: 'custom', message: `Default events unsupported: ${event}` })
    }
  })

/** The person has signed in and clicks "Create GitHub App" at once. */
export function manifestPages(app: Hono, context: Context): void {
  const register = async (request: Request, owner: string): Promise<Response> => {
    const text = String((await request.formData()).get('manifest') ?? '')
    const parsed = ManifestJson.safeParse(json(text))
    if (!parsed.success) return new Response(z.prettifyError(parsed.error), { status: 422 })
    const { data } = parsed
    const code = randomBytes(20).toString('hex')
    context.state.registrations.push({
      code,
      owner,
      manifest: {
        name: data.name,
        url: data.url,
        redirectUrl: data.redirect_url,
        webhookUrl: data.hook_attributes.url,
        permissions: data.default_permissions,
        events: data.default_events,
      },
      expiresAt: context.now() + CODE_LIFETIME_MILLISECONDS,
    })
    context.changed()
    const back = new URL(data.redirect_url)
    back.searchParams.set('code', code)
    const state = new URL(request.url).searchParams.get('state')
    if (state !== null) back.searchParams.set('state', state)
    return new Response(null, { status: 302, headers: { location: back.toString() } })
  }
  app.post('/settings/apps/new', ({ req }) => register(req.raw, context.app.owner))
  app.post('/organizations/:organisation/settings/apps/new', ({ req }) =>
    register(req.raw, accountOf(context.state, req.param('organisation'), 'Organization').login),
  )
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** Throws not found for a code that is unknown, used or old, as GitHub does. */
export function redeemManifest(context: Context, code: string): unknown {
  const { state } = context
  const found = state.registrations.find((one) => one.code === code && one.expiresAt > context.now())
  if (found === undefined) throw notFound()
  state.registrations = state.registrations.filter((one) => one !== found)
  context.changed()
  const { manifest, owner } = found
  const id = takeId(state)
  const slug = manifest.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  return {
    ...appShape(context),
    id,
    slug,
    client_id: `Iv23li${id}`,
    owner: userNamed(context, owner),
    name: manifest.name,
    external_url: manifest.url,
    html_url: `${context.url()}/apps/${slug}`,
    permissions: { metadata: 'read', ...manifest.permissions },
    events: manifest.events,
    client_secret: randomBytes(20).toString('hex'),
    webhook_secret: randomBytes(20).toString('hex'),
    pem: privateKey,
  }
}
