/** Statement -> Envelope. */
import { type Envelope, preAuthenticationEncoding, STATEMENT_PAYLOAD_TYPE } from './envelope.ts'
import type { Signer } from './key.ts'
import { type Statement, writeStatement } from './statement.ts'

export async function signStatement(statement: Statement, signer: Signer): Promise<Envelope> {
  const payload = writeStatement(statement)
  const bytes = await signer.sign(preAuthenticationEncoding(STATEMENT_PAYLOAD_TYPE, payload))
  return { payloadType: STATEMENT_PAYLOAD_TYPE, payload, signatures: [{ keyid: signer.keyid, bytes }] }
}
