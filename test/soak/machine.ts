/** A developer's machine without git: enrolled with a key of its own, it signs sessions and sends them. */
import { generateKeyPairSync } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { CommitAttribution } from '#core/attribution/attribution.ts'
import { toBase64, utf8 } from '#core/evidence/bytes.ts'
import { sha256Hex } from '#core/evidence/digest.ts'
import { writeEnvelope } from '#core/evidence/envelope.ts'
import { enrolmentChallenge, readSigner, type Signer } from '#core/evidence/key.ts'
import { signStatement } from '#core/evidence/sign.ts'
import { aiSessionStatement } from '#core/evidence/statement.ts'
import { SESSION_MEDIA_TYPE, type Session } from '#core/session/session.ts'
import { writeSession } from '#core/session/session-text.ts'

export interface Machine {
  /** Resolves once the evidence is acknowledged; tries again while the platform is away. */
  readonly send: (session: Session, attribution: readonly CommitAttribution[], repository: string) => Promise<void>
}

interface Enrolling {
  /** Of the platform; asked each time, since a restart may change it. */
  readonly url: () => string
  readonly enrolmentToken: string
}

export async function enrolMachine({ url, enrolmentToken }: Enrolling): Promise<Machine> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const spki = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }))
  const signer = await readSigner(new Uint8Array(privateKey.export({ format: 'der', type: 'pkcs8' })), spki)
  const challenge = utf8(enrolmentChallenge(await sha256Hex(utf8(enrolmentToken)), signer.keyid))
  const proof = toBase64(await signer.sign(challenge))
  const body = JSON.stringify({ publicKey: toBase64(spki), proof, name: 'a machine' })
  const headers = { authorization: `Bearer ${enrolmentToken}`, 'content-type': 'application/json' }
  const response = await fetch(`${url()}/v1/keys`, { method: 'POST', headers, body })
  if (!response.ok) throw new Error(`the machine cannot enrol: ${await response.text()}`)
  const { token } = (await response.json()) as { readonly token: string }
  return {
    send: async (session, attribution, repository) => {
      const { transcript, sha256, envelope } = await sign(signer, { session, attribution, repository })
      const authorization = `Bearer ${token}`
      const blob = { authorization, 'content-type': SESSION_MEDIA_TYPE, 'content-encoding': 'gzip' }
      await insist(() => fetch(`${url()}/v1/blobs/${sha256}`, { method: 'PUT', headers: blob, body: transcript }))
      const json = { authorization, 'content-type': 'application/json' }
      await insist(() => fetch(`${url()}/v1/evidence`, { method: 'POST', headers: json, body: envelope }))
    },
  }
}

interface Signing {
  readonly session: Session
  readonly attribution: readonly CommitAttribution[]
  readonly repository: string
}

async function sign(signer: Signer, { session, attribution, repository }: Signing) {
  const { events: _, ...header } = session
  const transcript = utf8(writeSession(session))
  const sha256 = await sha256Hex(transcript)
  const statement = aiSessionStatement({
    session: header,
    repository,
    transcript: { sha256, mediaType: SESSION_MEDIA_TYPE, bytes: transcript.length },
    attribution: [...attribution],
    redaction: { rules: 'stemma-redaction/1', redacted: {}, withheld: 0 },
    producer: { name: 'stemma', version: '0.1.0' },
    createdAt: '2026-11-20T11:00:00Z',
  })
  const envelope = writeEnvelope(await signStatement(statement, signer))
  return { transcript: new Uint8Array(gzipSync(transcript)), sha256, envelope }
}

const TRIES = 120

/** As `stemma push` does with what stays on its spool: the same bytes again, until they are acknowledged. */
async function insist(ask: () => Promise<Response>): Promise<void> {
  for (let count = 1; ; count++) {
    const response = await ask().catch(() => null)
    if (response?.ok) return void (await response.text())
    const reason = response === null ? 'nobody answered' : `${response.status} ${await response.text()}`
    const isFinal = response !== null && response.status < 500 && response.status !== 429
    if (isFinal || count === TRIES) throw new Error(`evidence is not acknowledged: ${reason}`)
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}
