/**
 * A small server that keeps the contract strictly: it checks everything that a client could get wrong, signs a real log,
 * and remembers every byte that reached it.
 */
import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { ContractSources } from '#core/api/contract.ts'
import { type EvidenceAccepted, type KeyEnrolled, KeyEnrolment } from '#core/api/evidence.ts'
import { DeviceLoginPoll, KeyRotation, PipelineKeyRequest } from '#core/api/identity.ts'
import type { PullRequestView } from '#core/api/pull-requests.ts'
import type { ReplayPage } from '#core/api/replay.ts'
import { type Bytes, fromBase64, readUtf8, utf8 } from '#core/evidence/bytes.ts'
import { sha256Hex } from '#core/evidence/digest.ts'
import { readEnvelope } from '#core/evidence/envelope.ts'
import { enrolmentChallenge, type PublicKey, rotationChallenge, verifySignature } from '#core/evidence/key.ts'
import { readKeyText } from '#core/evidence/ssh-key.ts'
import {
  AI_CONFIG_PREDICATE,
  type ConfigStatement,
  type Statement,
  sessionOf,
  transcriptOf,
} from '#core/evidence/statement.ts'
import { verify } from '#core/evidence/verify.ts'
import { Fault, isFault } from '#core/fault.ts'
import { type Contract, defaultContract } from '#core/policy/contract.ts'
import type { DocumentSource } from '#core/policy/document.ts'
import { SESSION_MEDIA_TYPE } from '#core/session/session.ts'
import { readSession } from '#core/session/session-text.ts'
import { createLog, LOGGED_AT, type TestLog } from './server-log.ts'

export interface Received {
  readonly id: string
  readonly envelope: string
  readonly statement: Exclude<Statement, ConfigStatement>
}

export interface ReceivedConfiguration {
  readonly id: string
  readonly envelope: string
  readonly statement: ConfigStatement
}

export interface TestServer {
  readonly url: string
  readonly enrolmentToken: string
  /** In the order of arrival, repetitions included. */
  readonly evidence: Received[]
  /** What came beside it about the configuration of agents. */
  readonly configurations: ReceivedConfiguration[]
  /** Digest -> decompressed text. */
  readonly transcripts: Map<string, string>
  /** Digests of transcripts that were erased. */
  readonly erased: Set<string>
  /** Every body, decompressed where it was compressed, as text. */
  readonly bodies: string[]
  readonly requests: string[]
  /** Takes evidence in and then drops the connection, as a crash or a broken line does. */
  loseAnswers: boolean
  /** Receipts of a log that is not this one. */
  forgeReceipts: boolean
  /** What an administrator put in force. */
  contract: Contract
  /** The same as documents, where it was written so. */
  sources: readonly DocumentSource[] | null
  /** Answers of `GET /v1/replay`, one page after the other. */
  replayed: ReplayPage[]
  readonly pullRequests: Map<number, PullRequestView>
  /** Answers to what is sent that take longer than anybody waits. */
  hang: boolean
  /** What became of the code that a person was to enter; each answer is given once, and `granted` for good. */
  signIn: ('pending' | 'granted' | 'denied')[]
  /** Audiences for which a run asked its identity token. */
  readonly audiences: string[]
  /** Key id -> when it was revoked. */
  readonly revoked: Map<string, string>
  readonly stop: () => Promise<void>
  readonly log: TestLog
  /** On the same port as before. */
  readonly start: () => Promise<void>
}

/** Token of an administrator. */
export const ADMINISTRATOR = 'administrator-token'
/** After the only time at which this log takes anything in. */
const ROTATED_AT = '2026-11-22T12:00:01.000Z'

export async function createTestServer(): Promise<TestServer> {
  const keys: PublicKey[] = []
  const deviceTokens = new Map<string, string>()
  const keyTexts = new Map<string, string>()
  const log = await createLog()
  let tokenUsedBy: string | null = null
  let port = 0
  let server: Server

  const own: TestServer = {
    get url() {
      return `http://127.0.0.1:${port}`
    },
    enrolmentToken: `enrol-${randomUUID()}`,
    evidence: [],
    configurations: [],
    transcripts: new Map(),
    erased: new Set(),
    bodies: [],
    requests: [],
    loseAnswers: false,
    forgeReceipts: false,
    hang: false,
    signIn: [],
    audiences: [],
    revoked: new Map(),
    log,
    contract: defaultContract,
    sources: null,
    replayed: [],
    pullRequests: new Map(),
    stop: () =>
      new Promise((settle) => {
        server.close(() => settle())
        server.closeAllConnections()
      }),
    start: () =>
      new Promise((settle) => {
        server = createServer((request, response) => void serve(request, response))
        server.listen(port, '127.0.0.1', () => {
          port = (server.address() as AddressInfo).port
          settle()
        })
      }),
  }
  await own.start()
  return own

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(Buffer.from(chunk))
    const body = new Uint8Array(Buffer.concat(chunks))
    own.requests.push(`${request.method} ${request.url}`)
    if (own.hang && request.method !== 'GET') return
    try {
      const wanted = /^\/v1\/evidence\/([0-9a-f]{64})\/transcript$/.exec(request.url ?? '')?.[1]
      if (wanted !== undefined) {
        response.end(transcriptOfEvidence(wanted))
        return
      }
      const published = /^\/v1\/log\/(.+)$/.exec(request.url ?? '')?.[1]
      const served = published === undefined ? null : await log.serve(published)
      if (served !== null) {
        response.end(served)
        return
      }
      const { status, json } = await route(request, body)
      if (own.loseAnswers && status === 202) {
        request.socket.destroy()
        return
      }
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json))
    } catch (problem) {
      if (!isFault(problem)) throw problem
      const { code, message: detail, hint, status } = problem
      const requestId = randomUUID()
      response
        .writeHead(status, { 'content-type': 'application/problem+json' })
        .end(JSON.stringify({ type: 'about:blank', title: code, status, detail, code, hint, requestId }))
    }
  }

  async function route(request: IncomingMessage, body: Bytes): Promise<{ status: number; json: unknown }> {
    const path = request.url ?? ''
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
    const withoutToken = await signingIn(request, body)
    if (withoutToken !== null) return withoutToken
    if (token === undefined) throw refusal('credential-missing')
    if (request.method === 'POST' && path === '/v1/keys') return { status: 201, json: await enrol(token, body) }
    const ofIdentity = await identity(request, token, body)
    if (ofIdentity !== null) return ofIdentity
    if (token !== ADMINISTRATOR && !deviceTokens.has(token)) throw refusal('credential-invalid')
    if (!/^stemma\/\d/.test(request.headers['user-agent'] ?? '')) throw refusal('request-malformed')
    if (request.method === 'GET' && path === '/v1/me') {
      const organisation = { id: 'o-1', name: 'Acme' }
      return { status: 200, json: { organisation, person: { id: 'p-1', name: 'Ada' }, role: 'member' } }
    }
    if (request.method === 'GET' && path.split('?')[0] === '/v1/contract') return { status: 200, json: own.contract }
    if (request.method === 'GET' && path === '/v1/contract/documents') {
      return { status: 200, json: { version: own.contract.version, sources: own.sources } }
    }
    if (request.method === 'PUT' && path === `/v1/contract?version=${own.contract.version}`) return apply(token, body)
    const replayed = path.startsWith('/v1/replay?') ? own.replayed.shift() : undefined
    if (request.method === 'GET' && replayed !== undefined) return { status: 200, json: replayed }
    const listed = /^\/v1\/pull-requests\?repository=acme%2Fshop&/.test(path)
    if (request.method === 'GET' && listed) {
      return {
        status: 200,
        json: { items: [...own.pullRequests.values()].map((view) => view.pullRequest), next: null },
      }
    }
    const view = own.pullRequests.get(Number(/^\/v1\/pull-requests\/acme\/shop\/(\d+)$/.exec(path)?.[1]))
    if (request.method === 'GET' && view !== undefined) return { status: 200, json: view }
    const erased = /^\/v1\/sessions\/([^/]+)\/transcript$/.exec(path)?.[1]
    if (request.method === 'DELETE' && erased !== undefined) return erase(token, decodeURIComponent(erased))
    if (request.method === 'GET' && path.startsWith('/v1/conclusions?')) {
      return { status: 200, json: { items: await log.conclusions(), next: null } }
    }
    const digest = /^\/v1\/blobs\/([0-9a-f]{64})$/.exec(path)?.[1]
    if (request.method === 'PUT' && digest !== undefined) return putBlob(digest, request, body)
    if (request.method === 'POST' && path === '/v1/evidence') return { status: 202, json: await accept(body) }
    throw refusal('not-found')
  }

  function transcriptOfEvidence(id: string): string {
    const statement = own.evidence.find((one) => one.id === id)?.statement
    const digest = statement === undefined ? undefined : transcriptOf(statement)?.sha256
    if (digest !== undefined && own.erased.has(digest)) throw refusal('transcript-erased')
    const text = digest === undefined ? undefined : own.transcripts.get(digest)
    if (text === undefined) throw refusal('not-found')
    return text
  }

  function apply(token: string, body: Bytes): { status: number; json: unknown } {
    if (token !== ADMINISTRATOR) throw refusal('credential-insufficient')
    const { sources } = ContractSources.parse(JSON.parse(readUtf8(body) ?? ''))
    own.sources = sources
    own.contract = { ...own.contract, version: own.contract.version + 1 }
    return { status: 200, json: { version: own.contract.version, dryRun: false, changes: [] } }
  }

  async function enrol(token: string, body: Bytes): Promise<KeyEnrolled> {
    const enrolment = KeyEnrolment.parse(JSON.parse(readUtf8(body) ?? ''))
    const key = await readKeyText(enrolment.publicKey)
    if (token !== own.enrolmentToken || (tokenUsedBy !== null && tokenUsedBy !== key.id)) {
      throw refusal('credential-invalid')
    }
    await requireProof(key, enrolment.proof, enrolmentChallenge(await sha256Hex(utf8(token)), key.id))
    tokenUsedBy = key.id
    return enrolled(key, enrolment.publicKey)
  }

  async function requireProof(key: PublicKey, proof: string, challenge: string): Promise<void> {
    if (!(await verifySignature(key, fromBase64(proof) ?? new Uint8Array(), utf8(challenge)))) {
      throw refusal('proof-invalid')
    }
  }

  /** The device flow and the token endpoint of GitHub Actions, neither of which takes a token of ours. */
  async function signingIn(request: IncomingMessage, body: Bytes) {
    const address = new URL(request.url ?? '', own.url)
    if (address.pathname === '/actions/token') {
      if (request.headers.authorization !== 'bearer of-the-runner') throw refusal('credential-invalid')
      const audience = address.searchParams.get('audience') ?? ''
      own.audiences.push(audience)
      return { status: 200, json: { count: 1, value: `identity-token-${own.audiences.length}-for-${audience}` } }
    }
    if (request.method !== 'POST') return null
    if (address.pathname === '/v1/device-login') {
      const verificationUri = 'https://github.com/login/device'
      const code = { deviceCode: 'device-code', userCode: 'WDJB-1234', verificationUri }
      return { status: 201, json: { ...code, expiresInSeconds: 900, intervalSeconds: 1 } }
    }
    if (address.pathname === '/v1/device-login/poll') {
      const asked = DeviceLoginPoll.parse(JSON.parse(readUtf8(body) ?? ''))
      const key = await readKeyText(asked.publicKey)
      await requireProof(key, asked.proof, enrolmentChallenge(await sha256Hex(utf8('device-code')), key.id))
      const state = own.signIn.shift() ?? 'granted'
      if (state === 'denied') throw refusal('sign-in-denied')
      if (state === 'pending') return { status: 202, json: { status: state, intervalSeconds: 1 } }
      return { status: 201, json: enrolled(key, asked.publicKey) }
    }
    if (address.pathname === '/v1/pipeline-keys') {
      const asked = PipelineKeyRequest.parse(JSON.parse(readUtf8(body) ?? ''))
      const key = await readKeyText(asked.publicKey)
      await requireProof(key, asked.proof, enrolmentChallenge(await sha256Hex(utf8(asked.token)), key.id))
      if (asked.token !== `identity-token-${own.audiences.length}-for-${own.url}`) throw refusal('pipeline-not-allowed')
      const expiresAt = new Date(Date.now() + 3_600_000).toISOString()
      return { status: 201, json: { ...enrolled(key, asked.publicKey), expiresAt } }
    }
    return null
  }

  async function identity(request: IncomingMessage, token: string, body: Bytes) {
    const path = request.url ?? ''
    const held = deviceTokens.get(token)
    const viewOf = (id: string) => ({
      id,
      name: `key-${id.slice(0, 4)}`,
      person: { id: 'p-1', name: 'Ada' },
      createdAt: LOGGED_AT,
      revokedAt: own.revoked.get(id) ?? null,
      publicKey: keyTexts.get(id) ?? '',
      expiresAt: null,
      publishedAt: null,
      pipeline: null,
    })
    if (held === undefined && token !== ADMINISTRATOR) return null
    if (request.method === 'GET' && path === '/v1/keys') {
      return { status: 200, json: { items: [...keyTexts.keys()].map(viewOf) } }
    }
    const revoked = request.method === 'DELETE' ? /^\/v1\/keys\/([0-9a-f]{64})$/.exec(path)?.[1] : undefined
    if (revoked !== undefined && keyTexts.has(revoked)) {
      own.revoked.set(revoked, LOGGED_AT)
      return { status: 200, json: viewOf(revoked) }
    }
    if (held === undefined || request.method !== 'POST' || path !== '/v1/keys/rotation') return null
    const asked = KeyRotation.parse(JSON.parse(readUtf8(body) ?? ''))
    const key = await readKeyText(asked.publicKey)
    const challenge = rotationChallenge(held, key.id)
    await requireProof(key, asked.proof, challenge)
    await requireProof(await readKeyText(keyTexts.get(held) ?? ''), asked.endorsement, challenge)
    own.revoked.set(held, ROTATED_AT)
    deviceTokens.delete(token)
    return { status: 201, json: enrolled(key, asked.publicKey) }
  }

  function enrolled(key: PublicKey, text: string): KeyEnrolled {
    keys.push(key)
    keyTexts.set(key.id, text)
    const deviceToken = `device-${randomUUID()}`
    deviceTokens.set(deviceToken, key.id)
    const organisation = { id: 'o-1', name: 'Acme' }
    const person = { id: 'p-1', name: 'Ada' }
    return { keyId: key.id, organisation, person, token: deviceToken, logKey: log.verifierKey }
  }

  function erase(token: string, sessionId: string): { status: number; json: unknown } {
    const named = own.evidence.filter(({ statement }) => sessionOf(statement)?.id === sessionId)
    const digests = named.flatMap(({ statement }) => transcriptOf(statement)?.sha256 ?? [])
    if (digests.length === 0) throw refusal('not-found')
    for (const digest of digests) {
      own.erased.add(digest)
      own.transcripts.delete(digest)
    }
    const by = token === ADMINISTRATOR ? 'administrator' : 'person'
    const evidence = named.map(({ id }) => id)
    return { status: 200, json: { sessionId, erasure: { at: LOGGED_AT, by }, evidence } }
  }

  async function putBlob(digest: string, request: IncomingMessage, body: Bytes) {
    if (request.headers['content-type'] !== SESSION_MEDIA_TYPE) throw refusal('media-type-unsupported')
    const isCompressed = request.headers['content-encoding'] === 'gzip'
    const bytes = isCompressed ? new Uint8Array(gunzipSync(body)) : body
    const text = readUtf8(bytes) ?? ''
    own.bodies.push(text)
    if ((await sha256Hex(bytes)) !== digest) throw refusal('digest-mismatch')
    readSession(text)
    if (own.erased.has(digest)) throw refusal('transcript-erased')
    const created = !own.transcripts.has(digest)
    own.transcripts.set(digest, text)
    return { status: created ? 201 : 200, json: { sha256: digest, bytes: bytes.length, created } }
  }

  async function accept(body: Bytes): Promise<EvidenceAccepted> {
    const text = readUtf8(body) ?? ''
    own.bodies.push(text, readUtf8(readEnvelope(text).payload) ?? '')
    // A key that was revoked here signs nothing any more, whatever this log's clock says.
    const trusted = keys.filter(({ id }) => !own.revoked.has(id)).map((publicKey) => ({ publicKey, revokedAt: null }))
    const verdict = await verify(readEnvelope(text), { keys: trusted, loggedAt: LOGGED_AT })
    if (!verdict.verified) throw refusal('signature-invalid', JSON.stringify(verdict.problems))
    const transcript = transcriptOf(verdict.statement)
    const isErased = transcript !== null && own.erased.has(transcript.sha256)
    if (transcript !== null && !isErased && !own.transcripts.has(transcript.sha256)) throw refusal('transcript-missing')
    const { id, statement } = verdict
    if (statement.predicateType === AI_CONFIG_PREDICATE) own.configurations.push({ id, envelope: text, statement })
    else own.evidence.push({ id, envelope: text, statement })
    const { index, receipt } = await log.append(verdict.id, verdict.signedBy[0] ?? '', verdict.statement.predicateType)
    const links = { evidence: `${own.url}/v1/evidence/${verdict.id}`, session: own.url, dashboard: own.url }
    const forged = own.forgeReceipts ? receipt.replaceAll(/^index \d+$/gm, 'index 7') : receipt
    return {
      id: verdict.id,
      sessionId: sessionOf(verdict.statement)?.id ?? null,
      index,
      receivedAt: LOGGED_AT,
      receipt: forged,
      links,
      ...(isErased ? { erasure: { at: LOGGED_AT, by: 'person' as const } } : {}),
    }
  }
}

function refusal(code: ConstructorParameters<typeof Fault>[0], message: string = code): Fault {
  return new Fault(code, { message, hint: 'Look at the test.' })
}
