/** The App, its installations, their tokens, and the log of its deliveries. */
import type { Context } from '../context.ts'
import { redeemManifest } from '../manifests.ts'
import { pageOf } from '../paging.ts'
import { notFound } from '../refusal.ts'
import { type Asked, ok, type Router } from '../route.ts'
import { appShape, installationShape } from '../shapes/app.ts'
import { deliveryItemShape, deliveryShape } from '../shapes/delivery.ts'
import { repositoryShape } from '../shapes/repository.ts'
import {
  covers,
  type DeliveryRecord,
  findRepository,
  type Installation,
  type Permissions,
  repositoriesOf,
} from '../state.ts'
import { installationOf, issueToken } from '../tokens.ts'

interface TokenBody {
  readonly repositories?: readonly string[]
  readonly repository_ids?: readonly number[]
  readonly permissions?: Permissions
}

export function appRoutes(router: Router, context: Context): void {
  const installation = ({ param }: Asked): Installation => {
    const found = context.state.installations.find(({ id }) => id === Number(param('installation_id')))
    if (found === undefined) throw notFound()
    return found
  }
  const delivery = ({ param }: Asked): DeliveryRecord => {
    const found = context.state.deliveries.find(({ id }) => id === Number(param('delivery_id')))
    if (found === undefined) throw notFound()
    return found
  }

  router.forApp('apps/get-authenticated', () => {
    const installations_count = context.state.installations.length
    return ok({ ...appShape(context), installations_count })
  })

  router.forApp('apps/list-installations', (asked) => {
    const { items, headers } = pageOf(context.state.installations, asked)
    return ok(
      items.map((item) => installationShape(context, item)),
      headers,
    )
  })

  router.forApp('apps/get-installation', (asked) => ok(installationShape(context, installation(asked))))

  router.forApp('apps/get-repo-installation', ({ param }) => {
    const repository = findRepository(context.state, param('owner'), param('repo'))
    const found = context.state.installations.find((one) => repository !== undefined && covers(one, repository))
    if (found === undefined) throw notFound()
    return ok(installationShape(context, found))
  })

  router.forApp('apps/create-installation-access-token', (asked) => {
    const parent = installation(asked)
    // The operation's schema has accepted the body.
    const token = issueToken(context, parent, asked.body as TokenBody)
    const repositories = context.state.repositories.filter(({ id }) => token.repositoryIds?.includes(id))
    return {
      status: 201,
      body: {
        token: token.token,
        expires_at: new Date(token.expiresAt).toISOString(),
        permissions: token.permissions,
        repository_selection: token.repositoryIds === null ? parent.repositorySelection : 'selected',
        ...(token.repositoryIds === null
          ? {}
          : { repositories: repositories.map((repository) => repositoryShape(context, repository)) }),
      },
    }
  })

  router.forInstallation('apps/list-repos-accessible-to-installation', (asked) => {
    const { token } = asked
    const all = repositoriesOf(context.state, installationOf(context, token)).filter(
      ({ id }) => token.repositoryIds === null || token.repositoryIds.includes(id),
    )
    const { items, headers } = pageOf(all, asked)
    const repositories = items.map((repository) => repositoryShape(context, repository))
    return ok({ total_count: all.length, repositories }, headers)
  })

  router.forAnyone('apps/create-from-manifest', ({ param }) => ({
    status: 201,
    body: redeemManifest(context, param('code')),
  }))

  router.forApp('apps/get-webhook-config-for-app', () => {
    const { target } = context.webhooks
    const url = typeof target === 'string' ? { url: target } : {}
    return ok({ content_type: 'json', insecure_ssl: '0', secret: '********', ...url })
  })

  router.forApp('apps/list-webhook-deliveries', (asked) => {
    const wanted = asked.query('status')
    const isWanted = ({ statusCode }: DeliveryRecord): boolean =>
      wanted === undefined || (wanted === 'success') === (statusCode >= 200 && statusCode < 400)
    const cursor = Number(asked.query('cursor') ?? Number.POSITIVE_INFINITY)
    const size = Math.min(Number(asked.query('per_page') ?? 30) || 30, 100)
    const newest = context.state.deliveries.filter((one) => one.id < cursor && isWanted(one)).toReversed()
    const items = newest.slice(0, size)
    const next = new URL(asked.url)
    next.searchParams.set('cursor', String(items.at(-1)?.id ?? 0))
    return ok(items.map(deliveryItemShape), newest.length > size ? { link: `<${next.toString()}>; rel="next"` } : {})
  })

  router.forApp('apps/get-webhook-delivery', (asked) => ok(deliveryShape(context, delivery(asked))))

  router.forApp('apps/redeliver-webhook-delivery', (asked) => {
    context.webhooks.redeliver(delivery(asked))
    return { status: 202, body: {} }
  })
}
