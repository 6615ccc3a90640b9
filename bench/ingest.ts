/**
 * Evidence per second through the whole ingest (blob, then envelope, with log, row and queue message) beside a bare route
 * in the same Worker that only verifies a signature over the transcript, stores it and inserts a row. Both run in
 * Miniflare on this machine, in alternating rounds; the transcript has 100 kB.
 *
 * `ingest` sends as `stemma push` does (gzip), `ingest-plain` without compression; the queue's consumer runs elsewhere in
 * production, so here it is left out. `ingest-and-index` has it in the same process, where it takes its share of the two.
 */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import { toBase64, utf8 } from '#core/evidence/bytes.ts'
import { sha256Hex } from '#core/evidence/digest.ts'
import { writeEnvelope } from '#core/evidence/envelope.ts'
import { enrolmentChallenge, readSigner, type Signer } from '#core/evidence/key.ts'
import { signStatement } from '#core/evidence/sign.ts'
import { aiSessionStatement } from '#core/evidence/statement.ts'
import { SESSION_MEDIA_TYPE } from '#core/session/session.ts'
import { writeSession } from '#core/session/session-text.ts'
import { sessionOfSize } from './ingest/session-of-size.ts'
import { compared, type Emit, percentile } from './measurement.ts'

const ROUNDS = 10
const PER_ROUND = 100
const CONCURRENCY = 8
const TRANSCRIPT_BYTES = 100_000
const SETUP_TOKEN = 'setup-token-of-the-benchmark'

export async function run(emit: Emit): Promise<void> {
  await compare({ name: 'ingest', form: 'gzip', consumes: false }, emit)
  await compare({ name: 'ingest-plain', form: 'plain', consumes: false }, emit)
  await compare({ name: 'ingest-and-index', form: 'gzip', consumes: true }, emit)
}

interface Variant {
  readonly name: string
  readonly form: 'plain' | 'gzip'
  /** Whether the consumer of the queue runs beside. */
  readonly consumes: boolean
}

async function compare({ name, form, consumes }: Variant, emit: Emit): Promise<void> {
  const miniflare = await startWorker(consumes)
  try {
    const url = (await miniflare.ready).toString().replace(/\/$/, '')
    const ingest = ingestSender(url, await enrol(url), form)
    const bare = bareSender(url)
    const rates: { readonly ingest: number[]; readonly bare: number[] } = { ingest: [], bare: [] }
    // The first round warms up (compiled code, open files, remembered credentials) and does not count.
    for (let round = 0; round <= ROUNDS; round++) {
      const names = sequence(PER_ROUND).map((at) => `${round}-${at}`)
      // Prepared beforehand: the generator's own work is not measured.
      const evidence = await Promise.all(names.map(ingest))
      const bodies = await Promise.all(names.map(bare))
      const measured = { ingest: await rateOf(evidence), bare: await rateOf(bodies) }
      if (round === 0) continue
      rates.ingest.push(measured.ingest)
      rates.bare.push(measured.bare)
    }
    const value = percentile(rates.ingest, 0.5)
    emit(
      compared(
        { name, value, unit: 'evidence/s', better: 'higher' },
        { name: 'bare', value: percentile(rates.bare, 0.5) },
      ),
    )
  } finally {
    await miniflare.dispose()
  }
}

type Send = () => Promise<void>

/** Sends all with the given concurrency; gives how many a second. */
async function rateOf(sends: readonly Send[]): Promise<number> {
  const waiting = [...sends]
  const started = performance.now()
  await Promise.all(
    sequence(CONCURRENCY).map(async () => {
      for (let send = waiting.pop(); send !== undefined; send = waiting.pop()) await send()
    }),
  )
  return sends.length / ((performance.now() - started) / 1_000)
}

interface EnrolledMachine {
  readonly token: string
  readonly signer: Signer
}

function ingestSender(url: string, { token, signer }: EnrolledMachine, form: 'plain' | 'gzip') {
  return async (name: string): Promise<Send> => {
    const session = sessionOfSize(`claude-code:${name}`, TRANSCRIPT_BYTES)
    const { events: _, ...header } = session
    const transcript = utf8(writeSession(session))
    const sha256 = await sha256Hex(transcript)
    const lines = { ai: 40, human: 3, mixed: 2, unknown: 0 }
    const statement = aiSessionStatement({
      session: header,
      repository: 'acme/parser',
      transcript: { sha256, mediaType: SESSION_MEDIA_TYPE, bytes: transcript.length },
      attribution: [
        {
          commit: sha256.slice(0, 40),
          parents: ['0'.repeat(40)],
          authoredAt: '2026-11-20T10:00:00Z',
          subject: 'Accept empty input',
          patchId: sha256.slice(24),
          files: sequence(10).map((at) => ({
            path: `source/parser/part-${at}.ts`,
            status: 'modified' as const,
            binary: false,
            ranges: [
              { start: 1, end: 4, class: 'ai' as const, session: session.id, model: 'm', confidence: 'both' as const },
            ],
            added: { ai: 4, human: 0, mixed: 0, unknown: 0 },
            removed: { ai: 0, human: 0, mixed: 0, unknown: 0 },
          })),
          added: lines,
          removed: { ai: 0, human: 0, mixed: 0, unknown: 0 },
          sessions: [session.id],
        },
      ],
      redaction: { rules: 'stemma-redaction/1', redacted: {}, withheld: 0 },
      producer: { name: 'stemma', version: '0.1.0' },
      createdAt: '2026-11-20T11:00:00Z',
    })
    const envelope = writeEnvelope(await signStatement(statement, signer))
    const body = form === 'gzip' ? new Uint8Array(gzipSync(transcript)) : transcript
    const encoding: Record<string, string> = form === 'gzip' ? { 'content-encoding': 'gzip' } : {}
    const authorization = `Bearer ${token}`
    return async () => {
      const headers = { authorization, 'content-type': SESSION_MEDIA_TYPE, ...encoding }
      await expectStatus(201, fetch(`${url}/v1/blobs/${sha256}`, { method: 'PUT', headers, body }))
      const json = { authorization, 'content-type': 'application/json' }
      await expectStatus(202, fetch(`${url}/v1/evidence`, { method: 'POST', headers: json, body: envelope }))
    }
  }
}

function bareSender(url: string) {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const key = rawOf(publicKey)
  return async (name: string): Promise<Send> => {
    const body = utf8(writeSession(sessionOfSize(`claude-code:${name}`, TRANSCRIPT_BYTES)))
    const headers = {
      'x-id': name,
      'x-key': key,
      'x-signature': sign(null, body, privateKey).toString('base64'),
    }
    return async () => expectStatus(202, fetch(`${url}/bare`, { method: 'POST', headers, body }))
  }
}

async function expectStatus(status: number, pending: Promise<Response>): Promise<void> {
  const response = await pending
  const text = await response.text()
  if (response.status !== status) throw new Error(`answered ${response.status}, not ${status}: ${text}`)
}

async function enrol(url: string): Promise<EnrolledMachine> {
  const ask = async (path: string, token: string, body: unknown): Promise<{ readonly token: string }> => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const response = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`)
    return response.json() as Promise<{ readonly token: string }>
  }
  const ada = { name: 'Ada', login: 'ada' }
  const { token: administrator } = await ask('/v1/setup', SETUP_TOKEN, { organisation: 'bench', administrator: ada })
  const { token } = await ask('/v1/enrolment-tokens', administrator, { person: ada })
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const spki = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }))
  const signer = await readSigner(new Uint8Array(privateKey.export({ format: 'der', type: 'pkcs8' })), spki)
  const challenge = utf8(enrolmentChallenge(await sha256Hex(utf8(token)), signer.keyid))
  const proof = toBase64(await signer.sign(challenge))
  const device = await ask('/v1/keys', token, { publicKey: toBase64(spki), proof, name: 'bench' })
  return { token: device.token, signer }
}

async function startWorker(consumes: boolean): Promise<Miniflare> {
  const bundle = await build({
    entryPoints: [join(import.meta.dirname, 'ingest/worker.ts')],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2024',
    conditions: ['workerd', 'worker', 'browser'],
    mainFields: ['browser', 'module', 'main'],
    external: ['cloudflare:*', 'node:*'],
  })
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      name: 'stemma',
      host: '127.0.0.1',
      port: 0,
      cf: false,
      modules: [{ type: 'ESModule', path: 'worker.js', contents: bundle.outputFiles[0]?.text ?? '' }],
      compatibilityDate: '2026-08-01',
      compatibilityFlags: ['nodejs_compat'],
      d1Databases: ['DB'],
      r2Buckets: ['BLOBS'],
      queueProducers: { JOBS: 'stemma-jobs' },
      queueConsumers: consumes ? { 'stemma-jobs': { maxBatchSize: 10, maxBatchTimeout: 1, maxRetries: 2 } } : {},
      durableObjects: {
        EVIDENCE_LOG: { className: 'EvidenceLog', useSQLite: true },
        PULL_REQUEST: { className: 'PullRequest', useSQLite: true },
        GITHUB_OUTBOX: { className: 'GitHubOutbox', useSQLite: true },
      },
      ratelimits: { ATTEMPTS: { namespace_id: '1001', simple: { limit: 300, period: 60 } } },
      bindings: {
        SETUP_TOKEN,
        PUBLIC_URL: 'http://localhost:8787',
        GITHUB_API_URL: 'http://localhost:1',
        PULL_REQUEST_DEBOUNCE_MS: '5000',
      },
    }),
  )
  await miniflare.ready
  const database = await miniflare.getD1Database('DB')
  const folder = join(import.meta.dirname, '../migrations')
  const files = readdirSync(folder).filter((file) => file.endsWith('.sql'))
  const statements = files
    .sort()
    .flatMap((file) => readFileSync(join(folder, file), 'utf8').split('--> statement-breakpoint'))
  for (const statement of [...statements, 'create table bare (id text primary key, at integer not null)']) {
    await database.prepare(statement).run()
  }
  return miniflare
}

function rawOf(publicKey: KeyObject): string {
  return publicKey.export({ format: 'der', type: 'spki' }).subarray(12).toString('base64')
}

function sequence(length: number): readonly number[] {
  return Array.from({ length }, (_, at) => at)
}
