import { describe, expect, test } from 'vitest'
import { SetupDone } from '#core/api/account.ts'
import { GitHubSetup } from '#core/api/github-setup.ts'
import { defaultContract } from '#core/policy/contract.ts'
import { createOrganisation, request, sendJson } from '#test/workerd/organisation.ts'
import { expectProblem } from '#test/workerd/problem.ts'

const OPERATOR = 'setup-token-of-the-tests'
const body = { organisation: 'acme', administrator: { name: 'Ada', login: 'ada' } }

describe('GET /v1/github/setup', () => {
  test('lists the contexts that rules can require, and which the contract asks for', async () => {
    const { token } = await createOrganisation('contexts')
    const checksOf = async () =>
      GitHubSetup.parse(await (await request('/v1/github/setup', { token })).json()).checks.map(
        ({ context, framework, on }) => `${context} | ${framework ?? 'always'} | ${on}`,
      )
    const before = await checksOf()
    expect(before[0]).toBe('Stemma | always | everywhere')
    expect(before).toContain('Stemma / EU AI Act | eu-ai-act | nowhere')
    const wanted = { ...defaultContract, checks: ['eu-ai-act'] }
    expect((await sendJson('PUT', '/v1/contract', token, wanted)).ok).toBe(true)
    expect(await checksOf()).toEqual(
      before.map((line) => line.replace('eu-ai-act | nowhere', 'eu-ai-act | everywhere')),
    )
  })
})

describe('POST /v1/setup', () => {
  test('makes an organisation with an administrator and a log', async () => {
    const response = await sendJson('POST', '/v1/setup', OPERATOR, body)
    expect(response.status).toBe(201)
    const done = SetupDone.parse(await response.json())
    expect(done.token).toMatch(/^stemma_token_[A-Za-z0-9_-]{43}$/)
    expect(done.logKey).toContain(`stemma.test/log/${done.organisation.id}+`)

    const me = await request('/v1/me', { token: done.token })
    expect(await me.json()).toEqual({
      organisation: done.organisation,
      person: done.person,
      role: 'administrator',
    })
  })

  test('is for the operator only', async () => {
    await expectProblem(await sendJson('POST', '/v1/setup', 'guessed', body), 'credential-invalid')
    const response = await request('/v1/setup', { method: 'POST', body: '{}' })
    await expectProblem(response, 'credential-missing')
    const { token } = await createOrganisation('other')
    await expectProblem(await sendJson('POST', '/v1/setup', token, body), 'credential-invalid')
  })

  test('does not give an installation away twice', async () => {
    const claim = { ...body, installations: [{ id: 77, account: 'acme' }] }
    expect((await sendJson('POST', '/v1/setup', OPERATOR, claim)).status).toBe(201)
    await expectProblem(await sendJson('POST', '/v1/setup', OPERATOR, claim), 'conflict')
  })

  test('refuses malformed bodies', async () => {
    await expectProblem(await sendJson('POST', '/v1/setup', OPERATOR, { organisation: '' }), 'request-malformed')
    const init = { method: 'POST', token: OPERATOR, headers: { 'content-type': 'application/json' } }
    await expectProblem(await request('/v1/setup', { ...init, body: '{' }), 'request-malformed')
    const text = await request('/v1/setup', { ...init, headers: { 'content-type': 'text/plain' }, body: '{}' })
    await expectProblem(text, 'media-type-unsupported')
    const large = JSON.stringify({ ...body, organisation: 'x'.repeat(200_000) })
    const headers = { 'content-type': 'application/json', 'content-length': String(large.length) }
    await expectProblem(await request('/v1/setup', { ...init, headers, body: large }), 'body-too-large')
  })
})

describe('POST /v1/setup/installations', () => {
  const claim = (organisation: string, id: number, token = OPERATOR) =>
    sendJson('POST', '/v1/setup/installations', token, { organisation, installations: [{ id, account: 'acme' }] })

  test('gives an installation to an organisation, once, and GitLab groups beside it', async () => {
    const [first, second] = [await createOrganisation('first'), await createOrganisation('second')]
    expect((await claim(first.id, 880)).status).toBe(201)
    expect((await claim(first.id, 880)).status).toBe(201)
    await expectProblem(await claim(second.id, 880), 'conflict')
    const group = { forge: 'gitlab', id: 880, account: 'tools' }
    const body = { organisation: second.id, installations: [group] }
    expect((await sendJson('POST', '/v1/setup/installations', OPERATOR, body)).status).toBe(201)
  })

  test('is for the operator only, and for organisations that are there', async () => {
    const { id, token } = await createOrganisation('third')
    await expectProblem(await claim(id, 881, token), 'credential-invalid')
    await expectProblem(await claim('nobody', 881), 'not-found')
  })
})
