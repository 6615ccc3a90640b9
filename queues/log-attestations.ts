/** What the clock does for attestations: what a crash left unlogged is logged. */
import type { Env } from '#worker/env.ts'
import { logAttestation, unloggedAttestations } from '#worker/store/attestations.ts'
import { openDatabase } from '#worker/store/database.ts'

/** For one turn of the clock, every five minutes; the rest waits for the next one. */
const MAX_ATTESTATIONS = 100

/** One that fails keeps no other waiting, and is tried again at the next turn. */
export async function logAttestations(env: Env, at: Date): Promise<void> {
  for (const { organisation, id, statement } of await unloggedAttestations(openDatabase(env.DB), MAX_ATTESTATIONS)) {
    try {
      await logAttestation(organisation, env, { id, statement, at: at.toISOString() })
    } catch (error) {
      console.warn(JSON.stringify({ clock: 'attestations', problem: String(error) }))
    }
  }
}
