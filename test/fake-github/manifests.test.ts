/** The App made by the manifest, and the set-up page's questions, against GitHub's own descriptions. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { judgeSetup } from '#worker/github/judge-setup.ts'
import { appEvents, appManifest, appPermissions, convertManifest } from '#worker/github/manifest.ts'
import { readAppState, readInstallationState } from '#worker/github/setup-state.ts'
import { type FakeGitHub, startFakeGitHub } from './server.ts'
import { newAppKey } from './workplace.ts'

const key = newAppKey()
const publicUrl = 'https://stemma.test'

let github: FakeGitHub
beforeEach(async () => {
  github = await startFakeGitHub({
    appId: 4711,
    publicKey: key.spki,
    webhookSecret: 's',
    permissions: appPermissions as Record<string, 'read' | 'write'>,
    events: appEvents,
  })
})
afterEach(() => github.close())

function create(manifest: unknown, page = '/organizations/acme/settings/apps/new?state=mine'): Promise<Response> {
  const body = new URLSearchParams({ manifest: JSON.stringify(manifest) })
  return fetch(`${github.url}${page}`, { method: 'POST', body, redirect: 'manual' })
}

test('the manifest makes an App, and its code gives the secrets once', async () => {
  const answer = await create(appManifest(publicUrl, 'Acme & Söhne, a company with a very long name'))
  expect([answer.status, await answer.text()]).toEqual([302, ''])
  const back = new URL(answer.headers.get('location') ?? '')
  expect([back.origin, back.pathname, back.searchParams.get('state')]).toEqual([publicUrl, '/setup/github', 'mine'])

  const code = back.searchParams.get('code') ?? ''
  const app = await convertManifest(github.url, code)
  expect(app.privateKey).toContain('BEGIN RSA PRIVATE KEY')
  expect(app.webhookSecret).toMatch(/^[0-9a-f]{40}$/)
  await expect(convertManifest(github.url, code)).rejects.toMatchObject({ code: 'not-found' })
  github.assertNoViolations()
})

test('GitHub refuses a manifest that asks for an event without its permission', async () => {
  const manifest = appManifest(publicUrl, 'Acme')
  const { merge_queues: _, ...less } = manifest.default_permissions
  expect((await create({ ...manifest, default_permissions: less })).status).toBe(422)
})

test('the set-up page sees App, suspension, repositories and rules as they are', async () => {
  const settings = { apiUrl: github.url, appId: '4711', privateKey: key.pkcs1 }
  await github.createRepository({
    owner: 'acme',
    name: 'pinned',
    requiredChecks: [
      { context: 'Stemma', integrationId: 4711 },
      { context: 'Stemma / EU AI Act' },
      { context: 'build' },
    ],
  })
  await github.createRepository({ owner: 'acme', name: 'loose', requiredChecks: [{ context: 'Stemma' }] })
  await github.createRepository({ owner: 'acme', name: 'free' })
  const { id } = github.install({ account: 'acme' })
  const judge = async (installation: number) =>
    judgeSetup({
      missingSecrets: [],
      address: github.url,
      publicUrl,
      appId: '4711',
      organisation: 'o',
      problem: null,
      app: await readAppState(settings),
      installations: [await readInstallationState(settings, { id: installation, account: 'acme' })],
      repositoriesSeen: ['acme/pinned', 'acme/elsewhere'],
    })
  const seen = (await judge(id)).map(({ state, subject }) => `${state} ${subject}`)
  expect(seen).toEqual([
    'done App',
    'missing Webhook',
    'done App: permissions and events',
    'done Installation on acme: permissions and events',
    'done Rules of acme/pinned',
    'missing Rules of acme/loose',
    'missing Rules of acme/free',
    'missing acme/elsewhere',
  ])

  const { found } = await readInstallationState(settings, { id, account: 'acme' })
  expect(found?.repositories?.map(({ requiredBeside }) => requiredBeside)).toEqual([
    [{ context: 'Stemma / EU AI Act', source: null }],
    [],
    [],
  ])

  github.suspend('acme', true)
  const suspended = (await judge(id)).find(({ subject }) => subject === 'Installation on acme')
  expect(suspended?.text).toContain('suspended since')
  github.suspend('acme', false)
  const gone = (await judge(1)).find(({ subject }) => subject === 'Installation on acme')
  expect(gone?.text).toContain('knows no installation 1')
  github.assertNoViolations()
})
