import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { KeyList } from '#core/api/account.ts'
import { KeyEnrolled } from '#core/api/evidence.ts'
import { toBase64, utf8 } from '#core/evidence/bytes.ts'
import { sha256Hex } from '#core/evidence/digest.ts'
import { enrolmentChallenge } from '#core/evidence/key.ts'
import { json, type ScriptedGitHub, scriptGitHub } from '#test/durable-objects/github.ts'
import {
  createOrganisation,
  enrolMachine,
  enrolmentToken,
  type Machine,
  pushEvidence,
  putBlob,
  request,
  sendJson,
  signEvidence,
  smallCommit,
  type TestOrganisation,
} from '#test/workerd/organisation.ts'
import { expectProblem } from '#test/workerd/problem.ts'
import { newSshSigner, type SshSigner } from '#test/workerd/ssh-signer.ts'
import { createApp } from '#worker/app.ts'

let organisation: TestOrganisation
let appKey: string
beforeAll(async () => {
  organisation = await createOrganisation('acme', 77)
  const pair = await crypto.subtle.generateKey(
    { name: 'RSASSA-PKCS1-v1_5', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' },
    true,
    ['sign', 'verify'],
  )
  if (!('privateKey' in pair)) throw new TypeError('RSA gives a pair')
  const pkcs8 = await crypto.subtle.exportKey('pkcs8', pair.privateKey)
  if (!(pkcs8 instanceof ArrayBuffer)) throw new TypeError('pkcs8 is bytes')
  appKey = `-----BEGIN PRIVATE KEY-----\n${toBase64(new Uint8Array(pkcs8))}\n-----END PRIVATE KEY-----\n`
})
afterEach(() => void vi.restoreAllMocks())

const joan = { name: 'Joan', login: 'joan' }

async function enrolSsh(signer: SshSigner): Promise<Machine> {
  const token = await enrolmentToken(organisation.token, joan)
  const challenge = utf8(enrolmentChallenge(await sha256Hex(utf8(token)), signer.keyid))
  const proof = toBase64(await signer.sign(challenge))
  const response = await sendJson('POST', '/v1/keys', token, { publicKey: signer.line, proof, name: 'my SSH key' })
  expect(response.status).toBe(201)
  const { keyId, person, token: device } = KeyEnrolled.parse(await response.json())
  return { keyId, personId: person.id, token: device, signer }
}

describe('an enrolled SSH key', () => {
  test.each(['ssh-ed25519', 'ecdsa-sha2-nistp521'] as const)(
    '%s signs evidence, and is listed without its comment',
    async (kind) => {
      const signer = await newSshSigner(kind)
      const machine = await enrolSsh(signer)
      const attribution = [
        smallCommit(kind === 'ssh-ed25519' ? 'e'.repeat(40) : 'f'.repeat(40), 'claude-code:0b5f1e0a-0001'),
      ]
      const accepted = await pushEvidence(machine, { attribution })
      const view = await (await request(`/v1/evidence/${accepted.id}`, { token: machine.token })).json()
      expect(view).toMatchObject({ keyId: signer.keyid })
      const { items } = KeyList.parse(await (await request('/v1/keys', { token: machine.token })).json())
      expect(items.find(({ id }) => id === signer.keyid)).toMatchObject({
        publicKey: signer.line.replace(' grace@laptop', ''),
        publishedAt: null,
        pipeline: null,
      })
    },
  )

  test('a raw signature by the same key is refused at enrolment', async () => {
    const signer = await newSshSigner()
    const token = await enrolmentToken(organisation.token, joan)
    const proof = toBase64(new Uint8Array(64))
    const refused = await sendJson('POST', '/v1/keys', token, { publicKey: signer.line, proof, name: 'x' })
    await expectProblem(refused, 'proof-invalid')
  })
})

describe('a key that its person publishes on GitHub', () => {
  const connected = () => ({ ...env, GITHUB_APP_ID: '1', GITHUB_PRIVATE_KEY: appKey })
  const app = createApp()

  function publish(github: ScriptedGitHub, login: string, keys: readonly SshSigner[]): void {
    github.answer(({ path }) =>
      path.startsWith(`/users/${login}/keys`)
        ? json(keys.map(({ line }, id) => ({ id, key: line.replace(/ grace.*/, '') })))
        : null,
    )
  }

  async function send(machine: Machine, signer: SshSigner, commit: string): Promise<Response> {
    const evidence = await signEvidence(signer, {
      attribution: [smallCommit(commit.repeat(40), 'claude-code:0b5f1e0a-0001')],
    })
    await putBlob(machine.token, evidence)
    const context = createExecutionContext()
    const response = await app.fetch(
      new Request('https://stemma.test/v1/evidence', {
        method: 'POST',
        headers: { authorization: `Bearer ${machine.token}` },
        body: evidence.envelope,
      }),
      connected(),
      context,
    )
    await waitOnExecutionContext(context)
    return response
  }

  test('signs evidence of that person, recorded with the time', async () => {
    const github = scriptGitHub()
    const signer = await newSshSigner()
    publish(github, 'grace', [signer])
    const before = new Date().toISOString()
    expect((await send(organisation.machine, signer, '1')).status).toBe(202)
    const { items } = KeyList.parse(await (await request('/v1/keys', { token: organisation.token })).json())
    const row = items.find(({ id }) => id === signer.keyid)
    expect(row?.person.name).toBe('Grace')
    expect((row?.publishedAt ?? '') >= before).toBe(true)
  })

  test('is refused once it is gone from the account, and evidence from before stays', async () => {
    const github = scriptGitHub()
    const signer = await newSshSigner()
    const mary = await enrolMachine(organisation.token, { name: 'Mary', login: 'mary' })
    publish(github, 'mary', [signer])
    const first = await send(mary, signer, '2')
    expect(first.status).toBe(202)
    await env.DB.prepare("update keys set published_at = '2026-01-01T00:00:00.000Z' where id = ?")
      .bind(signer.keyid)
      .run()
    const { forgetKeys } = await import('#worker/trust.ts')
    forgetKeys()
    publish(github, 'mary', [])
    await expectProblem(await send(mary, signer, '3'), 'key-revoked')
    const { id }: { id: string } = await first.json()
    expect((await request(`/v1/evidence/${id}`, { token: mary.token })).status).toBe(200)
    // Putting it back does not undo it.
    publish(github, 'mary', [signer])
    await expectProblem(await send(mary, signer, '4'), 'key-revoked')
  })

  test('of another account is refused', async () => {
    const github = scriptGitHub()
    const signer = await newSshSigner()
    publish(github, 'grace', [])
    publish(github, 'mallory', [signer])
    await expectProblem(await send(organisation.machine, signer, '5'), 'key-unknown')
  })

  test('is no reason to lose evidence while GitHub is away', async () => {
    scriptGitHub()
    await expectProblem(await send(organisation.machine, await newSshSigner(), '6'), 'forge-unavailable')
  })
})
