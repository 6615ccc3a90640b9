import { App } from '@octokit/app'
import { Octokit } from '@octokit/core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { APP_ID, appJwt, ask, newAppKey, openWorkplace, type Workplace } from './workplace.ts'

let place: Workplace
let late = 0

beforeAll(async () => {
  place = await openWorkplace({ now: () => Date.now() + late })
  await place.github.createRepository({ owner: 'acme', name: 'other' })
  await place.github.createRepository({ owner: 'stranger', name: 'secret' })
})
afterEach(() => {
  late = 0
  place.github.assertNoViolations()
})
afterAll(() => place.close())

const seconds = (): number => Math.floor(Date.now() / 1000)

async function withJwt(jwt: string) {
  return ask(`${place.github.url}/app`, { headers: { authorization: `Bearer ${jwt}` } })
}

async function tokenFor(body: unknown): Promise<string> {
  const { status, body: answer } = await place.asApp(
    'POST',
    `/app/installations/${place.installation.id}/access_tokens`,
    body,
  )
  expect(status).toBe(201)
  return answer.token
}

function withToken(token: string, method: string, path: string, body?: unknown) {
  const init = { method, headers: { authorization: `token ${token}` } }
  return ask(`${place.github.url}${path}`, body === undefined ? init : { ...init, body: JSON.stringify(body) })
}

test('a good JWT is the App', async () => {
  const { status, body } = await withJwt(await appJwt(place.key))
  expect([status, body.id, body.slug]).toEqual([200, APP_ID, 'stemma'])
})

test.each([
  ['signed by another key', () => appJwt(newAppKey()), 401, /could not be decoded/],
  ['expired', () => appJwt(place.key, { issuedAt: seconds() - 700, expiresAt: seconds() - 100 }), 401, /future time/],
  ['living too long', () => appJwt(place.key, { expiresAt: seconds() + 700 }), 401, /too far in the future/],
  ['from the future', () => appJwt(place.key, { issuedAt: seconds() + 120 }), 401, /'iat'/],
  ['of another App', () => appJwt(place.key, { issuer: '1' }), 404, /Integration not found/],
  ['that is no JWT', async () => 'nonsense', 401, /could not be decoded/],
])('a JWT %s is refused', async (_, make, status, message) => {
  const answer = await withJwt(await make())
  expect(answer.status).toBe(status)
  expect(answer.body.message).toMatch(message)
  expect(answer.body.status).toBe(String(status))
})

test('an unsigned JWT is refused', async () => {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = { iss: String(APP_ID), iat: seconds() - 5, exp: seconds() + 100 }
  expect((await withJwt(`${part({ alg: 'none' })}.${part(claims)}.`)).status).toBe(401)
})

test('a JWT is no installation token, and an installation token is no JWT', async () => {
  const jwt = await appJwt(place.key)
  expect((await withToken(jwt, 'GET', '/repos/acme/shop')).status).toBe(401)
  expect((await withJwt(await tokenFor({}))).status).toBe(401)
})

test('without a credential there is 401', async () => {
  const { status, body } = await ask(`${place.github.url}/repos/acme/shop`, {})
  expect([status, body.message]).toEqual([401, 'Requires authentication'])
})

test('a token lives for an hour', async () => {
  const token = await tokenFor({})
  late = 3_500_000
  expect((await withToken(token, 'GET', '/repos/acme/shop')).status).toBe(200)
  late = 3_700_000
  const { status, body } = await withToken(token, 'GET', '/repos/acme/shop')
  expect([status, body.message]).toEqual([401, 'Bad credentials'])
})

test('all tokens can be made to expire at once', async () => {
  const token = await tokenFor({})
  place.github.expireTokens()
  expect((await withToken(token, 'GET', '/repos/acme/shop')).status).toBe(401)
})

test('a token narrowed to a repository reaches no other', async () => {
  const token = await tokenFor({ repositories: ['other'] })
  expect((await withToken(token, 'GET', '/repos/acme/other')).status).toBe(200)
  expect((await withToken(token, 'GET', '/repos/acme/shop')).status).toBe(404)
  const listed = await withToken(token, 'GET', '/installation/repositories')
  expect(listed.body.repositories.map((one: { name: string }) => one.name)).toEqual(['other'])
})

test('a repository of another account is 404, as if it did not exist', async () => {
  expect((await withToken(await tokenFor({}), 'GET', '/repos/stranger/secret')).status).toBe(404)
})

test('a token narrowed in permissions may not do the rest', async () => {
  const token = await tokenFor({ permissions: { checks: 'read' } })
  expect((await withToken(token, 'GET', '/repos/acme/shop/commits/main/check-runs')).status).toBe(200)
  const { status, body } = await withToken(token, 'POST', '/repos/acme/shop/check-runs', { name: 'a', head_sha: 'b' })
  expect([status, body.message]).toEqual([403, 'Resource not accessible by integration'])
  expect((await withToken(token, 'GET', '/repos/acme/shop/pulls')).status).toBe(403)
})

test('a token cannot be wider than its installation', async () => {
  const path = `/app/installations/${place.installation.id}/access_tokens`
  expect((await place.asApp('POST', path, { permissions: { contents: 'write' } })).status).toBe(422)
  expect((await place.asApp('POST', path, { repositories: ['missing'] })).status).toBe(422)
  expect((await place.asApp('POST', '/app/installations/1/access_tokens', {})).status).toBe(404)
})

test('Octokit goes from the App to a check run', async () => {
  const app = new App({
    appId: APP_ID,
    privateKey: place.key.pkcs8,
    Octokit: Octokit.defaults({ baseUrl: place.github.url }),
  })
  const octokit = await app.getInstallationOctokit(place.installation.id)
  const { status, data } = await octokit.request('POST /repos/{owner}/{repo}/check-runs', {
    owner: 'acme',
    repo: 'shop',
    name: 'Stemma',
    head_sha: (await place.git('rev-parse', 'main')).trim(),
    status: 'in_progress',
  })
  expect([status, data.status, data.app?.id]).toEqual([201, 'in_progress', APP_ID])
  expect(place.github.state.checkRuns.at(-1)?.id).toBe(data.id)
})
