/** Signs a decision about a waiver as the organisation's server, and puts its digest into the log. */
import type { ConclusionView } from '#core/api/conclusions.ts'
import { type Bytes, utf8 } from '#core/evidence/bytes.ts'
import { sha256Hex } from '#core/evidence/digest.ts'
import { WAIVER_PREDICATE } from '#core/policy/waiver-statement.ts'
import type { LogEntry, LogLeaf } from '#core/ports.ts'
import { openDatabase } from './database.ts'
import { saveWaiverLeaf } from './waivers.ts'

/** What of the Worker's bindings this needs. */
interface Log {
  readonly DB: D1Database
  readonly EVIDENCE_LOG: {
    getByName(name: string): {
      append(leaf: LogLeaf): Promise<LogEntry>
      attest(payload: Bytes): Promise<{ readonly envelope: string; readonly keyId: string; readonly spki: string }>
    }
  }
}

interface Decided {
  /** Canonical JSON; see waiverStatement. */
  readonly statement: string
  /** When it was decided. */
  readonly at: string
}

/** The same statement again gives the same leaf. */
export async function logWaiver(
  organisation: string,
  env: Log,
  { id, ...decided }: Decided & { readonly id: string },
): Promise<void> {
  const { index } = await attestWaiver(organisation, env, decided)
  await saveWaiverLeaf(organisation, openDatabase(env.DB), { id, statement: decided.statement, index })
}

/** Nothing but the statement is stored: the same bytes give the same envelope, and the leaf that they had before. */
export async function attestWaiver(
  organisation: string,
  { EVIDENCE_LOG }: Pick<Log, 'EVIDENCE_LOG'>,
  { statement, at }: Decided,
): Promise<ConclusionView> {
  const log = EVIDENCE_LOG.getByName(organisation)
  const payload = utf8(statement)
  const [id, { envelope, keyId, spki: publicKey }] = await Promise.all([sha256Hex(payload), log.attest(payload)])
  const leaf = { evidenceId: id, predicateType: WAIVER_PREDICATE, keyId, receivedAt: at }
  const { index, receipt, receivedAt } = await log.append(leaf)
  return { id, predicateType: WAIVER_PREDICATE, envelope, keyId, publicKey, index, receivedAt, receipt }
}
