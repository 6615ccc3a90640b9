/** On whose behalf a session ran, by the evidence of this machine: one more line of the list. */
import { readEnvelope } from '#core/evidence/envelope.ts'
import { readStatement, sessionOf } from '#core/evidence/statement.ts'
import { isFault } from '#core/fault.ts'
import { delegationChain, delegationInWords } from '#core/session/delegation.ts'
import type { SessionHeader } from '#core/session/session.ts'
import type { Context } from '../context.ts'
import { findRepository } from '../io/repository.ts'
import { readAllReceipts, readSentEnvelope } from '../io/receipts.ts'
import type { Check, Checked } from './checklist.ts'
import type { Material } from './material.ts'

/** Adds the line where a session says that somebody started it. A chain that bites its own tail fails the evidence. */
export async function checkDelegation(
  checked: readonly Checked[],
  found: readonly Material[],
  context: Context,
): Promise<readonly Checked[]> {
  return Promise.all(
    checked.map(async (one, index) => {
      const header = headerOf(found[index]?.envelope ?? '')
      if (header?.delegation === undefined) return one
      const chain = await delegationChain({ id: header.id, delegation: header.delegation }, (id) =>
        findHere(id, context),
      )
      const result = chain.problem === null ? 'passed' : chain.problem.kind === 'unknown-session' ? 'skipped' : 'failed'
      const check: Check = { name: 'delegation', result, detail: delegationInWords(chain) }
      return { ...one, checks: [...one.checks, check], verified: one.verified && result !== 'failed' }
    }),
  )
}

async function findHere(id: string, context: Context) {
  try {
    const { stateDirectory } = await findRepository(context.workingDirectory)
    const receipts = (await readAllReceipts(stateDirectory)).filter(({ notes }) => notes.session === id)
    // The newest says it last; earlier evidence of the session tells no other parent.
    const newest = receipts.toSorted((left, right) => right.index - left.index)[0]
    const envelope = newest === undefined ? null : await readSentEnvelope(stateDirectory, newest.notes.id)
    const header = envelope === null ? null : headerOf(envelope)
    return header === null ? null : { id, delegation: header.delegation ?? null }
  } catch (fault) {
    // A file is verified anywhere, outside of a repository too.
    if (isFault(fault)) return null
    throw fault
  }
}

function headerOf(envelope: string): SessionHeader | null {
  try {
    return sessionOf(readStatement(readEnvelope(envelope).payload))
  } catch (fault) {
    if (isFault(fault)) return null
    throw fault
  }
}
