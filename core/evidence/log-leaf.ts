/** Leaf of the log: digests and a time in canonical JSON, so that whoever holds the evidence can write the same bytes. */
import { z } from 'zod'
import { Fault } from '../fault.ts'
import type { LogLeaf } from '../ports.ts'
import { type Bytes, readUtf8, utf8 } from './bytes.ts'
import { canonicalJson } from './canonical-json.ts'

/** A tile entry carries a u16 length (C2SP tlog-tiles); a leaf is about 300 bytes, and 1 KiB notices drift early. */
export const MAX_LEAF_BYTES = 1024

const LEAF_VERSION = 1

const LeafJson = z.object({
  v: z.literal(LEAF_VERSION),
  evidenceId: z.string().regex(/^[0-9a-f]{64}$/),
  predicateType: z.string().min(1),
  keyId: z.string().regex(/^[0-9a-f]{64}$/),
  receivedAt: z.iso.datetime(),
})

/** Throws request-malformed for a leaf that is no leaf or is larger than 1 KiB. */
export function writeLogLeaf({ evidenceId, predicateType, keyId, receivedAt }: LogLeaf): Bytes {
  const parsed = LeafJson.safeParse({ v: LEAF_VERSION, evidenceId, predicateType, keyId, receivedAt })
  if (!parsed.success) throw malformed(z.prettifyError(parsed.error))
  const bytes = utf8(canonicalJson(parsed.data))
  if (bytes.length > MAX_LEAF_BYTES) throw malformed(`it has ${bytes.length} bytes of at most ${MAX_LEAF_BYTES}`)
  return bytes
}

/** null where the bytes are not a leaf of this version. */
export function readLogLeaf(bytes: Bytes): LogLeaf | null {
  const text = readUtf8(bytes)
  if (text === null) return null
  try {
    const { evidenceId, predicateType, keyId, receivedAt } = LeafJson.parse(JSON.parse(text))
    return { evidenceId, predicateType, keyId, receivedAt }
  } catch {
    return null
  }
}

function malformed(problem: string): Fault {
  return new Fault('request-malformed', {
    message: `The log does not take this leaf: ${problem}`.slice(0, 1_000),
    hint: 'Send the evidence as `stemma push` writes it.',
  })
}
