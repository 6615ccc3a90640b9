import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, test } from 'vitest'
import { exampleConfiguration } from '#core/policy/subject.ts'
import { SESSION_MEDIA_TYPE } from '#core/session/session.ts'
import { pushConfiguration } from '#test/workerd/configurations.ts'
import {
  createOrganisation,
  pushEvidence,
  request,
  sendJson,
  signEvidence,
  type TestEvidence,
  type TestOrganisation,
} from '#test/workerd/organisation.ts'
import { deliver, settle } from '#test/workerd/queue.ts'
import { createApp } from '#worker/app.ts'
import { openDatabase } from '#worker/store/database.ts'
import { savePullRequest } from '#worker/store/pull-requests.ts'

interface Statement {
  readonly text: string
  readonly parameters: readonly unknown[]
}

let victim: TestOrganisation
let intruder: TestOrganisation
let evidence: TestEvidence
/** Everything by which the victim's data would be recognised in an answer. */
let traces: readonly string[]
let resources: Readonly<Record<string, string>>

const secretFramework = `apiVersion: stemma.dev/v1
kind: Framework
metadata: {name: secret-rules, title: Secret}
spec: {controls: [{id: S1, title: Secret, attestation: Vouched for.}]}
`

const recorded: Statement[] = []
const recordingEnv = { ...env, DB: recording(env.DB) }
const app = createApp()

beforeAll(async () => {
  victim = await createOrganisation('victim-of-the-test')
  intruder = await createOrganisation('intruder')
  // Before there is evidence, so that nothing is judged again in the background.
  await request('/v1/contract', {
    method: 'PUT',
    token: victim.token,
    headers: { 'content-type': 'application/yaml' },
    body: secretFramework,
  })
  evidence = await signEvidence(victim.machine.signer)
  const accepted = await pushEvidence(victim.machine)
  await sendJson('PUT', '/v1/pipeline-owners', victim.token, { ownerId: 815 })
  await settle(victim.id, accepted.id)
  await savePullRequest(victim.id, openDatabase(env.DB), {
    key: { repository: 'acme/parser', number: 7 },
    installation: 1,
    pull: {
      number: 7,
      title: 'Secret title',
      state: 'open',
      head: 'a'.repeat(40),
      base: 'b'.repeat(40),
      headRef: 'topic',
      authorLogin: null,
      updatedAt: '2026-11-20T12:00:00Z',
    },
    commits: ['a'.repeat(40)],
  })
  await deliver([{ type: 'evaluate', organisation: victim.id, evidenceId: accepted.id }], 'stemma-dead-letters')
  const configuration = await pushConfiguration(victim.machine, [exampleConfiguration()])
  await settle(victim.id, configuration.id)
  const letter = await env.DB.prepare('select id from dead_letters').first<{ id: string }>()

  const asked = await sendJson('POST', '/v1/waivers', victim.machine.token, {
    policy: 'no-hook-bypass',
    scope: { kind: 'repository', repository: 'acme/parser' },
    reason: 'A reason that is secret.',
    expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
  })
  const waiver = await asked.json<{ id: string }>()
  const attested = await sendJson('POST', '/v1/attestations', victim.token, {
    framework: 'secret-rules',
    control: 'S1',
    reason: 'An attestation that is secret.',
    expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
  })
  const attestation = await attested.json<{ id: string }>()
  resources = {
    '/v1/keys/{id}': `/v1/keys/${victim.machine.keyId}`,
    '/v1/pipeline-owners/{id}': '/v1/pipeline-owners/815',
    '/v1/evidence/{id}': `/v1/evidence/${accepted.id}`,
    '/v1/evidence/{id}/transcript': `/v1/evidence/${accepted.id}/transcript`,
    '/v1/evidence/{id}/verdicts': `/v1/evidence/${accepted.id}/verdicts`,
    '/v1/sessions/{id}': `/v1/sessions/${accepted.sessionId}`,
    '/v1/sessions/{id}/verdict-history': `/v1/sessions/${accepted.sessionId}/verdict-history`,
    '/v1/sessions/{id}/events': `/v1/sessions/${accepted.sessionId}/events`,
    '/v1/sessions/{id}/transcript': `/v1/sessions/${accepted.sessionId}/transcript`,
    '/v1/configurations/{id}': `/v1/configurations/${configuration.id}`,
    '/v1/configurations/{id}/drift': `/v1/configurations/${configuration.id}/drift`,
    '/v1/pull-requests/{owner}/{repository}/{number}': '/v1/pull-requests/acme/parser/7',
    '/v1/frameworks/{id}/posture': '/v1/frameworks/secret-rules/posture',
    '/v1/frameworks/{id}/posture/export': '/v1/frameworks/secret-rules/posture/export',
    '/v1/attestations/{id}': `/v1/attestations/${attestation.id}`,
    '/v1/attestations/{id}/statement': `/v1/attestations/${attestation.id}/statement`,
    '/v1/waivers/{id}': `/v1/waivers/${waiver.id}`,
    '/v1/waivers/{id}/attestation': `/v1/waivers/${waiver.id}/attestation`,
    '/v1/waivers/{id}/approval': `/v1/waivers/${waiver.id}/approval`,
    '/log/{organisation}/checkpoint': `/log/${victim.id}/checkpoint`,
    '/log/{organisation}/key': `/log/${victim.id}/key`,
    '/log/{organisation}/consistency': `/log/${victim.id}/consistency?from=1`,
    '/log/{organisation}/proof/{index}': `/log/${victim.id}/proof/0`,
    '/log/{organisation}/tile/{level}/{index}': `/log/${victim.id}/tile/entries/000.p/1`,
    // The caller's own log is empty.
    '/v1/log/proof/{index}': '/v1/log/proof/0',
    '/v1/log/tile/{level}/{index}': '/v1/log/tile/entries/000.p/1',
    '/v1/conclusions/{id}': `/v1/conclusions/${accepted.id}`,
    '/v1/dead-letters/{id}/replay': `/v1/dead-letters/${letter?.id}/replay`,
  }
  traces = [
    victim.id,
    victim.name,
    victim.machine.keyId,
    victim.machine.personId,
    victim.administratorId,
    accepted.id,
    configuration.id,
    accepted.sessionId,
    evidence.sha256,
    'acme/parser',
    'Secret title',
    letter?.id ?? '',
    waiver.id,
    'A reason that is secret.',
    'secret-rules',
    'An attestation that is secret.',
    attestation.id,
  ]
})

/** Routes whose path names no resource: they answer with the caller's own data, which is empty. */
const ofTheCaller: readonly string[] = [
  'POST /v1/enrolment-tokens',
  'GET /v1/keys',
  'POST /v1/keys/rotation',
  'GET /v1/sign-up',
  'PUT /v1/sign-up',
  'GET /v1/pipeline-owners',
  'PUT /v1/pipeline-owners',
  'POST /v1/sign-in-links',
  'GET /v1/me',
  'POST /v1/evidence',
  'GET /v1/line-key',
  'GET /v1/sessions',
  'GET /v1/retention',
  'PUT /v1/retention',
  'GET /v1/transcript-reads',
  'GET /v1/configurations',
  'GET /v1/metrics/overview',
  'GET /v1/pull-requests',
  'GET /v1/github/setup',
  'GET /v1/gitlab/setup',
  'POST /v1/github/app-registrations',
  'GET /v1/log',
  'PUT /v1/log',
  'GET /v1/log/checkpoint',
  'GET /v1/log/key',
  'GET /v1/log/signing-key',
  'GET /v1/log/consistency',
  'GET /v1/conclusions',
  'POST /v1/log/auditor-tokens',
  'DELETE /v1/log/auditor-tokens',
  'GET /v1/policies',
  'GET /v1/contract',
  'GET /v1/contract/documents',
  'PUT /v1/contract',
  'POST /v1/waivers',
  'GET /v1/waivers',
  'GET /v1/replay',
  'POST /v1/replay',
  'GET /v1/frameworks',
  'POST /v1/attestations',
  'GET /v1/attestations',
  'GET /v1/dead-letters',
]
/** Routes that take another credential than a member's, or none. */
const withoutOrganisation: readonly string[] = [
  'GET /healthz',
  'POST /v1/setup',
  'POST /v1/setup/installations',
  'POST /v1/keys',
  'POST /v1/device-login',
  'POST /v1/device-login/poll',
  'POST /v1/pipeline-keys',
  'GET /sign-in',
  'POST /witness/add-checkpoint',
  'GET /witness/key',
  'POST /sign-out',
]

async function routes(): Promise<readonly { readonly method: string; readonly path: string }[]> {
  const document: { paths: Record<string, Record<string, unknown>> } = await (await request('/openapi.json')).json()
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path })),
  )
}

async function askAsIntruder(method: string, path: string): Promise<Response> {
  const bodies: Record<string, { readonly type: string; readonly body: string | Uint8Array<ArrayBuffer> }> = {
    'PUT /v1/contract': {
      type: 'application/json',
      body: '{"name":"x","version":1,"policies":[],"missingSession":"success"}',
    },
    'PUT /v1/pipeline-owners': { type: 'application/json', body: '{"ownerId":815,"repositories":[1]}' },
    'PUT /v1/sign-up': { type: 'application/json', body: '{"signUp":"installation"}' },
    'POST /v1/enrolment-tokens': { type: 'application/json', body: '{"person":{"name":"Eve","login":"grace"}}' },
    'POST /v1/evidence': { type: 'application/json', body: evidence.envelope },
    [`PUT /v1/blobs/${evidence.sha256}`]: { type: SESSION_MEDIA_TYPE, body: evidence.transcript },
  }
  const given = bodies[`${method} ${path}`]
  const headers = new Headers({ authorization: `Bearer ${intruder.token}` })
  if (given !== undefined) {
    headers.set('content-type', given.type)
    headers.set('content-length', String(given.body.length))
  }
  const context = createExecutionContext()
  const init = { method, headers, ...(given === undefined ? {} : { body: given.body }) }
  const response = await app.fetch(new Request(`https://stemma.test${path}`, init), recordingEnv, context)
  await waitOnExecutionContext(context)
  return response
}

async function rowsOfVictim(): Promise<string> {
  const tables = await env.DB.prepare(
    "select name from sqlite_master where type = 'table' and sql like '%`organisation` text%'",
  ).all<{ name: string }>()
  const rows = []
  for (const { name } of tables.results) {
    rows.push(
      name,
      (await env.DB.prepare(`select * from "${name}" where organisation = ?`).bind(victim.id).all()).results,
    )
  }
  const objects = (await env.BLOBS.list({ prefix: `org/${victim.id}/` })).objects
    // The log publishes what it holds when its own alarm rings, before or after the requests below.
    .filter(({ key }) => !key.startsWith(`org/${victim.id}/log/`))
    .map(({ key, etag }) => [key, etag])
  return JSON.stringify([rows, objects])
}

describe("every route, with another organisation's token", () => {
  test('gives nothing away and changes nothing', async () => {
    const before = await rowsOfVictim()
    expect(before).toContain('acme/parser')
    const answers: Record<string, number> = {}
    for (const { method, path } of await routes()) {
      const name = `${method} ${path}`
      if (withoutOrganisation.includes(name)) continue
      const concrete = path === '/v1/blobs/{sha256}' ? `/v1/blobs/${evidence.sha256}` : (resources[path] ?? path)
      expect(concrete, `the test must say how to ask ${name}`).not.toContain('{')
      const response = await askAsIntruder(method, concrete)
      answers[name] = response.status

      const text = await response.text()
      // What the caller itself named may come back in an answer; a blob of the same digest is the caller's own.
      const named = traces.filter((trace) => !concrete.includes(trace) && name !== 'POST /v1/evidence')
      for (const trace of named) expect(text, name).not.toContain(trace)
      if (resources[path] !== undefined) expect([name, response.status]).toEqual([name, 404])
    }
    expect(
      Object.keys(answers)
        .filter((name) => !(name.split(' ')[1] ?? '').includes('{'))
        .sort(),
    ).toEqual([...ofTheCaller].sort())
    expect(answers['POST /v1/evidence']).toBe(400)
    expect(await rowsOfVictim()).toBe(before)
  })

  test('asks the database for its own organisation only', () => {
    expect(recorded.length).toBeGreaterThan(30)
    for (const { text, parameters } of recorded) {
      // By these the organisation itself is found.
      if (/"credentials"\."digest" = \?/.test(text) && !/organisation"? = /.test(text)) continue
      // Whether a log is public is asked before anything else of it.
      if (/^select "log_readers" from "organisations" where "organisations"\."id" = \?$/.test(text)) continue
      // The organisation's own row is named by its id.
      if (/^(select "sign_up" from|update) "organisations" .*where "organisations"."id" = \?$/.test(text)) {
        expect(parameters, text).toContain(intruder.id)
        continue
      }
      expect(text, text).toMatch(/"?organisation"? = \?|^insert into "?\w+"? \("?(organisation|digest)"?/)
      expect(parameters, text).toContain(intruder.id)
      expect(parameters, text).not.toContain(victim.id)
    }
  })
})

/** The database, with every statement and its parameters written down. */
function recording(database: D1Database): D1Database {
  const note = (statement: D1PreparedStatement, text: string): D1PreparedStatement =>
    new Proxy(statement, {
      get(target, property) {
        if (property === 'bind') {
          return (...parameters: unknown[]) => {
            recorded.push({ text: text.replaceAll(/\s+/g, ' '), parameters })
            return target.bind(...parameters)
          }
        }
        const value: unknown = Reflect.get(target, property)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
  return new Proxy(database, {
    get(target, property) {
      if (property === 'prepare') return (text: string) => note(target.prepare(text), text)
      const value: unknown = Reflect.get(target, property)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
