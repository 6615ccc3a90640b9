/** An organisation with a person and an enrolled machine, made through the API, and evidence signed by the real code. */
import { exports } from 'cloudflare:workers'
import { EnrolmentToken, SetupDone } from '#core/api/account.ts'
import { EvidenceAccepted, KeyEnrolled } from '#core/api/evidence.ts'
import type { CommitAttribution } from '#core/attribution/attribution.ts'
import { type Bytes, toBase64, utf8 } from '#core/evidence/bytes.ts'
import { sha256Hex } from '#core/evidence/digest.ts'
import { writeEnvelope } from '#core/evidence/envelope.ts'
import { enrolmentChallenge, readSigner, type Signer } from '#core/evidence/key.ts'
import { signStatement } from '#core/evidence/sign.ts'
import { type AiSession, aiSessionStatement, observedCommitsStatement } from '#core/evidence/statement.ts'
import { SESSION_MEDIA_TYPE, type Session } from '#core/session/session.ts'
import { writeSession } from '#core/session/session-text.ts'

const ORIGIN = 'https://stemma.test'
const SETUP_TOKEN = 'setup-token-of-the-tests'

export interface Machine {
  readonly token: string
  readonly keyId: string
  readonly personId: string
  readonly signer: Signer
}

export interface TestOrganisation {
  readonly id: string
  readonly name: string
  /** API token of its administrator. */
  readonly token: string
  readonly administratorId: string
  readonly machine: Machine
}

/** The Worker as a client sees it. */
export function request(path: string, init: RequestInit & { readonly token?: string } = {}): Promise<Response> {
  const { token, ...rest } = init
  const headers = new Headers(rest.headers)
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`)
  return exports.default.fetch(new Request(`${ORIGIN}${path}`, { redirect: 'manual', ...rest, headers }))
}

export function sendJson(method: string, path: string, token: string, body: unknown): Promise<Response> {
  return request(path, {
    method,
    token,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
}

export async function createOrganisation(name: string, installation?: number): Promise<TestOrganisation> {
  const installations = installation === undefined ? [] : [{ id: installation, account: name }]
  const response = await sendJson('POST', '/v1/setup', SETUP_TOKEN, {
    organisation: name,
    administrator: { name: 'Ada', login: 'ada' },
    installations,
  })
  const { organisation, person, token } = SetupDone.parse(await response.json())
  const machine = await enrolMachine(token, { name: 'Grace', login: 'grace' })
  return { id: organisation.id, name, token, administratorId: person.id, machine }
}

export async function enrolmentToken(
  administratorToken: string,
  person: { readonly name: string; readonly login: string },
): Promise<string> {
  const response = await sendJson('POST', '/v1/enrolment-tokens', administratorToken, { person })
  return EnrolmentToken.parse(await response.json()).token
}

export async function enrolMachine(
  administratorToken: string,
  person: { readonly name: string; readonly login: string },
): Promise<Machine> {
  const token = await enrolmentToken(administratorToken, person)
  const { signer, spki } = await newKey()
  const response = await sendJson('POST', '/v1/keys', token, await enrolmentBody(token, signer, spki))
  const enrolled = KeyEnrolled.parse(await response.json())
  return { token: enrolled.token, keyId: enrolled.keyId, personId: enrolled.person.id, signer }
}

export async function enrolmentBody(token: string, signer: Signer, spki: Bytes) {
  const challenge = enrolmentChallenge(await sha256Hex(utf8(token)), signer.keyid)
  return { publicKey: toBase64(spki), proof: toBase64(await signer.sign(utf8(challenge))), name: 'laptop' }
}

export async function newKey(): Promise<{ readonly signer: Signer; readonly spki: Bytes }> {
  const pair = await crypto.subtle.generateKey({ name: 'Ed25519' }, true, ['sign', 'verify'])
  if (!('privateKey' in pair)) throw new TypeError('Ed25519 gives a pair')
  const bytesOf = async (format: 'pkcs8' | 'spki', key: CryptoKey): Promise<Bytes> => {
    const exported = await crypto.subtle.exportKey(format, key)
    if (!(exported instanceof ArrayBuffer)) throw new TypeError(`${format} is bytes`)
    return new Uint8Array(exported)
  }
  const spki = await bytesOf('spki', pair.publicKey)
  return { signer: await readSigner(await bytesOf('pkcs8', pair.privateKey), spki), spki }
}

/** A small session: one prompt, one edit, one shell command that runs the tests. */
export function smallSession(change: Partial<Session> = {}): Session {
  const at = '2026-11-20T10:00:00Z'
  const events: Session['events'] = [
    { kind: 'prompt', id: 'e1', at, thread: 'main', text: 'Make the parser accept empty input.' },
    {
      kind: 'toolCall',
      id: 'e2',
      at,
      thread: 'main',
      callId: 'c1',
      tool: 'Edit',
      category: 'edit',
      input: {},
      command: null,
      paths: ['src/parser.ts'],
    },
    {
      kind: 'toolResult',
      id: 'e3',
      at,
      thread: 'main',
      callId: 'c1',
      outcome: 'ok',
      exitCode: null,
      output: 'done',
      edits: [
        {
          path: 'src/parser.ts',
          kind: 'update',
          hunks: [{ oldStart: 1, oldLines: 0, newStart: 1, newLines: 1, lines: ['+return []'] }],
          userModified: null,
        },
      ],
    },
  ]
  const usage = { uncachedInput: 100, cacheRead: 1_000, cacheWrite5m: 50, cacheWrite1h: 0, output: 30, reasoning: 0 }
  const cost = { microUsd: 4_200, unpricedModels: [], priceTable: 'prices@1' }
  return {
    schema: 'stemma.session/v1',
    id: 'claude-code:0b5f1e0a-0001',
    agent: { id: 'claude-code', version: '2.1.0' },
    entrypoint: 'cli',
    startedAt: at,
    endedAt: '2026-11-20T10:30:00Z',
    branches: ['main'],
    models: [{ model: 'claude-opus-4-5', provider: 'anthropic', requests: 2, usage, cost }],
    usage,
    cost,
    tools: [{ tool: 'Edit', calls: 1, failures: 0, denials: 0 }],
    files: [{ path: 'src/parser.ts', edits: 1, linesAdded: 1, linesRemoved: 0 }],
    subagents: [],
    commits: [],
    permissionModes: ['default'],
    prompts: 1,
    eventCount: (change.events ?? events).length,
    forkedFrom: null,
    capture: 'hook',
    parse: { records: 3, malformed: 0, unrecognised: {} },
    warnings: [],
    events,
    ...change,
  }
}

export function smallCommit(
  commit: string,
  session: string,
  change: Partial<CommitAttribution> = {},
): CommitAttribution {
  const added = change.added ?? { ai: 8, human: 1, mixed: 1, unknown: 0 }
  const removed = { ai: 0, human: 0, mixed: 0, unknown: 0 }
  return {
    commit,
    parents: ['0'.repeat(40)],
    authoredAt: '2026-11-20T11:00:00Z',
    subject: 'Accept empty input',
    patchId: null,
    files: [
      {
        path: 'src/parser.ts',
        status: 'modified',
        binary: false,
        ranges: [{ start: 1, end: 8, class: 'ai', session, model: 'claude-opus-4-5', confidence: 'both' }],
        added,
        removed,
      },
    ],
    added,
    removed,
    sessions: [session],
    ...change,
  }
}

export interface TestEvidence {
  readonly transcript: Bytes
  readonly sha256: string
  readonly envelope: string
  readonly predicate: AiSession
}

export interface EvidenceInput {
  readonly session?: Session
  readonly attribution?: readonly CommitAttribution[]
  readonly predicate?: Partial<AiSession>
  /** Other bytes in the place of the session's own text. */
  readonly transcript?: Bytes
}

export async function signEvidence(signer: Signer, input: EvidenceInput = {}): Promise<TestEvidence> {
  const session = input.session ?? smallSession()
  const { events: _, ...header } = session
  const transcript = input.transcript ?? utf8(writeSession(session))
  const sha256 = await sha256Hex(transcript)
  const predicate: AiSession = {
    session: header,
    repository: 'acme/parser',
    transcript: { sha256, mediaType: SESSION_MEDIA_TYPE, bytes: transcript.length },
    attribution: [...(input.attribution ?? [smallCommit('a'.repeat(40), session.id)])],
    redaction: { rules: 'stemma-redaction/1', redacted: {}, withheld: 0 },
    producer: { name: 'stemma', version: '0.1.0' },
    createdAt: '2026-11-20T11:00:05Z',
    ...input.predicate,
  }
  const envelope = writeEnvelope(await signStatement(aiSessionStatement(predicate), signer))
  return { transcript, sha256, envelope, predicate }
}

export function putBlob(
  token: string,
  { sha256, transcript }: Pick<TestEvidence, 'sha256' | 'transcript'>,
): Promise<Response> {
  return request(`/v1/blobs/${sha256}`, {
    method: 'PUT',
    token,
    headers: { 'content-type': SESSION_MEDIA_TYPE, 'content-length': String(transcript.length) },
    body: transcript,
  })
}

export function postEvidence(token: string, envelope: string | Bytes): Promise<Response> {
  return request('/v1/evidence', {
    method: 'POST',
    token,
    headers: { 'content-type': 'application/json' },
    body: envelope,
  })
}

/** Blob and evidence of a session, as `stemma push` sends them. */
export async function pushEvidence(
  machine: Machine,
  input: EvidenceInput = {},
): Promise<EvidenceAccepted & { readonly sessionId: string }> {
  const evidence = await signEvidence(machine.signer, input)
  await putBlob(machine.token, evidence)
  const { sessionId, ...accepted } = await acceptedBy(machine, evidence.envelope)
  if (sessionId === null) throw new TypeError('evidence of a session names it')
  return { sessionId, ...accepted }
}

/** Evidence of commits to which no session contributed. */
export async function pushObservedCommits(
  machine: Machine,
  attribution: readonly CommitAttribution[],
): Promise<EvidenceAccepted> {
  const statement = observedCommitsStatement({
    repository: 'acme/parser',
    attribution: [...attribution],
    redaction: { rules: 'stemma-redaction/1', redacted: {}, withheld: 0 },
    producer: { name: 'stemma', version: '0.1.0' },
    createdAt: '2026-11-20T11:00:05Z',
  })
  return acceptedBy(machine, writeEnvelope(await signStatement(statement, machine.signer)))
}

export async function acceptedBy(machine: Machine, envelope: string): Promise<EvidenceAccepted> {
  const response = await postEvidence(machine.token, envelope)
  if (response.status !== 202) throw new Error(`evidence was refused: ${await response.text()}`)
  return EvidenceAccepted.parse(await response.json())
}
