/** How a browser gets in: a link that works once, exchanged for a cookie. */
import { createRoute, z } from '@hono/zod-openapi'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { Me, SignInLink } from '#core/api/account.ts'
import { Fault } from '#core/fault.ts'
import { createRouter } from '../context.ts'
import { authenticate, forgetCredentials, SESSION_COOKIE } from '../middleware/authenticate.ts'
import { limitAttempts } from '../middleware/limit-attempts.ts'
import { digestOf, newSecret, secondsFrom } from '../secrets.ts'
import { endBrowserSession, exchangeSignIn, issueCredential } from '../store/credentials.ts'
import { openDatabase } from '../store/database.ts'
import { bearer, credentialProblems, json, problems } from './responses.ts'

const LINK_SECONDS = 15 * 60
/** A work week: the dashboard shows an organisation's data, and the link is one command away. */
const SESSION_SECONDS = 7 * 24 * 60 * 60

const makeLink = createRoute({
  method: 'post',
  path: '/v1/sign-in-links',
  summary: 'Make a link that signs a browser in, once, within 15 minutes',
  security: bearer,
  middleware: [authenticate] as const,
  responses: { 201: json('The link.', SignInLink), ...problems(...credentialProblems) },
})

const signInWithLink = createRoute({
  method: 'get',
  path: '/sign-in',
  summary: 'Exchange a sign-in link for a session cookie',
  middleware: [limitAttempts] as const,
  request: { query: z.object({ token: z.string().max(200) }) },
  responses: {
    302: { description: 'Signed in; leads to the dashboard.' },
    ...problems('request-malformed', 'credential-invalid', 'rate-limited'),
  },
})

const signOut = createRoute({
  method: 'post',
  path: '/sign-out',
  summary: "End the browser's session",
  responses: { 204: { description: 'Signed out.' } },
})

const readMe = createRoute({
  method: 'get',
  path: '/v1/me',
  summary: 'Whose credential this is',
  security: bearer,
  middleware: [authenticate] as const,
  responses: { 200: json('Organisation, person and role.', Me), ...problems(...credentialProblems) },
})

export const signIn = createRouter()
  .openapi(makeLink, async (context) => {
    const { organisation, person, role } = context.get('principal')
    const now = new Date().toISOString()
    const { secret, digest } = await newSecret('sign-in')
    const expiresAt = secondsFrom(now, LINK_SECONDS)
    await issueCredential(organisation.id, openDatabase(context.env.DB), {
      digest,
      person: person.id,
      kind: 'sign-in',
      // The browser may do what the maker of the link may do, no more.
      role,
      now,
      expiresAt,
    })
    return context.json({ url: `${context.env.PUBLIC_URL}/sign-in?token=${secret}`, expiresAt }, 201)
  })
  .openapi(signInWithLink, async (context) => {
    const now = new Date().toISOString()
    const { secret, digest } = await newSecret('browser')
    const link = await digestOf(context.req.valid('query').token)
    const opened = await exchangeSignIn(openDatabase(context.env.DB), link, {
      digest,
      now,
      expiresAt: secondsFrom(now, SESSION_SECONDS),
    })
    if (!opened) {
      throw new Fault('credential-invalid', {
        message: 'The link was used already, or is older than 15 minutes.',
        hint: 'Make a new one with `POST /v1/sign-in-links`.',
      })
    }
    setCookie(context, SESSION_COOKIE, secret, {
      httpOnly: true,
      sameSite: 'Lax',
      path: '/',
      maxAge: SESSION_SECONDS,
      // A browser keeps no Secure cookie of a plain http page, which a local run is.
      secure: new URL(context.req.url).protocol === 'https:',
    })
    return context.redirect('/', 302)
  })
  .openapi(signOut, async (context) => {
    const cookie = getCookie(context, SESSION_COOKIE)
    if (cookie !== undefined) {
      await endBrowserSession(openDatabase(context.env.DB), await digestOf(cookie), new Date().toISOString())
      forgetCredentials()
      deleteCookie(context, SESSION_COOKIE, { path: '/' })
    }
    return context.body(null, 204)
  })
  .openapi(readMe, (context) => {
    const { organisation, person, role } = context.get('principal')
    return context.json({ organisation, person, role }, 200)
  })
