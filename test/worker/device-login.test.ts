import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { KeyEnrolled } from '#core/api/evidence.ts'
import { DeviceLogin } from '#core/api/identity.ts'
import { createDeviceFlow } from '#test/fake-github/device-flow.ts'
import {
  createOrganisation,
  enrolmentBody,
  enrolmentToken,
  newKey,
  pushEvidence,
  request,
  sendJson,
  type TestOrganisation,
} from '#test/workerd/organisation.ts'
import { expectProblem } from '#test/workerd/problem.ts'
import { createApp } from '#worker/app.ts'

const clientId = 'Iv23acme'
let time = Date.parse('2026-11-22T10:00:00Z')
const flow = createDeviceFlow({ clientId, now: () => time })
const app = createApp()
const connected = { ...env, GITHUB_CLIENT_ID: clientId }

let acme: TestOrganisation
beforeAll(async () => {
  vi.spyOn(globalThis, 'fetch').mockImplementation(
    async (input, init) => (await flow.answer(new Request(input, init))) ?? new Response('', { status: 404 }),
  )
  acme = await createOrganisation('acme', 71)
  await enrolmentToken(acme.token, { name: 'Lin', login: 'Lin' })
})
afterAll(() => void vi.restoreAllMocks())

async function ask(path: string, body?: unknown, bindings: typeof env = connected): Promise<Response> {
  const context = createExecutionContext()
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body ?? {}) }
  const response = await app.fetch(new Request(`https://stemma.test${path}`, init), bindings, context)
  await waitOnExecutionContext(context)
  return response
}

async function begin() {
  const started = DeviceLogin.parse(await (await ask('/v1/device-login')).json())
  const { signer, spki } = await newKey()
  const body = await enrolmentBody(started.deviceCode, signer, spki)
  const poll = (more: object = {}) => {
    time += 20_000
    return ask('/v1/device-login/poll', { deviceCode: started.deviceCode, ...body, ...more })
  }
  return { started, signer, poll }
}

const lin = { id: 501, login: 'lin', name: 'Lin Chen', installations: [] }

describe('signing in with GitHub', () => {
  test('waits for the person, then enrols the key of an invited one, whose evidence is taken', async () => {
    const { started, signer, poll } = await begin()
    expect(started.verificationUri).toBe('https://github.com/login/device')
    expect((await poll()).status).toBe(202)
    flow.approve(started.userCode, lin)
    const response = await poll()
    expect(response.status).toBe(201)
    const enrolled = KeyEnrolled.parse(await response.json())
    expect(enrolled).toMatchObject({ organisation: { id: acme.id }, person: { name: 'Lin' }, keyId: signer.keyid })
    await pushEvidence({ token: enrolled.token, keyId: enrolled.keyId, personId: enrolled.person.id, signer })
    // The code is used up.
    await expectProblem(await poll(), 'sign-in-denied')
  })

  test('who has the login now, but is another account, is not let in', async () => {
    const { started, poll } = await begin()
    flow.approve(started.userCode, { ...lin, id: 502 })
    await expectProblem(await poll(), 'sign-in-not-allowed')
  })

  test('the account with another name since is the same person', async () => {
    const { started, poll } = await begin()
    flow.approve(started.userCode, { ...lin, login: 'lin-chen' })
    expect(await (await poll()).json()).toMatchObject({ person: { name: 'Lin' } })
  })

  test('a stranger is let in where the organisation lets in who sees its installation, and only then', async () => {
    const stranger = { id: 600, login: 'noor', name: null, installations: [71] }
    const first = await begin()
    flow.approve(first.started.userCode, stranger)
    await expectProblem(await first.poll(), 'sign-in-not-allowed')

    await sendJson('PUT', '/v1/sign-up', acme.token, { signUp: 'installation' })
    expect(await (await request('/v1/sign-up', { token: acme.token })).json()).toEqual({ signUp: 'installation' })
    const second = await begin()
    flow.approve(second.started.userCode, stranger)
    expect(await (await second.poll()).json()).toMatchObject({ person: { name: 'noor' } })

    const third = await begin()
    flow.approve(third.started.userCode, { id: 601, login: 'eve', name: null, installations: [72] })
    await expectProblem(await third.poll(), 'sign-in-not-allowed')
    // A login that belongs to another account of the organisation is not taken over.
    const fourth = await begin()
    flow.approve(fourth.started.userCode, { id: 602, login: 'noor', name: null, installations: [71] })
    await expectProblem(await fourth.poll(), 'sign-in-not-allowed')
  })

  test('who belongs to several organisations names one', async () => {
    const other = await createOrganisation('other')
    await enrolmentToken(other.token, { name: 'Sam', login: 'sam' })
    await enrolmentToken(acme.token, { name: 'Sam', login: 'sam' })
    const sam = { id: 700, login: 'sam', name: 'Sam', installations: [] }
    const first = await begin()
    flow.approve(first.started.userCode, sam)
    const problem = await expectProblem(await first.poll(), 'conflict')
    expect(problem.detail).toContain(other.id)
    const second = await begin()
    flow.approve(second.started.userCode, sam)
    expect(await (await second.poll({ organisation: other.id })).json()).toMatchObject({
      organisation: { id: other.id },
    })
  })

  test('a refusal, and a code that nobody entered in time', async () => {
    const refused = await begin()
    flow.deny(refused.started.userCode)
    await expectProblem(await refused.poll(), 'sign-in-denied')
    const forgotten = await begin()
    time += 900_000
    await expectProblem(await forgotten.poll(), 'sign-in-denied')
  })

  test('who asks too fast is told to wait longer', async () => {
    const { poll } = await begin()
    await poll()
    time -= 20_000
    expect(await (await poll()).json()).toEqual({ status: 'pending', intervalSeconds: 10 })
  })

  test('a wrong proof does not spend the code', async () => {
    const { started, poll } = await begin()
    flow.approve(started.userCode, lin)
    const { signer, spki } = await newKey()
    const wrong = await enrolmentBody('another code', signer, spki)
    await expectProblem(await poll({ ...wrong }), 'proof-invalid')
    expect((await poll()).status).toBe(201)
  })

  test('a platform that has no App for it says what else there is', async () => {
    const problem = await expectProblem(await ask('/v1/device-login', {}, env), 'unavailable')
    expect(problem.hint).toContain('stemma login --token')
  })
})
