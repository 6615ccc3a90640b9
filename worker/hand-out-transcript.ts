/** A transcript for whoever asks, once it stands on record that they read it. */
import type { Erasure } from '#core/api/retention.ts'
import { readUtf8 } from '#core/evidence/bytes.ts'
import { Fault } from '#core/fault.ts'
import type { Env } from './env.ts'
import { blobsOf } from './store/blobs.ts'
import type { Principal } from './store/credentials.ts'
import { openDatabase } from './store/database.ts'
import { recordRead } from './store/transcript-reads.ts'
import { transcriptErased } from './transcript-erased.ts'

interface Wanted {
  /** null: of no session, which has no transcript. */
  readonly sessionId: string | null
  /** Its SHA-256; null where none was sent. */
  readonly transcript: string | null
  readonly erasure: Erasure | null
  /** Names the route in the record of reads. */
  readonly route: string
  /** What to say, and what to do, where there is none. */
  readonly missing: { readonly message: string; readonly hint: string }
}

export async function handOutTranscript(
  env: Pick<Env, 'BLOBS' | 'DB'>,
  { organisation, person, kind }: Principal,
  { sessionId, transcript, erasure, route, missing }: Wanted,
): Promise<string> {
  if (erasure !== null) throw transcriptErased(erasure)
  const blob = transcript === null ? null : await blobsOf(organisation.id, env.BLOBS).read(transcript)
  if (blob?.state === 'erased') throw transcriptErased(blob.erasure)
  if (blob?.state !== 'present' || sessionId === null) throw new Fault('not-found', missing)
  // Before anything is handed out: nobody reads where that cannot be put on record.
  const now = new Date().toISOString()
  const read = { sessionId, person: person.id, credential: kind, route, now }
  await recordRead(organisation.id, openDatabase(env.DB), read)
  return readUtf8(blob.bytes) ?? ''
}
