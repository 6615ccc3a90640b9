import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { FaultCode } from '#core/fault.ts'
import type { FakeIssuer } from '#test/fake-issuer.ts'
import { createOrganisation } from '#test/workerd/organisation.ts'
import { exchange, letIn, standInIssuer } from '#test/workerd/pipeline.ts'
import { expectProblem } from '#test/workerd/problem.ts'

let issuer: FakeIssuer
beforeAll(async () => {
  issuer = await standInIssuer()
  await letIn(await createOrganisation('acme'))
})
afterAll(() => void vi.restoreAllMocks())

const now = () => Math.floor(Date.now() / 1_000)
const cases: readonly (readonly [string, FaultCode, () => Promise<string>])[] = [
  ['made for another platform', 'identity-token-audience', () => issuer.token({ aud: 'https://other.example' })],
  [
    'with the audience that GitHub gives unasked',
    'identity-token-audience',
    () => issuer.token({ aud: 'https://github.com/acme' }),
  ],
  ['expired', 'identity-token-expired', () => issuer.token({ iat: now() - 700, exp: now() - 400 })],
  ['older than a run is', 'identity-token-expired', () => issuer.token({ iat: now() - 4_000 })],
  ['not valid yet', 'identity-token-expired', () => issuer.token({ nbf: now() + 400, exp: now() + 700 })],
  ['of another issuer', 'identity-token-invalid', () => issuer.token({ iss: 'https://token.example' })],
  ['signed by another key', 'identity-token-invalid', () => issuer.forge()],
  ['of an unknown key', 'identity-token-invalid', () => issuer.token({}, { kid: 'key-2' })],
  ['for several audiences', 'identity-token-invalid', () => issuer.token({ aud: ['https://stemma.test', 'x'] })],
  ['without a repository id', 'identity-token-invalid', () => issuer.token({ repository_id: undefined })],
  ['with a name in the place of an id', 'identity-token-invalid', () => issuer.token({ repository_owner_id: 'acme' })],
  ['without an end', 'identity-token-invalid', () => issuer.token({ exp: undefined })],
  ['no token', 'identity-token-invalid', async () => 'not.a.token'],
  [
    'unsigned',
    'identity-token-invalid',
    async () => {
      const [, payload] = (await issuer.token()).split('.')
      return `${btoa('{"alg":"none"}').replaceAll('=', '')}.${payload}.`
    },
  ],
  [
    'changed after it was signed',
    'identity-token-invalid',
    async () => {
      const [head, , signature] = (await issuer.token()).split('.')
      const [, other] = (await issuer.token({ repository_owner_id: '816' })).split('.')
      return `${head}.${other}.${signature}`
    },
  ],
]

describe('POST /v1/pipeline-keys, 401', () => {
  test.each(cases)('a token %s: %s', async (_, code, make) => {
    const problem = await expectProblem(await exchange(await make()), code)
    expect(problem.status).toBe(401)
  })
})
