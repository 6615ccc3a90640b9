/** Headers that keep hostile text (transcripts, branch names, model output) from doing anything in a browser. */
import { createMiddleware } from 'hono/factory'
import type { AppEnv } from '../context.ts'
import { gitHubAddress } from '../github/addresses.ts'

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

export const securityHeaders = createMiddleware<AppEnv>(async (context, next) => {
  await next()
  const { headers } = context.res
  // From here alone a form leaves for GitHub: the manifest of the App.
  const forms = context.req.path === '/setup/github' ? ` ${new URL(gitHubAddress(context.env)).origin}` : ''
  headers.set(
    'content-security-policy',
    CONTENT_SECURITY_POLICY.replace("form-action 'self'", (own) => own + forms),
  )
  headers.set('x-content-type-options', 'nosniff')
  headers.set('referrer-policy', 'no-referrer')
  headers.set('cross-origin-opener-policy', 'same-origin')
  headers.set('cross-origin-resource-policy', 'same-origin')
  if (new URL(context.req.url).protocol === 'https:') {
    headers.set('strict-transport-security', 'max-age=31536000')
  }
  // Answers of the API hold an organisation's data: no cache may keep them, but for what a route says never changes.
  if (context.req.path.startsWith('/v1/') && !headers.has('cache-control')) headers.set('cache-control', 'no-store')
})
