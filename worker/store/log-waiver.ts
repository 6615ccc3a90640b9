/** Puts the digest of a decision about a waiver into the organisation's log, whose checkpoints vouch for it. */
import { utf8 } from '#core/evidence/bytes.ts'
import { sha256Hex } from '#core/evidence/digest.ts'
import { LOG_ALONE, WAIVER_PREDICATE } from '#core/policy/waiver-statement.ts'
import type { LogLeaf } from '#core/ports.ts'
import { openDatabase } from './database.ts'
import { saveWaiverLeaf } from './waivers.ts'

/** What of the Worker's bindings this needs. */
interface Log {
  readonly DB: D1Database
  readonly EVIDENCE_LOG: { getByName(name: string): { append(leaf: LogLeaf): Promise<{ readonly index: number }> } }
}

/** The same statement again gives the same leaf. */
export async function logWaiver(
  organisation: string,
  env: Log,
  { id, statement, at }: { readonly id: string; readonly statement: string; readonly at: string },
): Promise<void> {
  const evidenceId = await sha256Hex(utf8(statement))
  const leaf = { evidenceId, predicateType: WAIVER_PREDICATE, keyId: LOG_ALONE, receivedAt: at }
  const { index } = await env.EVIDENCE_LOG.getByName(organisation).append(leaf)
  await saveWaiverLeaf(organisation, openDatabase(env.DB), { id, statement, index })
}
