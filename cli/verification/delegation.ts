/** On whose behalf a session ran, by the evidence of this machine: one more line of the list. */
import { preAuthenticationEncoding, readEnvelope } from '#core/evidence/envelope.ts'
import { verifySignature } from '#core/evidence/key.ts'
import { readStatement, sessionOf } from '#core/evidence/statement.ts'
import { isFault } from '#core/fault.ts'
import { delegationChain, delegationInWords } from '#core/session/delegation.ts'
import type { SessionHeader } from '#core/session/session.ts'
import type { Context } from '../context.ts'
import { publicKeyOf, readAllDeviceKeys } from '../io/keys.ts'
import { readAllReceipts, readSentEnvelope } from '../io/receipts.ts'
import { findRepository } from '../io/repository.ts'
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
      const envelope = found[index]?.envelope ?? ''
      const header = headerOf(envelope)
      if (header?.delegation === undefined) return one
      const signer = await signerOf(envelope, context)
      const chain = await delegationChain({ id: header.id, delegation: header.delegation, signer }, (id) =>
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
    if (header === null || envelope === null) return null
    return { id, delegation: header.delegation ?? null, signer: await signerOf(envelope, context) }
  } catch (fault) {
    // A file is verified anywhere, outside of a repository too.
    if (isFault(fault)) return null
    throw fault
  }
}

/** The person as whom this machine is enrolled, where one of its keys made a signature; nobody where another's did. */
async function signerOf(text: string, { configurationFolder }: Context): Promise<readonly string[]> {
  const { payloadType, payload, signatures } = readEnvelope(text)
  const bytes = preAuthenticationEncoding(payloadType, payload)
  const names: string[] = []
  for (const own of await readAllDeviceKeys(configurationFolder)) {
    const key = await publicKeyOf(own)
    const made = await Promise.all(signatures.map((signature) => verifySignature(key, signature.bytes, bytes)))
    if (own.enrolment !== null && made.includes(true)) names.push(own.enrolment.person.name)
  }
  return names
}

function headerOf(envelope: string): SessionHeader | null {
  try {
    return sessionOf(readStatement(readEnvelope(envelope).payload))
  } catch (fault) {
    if (isFault(fault)) return null
    throw fault
  }
}
