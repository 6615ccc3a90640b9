/** How much of the limits is left. */
import { type RateLimits, rateHeaders } from '../rate-limit.ts'
import { ok, type Router } from '../route.ts'

export function rateLimitRoutes(router: Router, rates: RateLimits): void {
  router.forInstallation('rate-limit/get', ({ token }) => {
    const core = rates.state(`installation ID ${token.installationId}`)
    const search = { ...core, limit: 30, used: 0, remaining: 30 }
    return ok(
      { resources: { core, search, graphql: { ...core, used: 0, remaining: core.limit } }, rate: core },
      rateHeaders(core),
    )
  })
}
