import { generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FakeGitHub, startFakeGitHub } from './server.ts'

let github: FakeGitHub
let time = Date.parse('2026-11-22T10:00:00Z')
beforeAll(async () => {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  github = await startFakeGitHub({ appId: 1, publicKey: pem, webhookSecret: 'secret', now: () => time })
})
afterAll(() => github.close())

async function post(path: string, body: Readonly<Record<string, string>>) {
  const response = await fetch(`${github.url}${path}`, {
    method: 'POST',
    headers: { accept: 'application/json' },
    body: new URLSearchParams(body),
  })
  return { status: response.status, json: (await response.json()) as Record<string, string> }
}

const clientId = 'Iv23stemma'
const grant = { client_id: clientId, grant_type: 'urn:ietf:params:oauth:grant-type:device_code' }
const exchange = (deviceCode: string | undefined, more: object = {}) =>
  post('/login/oauth/access_token', { ...grant, device_code: deviceCode ?? '', ...more })

test('the device flow, step by step, and each step out of order', async () => {
  expect((await post('/login/device/code', { client_id: 'other' })).status).toBe(404)
  const { json: started } = await post('/login/device/code', { client_id: clientId })
  expect(started['verification_uri']).toBe(`${github.url}/login/device`)
  const code = started['device_code']
  expect((await exchange('no-such-code')).json).toMatchObject({ error: 'incorrect_device_code' })
  expect((await exchange(code, { grant_type: 'password' })).json).toMatchObject({ error: 'unsupported_grant_type' })
  expect((await exchange(code)).json).toMatchObject({ error: 'authorization_pending' })
  expect((await exchange(code)).json).toMatchObject({ error: 'slow_down', interval: 10 })
  expect(() => github.deviceFlow.approve('WRONG', account)).toThrow('no sign-in waits')
  github.deviceFlow.approve(started['user_code'] ?? '', account)
  time += 10_000
  const { json: granted } = await exchange(code)
  const ask = async (path: string, token = granted['access_token'] ?? '') => {
    const response = await fetch(`${github.url}${path}`, { headers: { authorization: `Bearer ${token}` } })
    return response.json()
  }
  expect(await ask('/user')).toMatchObject({ id: 7, login: 'grace' })
  expect(await ask('/user/installations')).toMatchObject({ installations: [{ id: 3 }] })
  expect(await ask('/user', 'ghu_other')).toEqual({ message: 'Bad credentials' })
  expect((await exchange(code)).json).toMatchObject({ error: 'incorrect_device_code' })
})

const account = { id: 7, login: 'grace', name: 'Grace', installations: [3] }
