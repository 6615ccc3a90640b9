/** Has a decision signed by the organisation's server, and puts its digest into the log. */
import type { ConclusionView } from '#core/api/conclusions.ts'
import { type Bytes, utf8 } from '#core/evidence/bytes.ts'
import { sha256Hex } from '#core/evidence/digest.ts'
import type { LogEntry, LogLeaf } from '#core/ports.ts'

/** What of the Worker's bindings this needs. */
export interface Log {
  readonly EVIDENCE_LOG: {
    getByName(name: string): {
      append(leaf: LogLeaf): Promise<LogEntry>
      attest(payload: Bytes): Promise<{ readonly envelope: string; readonly keyId: string; readonly spki: string }>
    }
  }
}

export interface Decided {
  readonly predicateType: string
  /** Canonical JSON. */
  readonly statement: string
  /** When it was decided. */
  readonly at: string
}

/** Nothing but the statement has to be stored: the same bytes give the same envelope, and the leaf that they had before. */
export async function logStatement(
  organisation: string,
  { EVIDENCE_LOG }: Log,
  { predicateType, statement, at }: Decided,
): Promise<ConclusionView> {
  const log = EVIDENCE_LOG.getByName(organisation)
  const payload = utf8(statement)
  const [id, { envelope, keyId, spki: publicKey }] = await Promise.all([sha256Hex(payload), log.attest(payload)])
  const { index, receipt, receivedAt } = await log.append({ evidenceId: id, predicateType, keyId, receivedAt: at })
  return { id, predicateType, envelope, keyId, publicKey, index, receivedAt, receipt }
}
