import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, test } from 'vitest'
import { Me, SignInLink } from '#core/api/account.ts'
import { createOrganisation, request, type TestOrganisation } from '#test/workerd/organisation.ts'
import { expectProblem } from '#test/workerd/problem.ts'

let organisation: TestOrganisation
beforeAll(async () => {
  organisation = await createOrganisation('acme')
})

async function link(token: string): Promise<string> {
  const response = await request('/v1/sign-in-links', { method: 'POST', token })
  expect(response.status).toBe(201)
  return SignInLink.parse(await response.json()).url.replace('https://stemma.test', '')
}

async function signIn(token: string): Promise<string> {
  const response = await request(await link(token))
  return response.headers.get('set-cookie')?.split(';')[0] ?? ''
}

describe('a sign-in link', () => {
  test('gives a cookie that scripts cannot read, once', async () => {
    const path = await link(organisation.token)
    const response = await request(path)
    expect(response.status).toBe(302)
    expect(response.headers.get('location')).toBe('/')
    const cookie = response.headers.get('set-cookie') ?? ''
    for (const attribute of ['HttpOnly', 'SameSite=Lax', 'Secure', 'Path=/']) expect(cookie).toContain(attribute)
    await expectProblem(await request(path), 'credential-invalid')

    const me = await request('/v1/me', { headers: { cookie: cookie.split(';')[0] ?? '' } })
    expect(Me.parse(await me.json())).toMatchObject({ organisation: { id: organisation.id }, role: 'administrator' })
  })

  test('opens nothing by itself', async () => {
    const token = (await link(organisation.token)).split('token=')[1] ?? ''
    await expectProblem(await request('/v1/me', { token }), 'credential-invalid')
    await expectProblem(
      await request('/v1/me', { headers: { cookie: `stemma_session=${token}` } }),
      'credential-invalid',
    )
  })

  test('expires', async () => {
    const path = await link(organisation.token)
    await env.DB.prepare("update credentials set expires_at = '2020-01-01T00:00:00.000Z' where kind = 'sign-in'").run()
    await expectProblem(await request(path), 'credential-invalid')
  })

  test('of a device gives the rights of a device', async () => {
    const cookie = await signIn(organisation.machine.token)
    expect(Me.parse(await (await request('/v1/me', { headers: { cookie } })).json()).role).toBe('member')
    await expectProblem(await request('/v1/dead-letters', { headers: { cookie } }), 'credential-insufficient')
  })
})

describe('a browser session', () => {
  test('changes nothing for another site', async () => {
    const cookie = await signIn(organisation.token)
    const post = (origin: Record<string, string>) =>
      request('/v1/sign-in-links', { method: 'POST', headers: { cookie, ...origin } })
    await expectProblem(await post({}), 'credential-insufficient')
    await expectProblem(await post({ origin: 'https://evil.test' }), 'credential-insufficient')
    await expectProblem(await post({ origin: 'null' }), 'credential-insufficient')
    expect((await post({ origin: 'https://stemma.test' })).status).toBe(201)
  })

  test('is no bearer token, and a bearer token is no cookie', async () => {
    const cookie = await signIn(organisation.token)
    const secret = cookie.split('=')[1] ?? ''
    await expectProblem(await request('/v1/me', { token: secret }), 'credential-invalid')
    const asCookie = { cookie: `stemma_session=${organisation.token}` }
    await expectProblem(await request('/v1/me', { headers: asCookie }), 'credential-invalid')
  })

  test('ends with sign-out', async () => {
    const cookie = await signIn(organisation.token)
    const response = await request('/sign-out', { method: 'POST', headers: { cookie } })
    expect(response.status).toBe(204)
    await expectProblem(await request('/v1/me', { headers: { cookie } }), 'credential-invalid')
  })
})
