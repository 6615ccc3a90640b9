/** Payloads that a device signs and no verifier takes. */
import { type Bytes, utf8 } from '#core/evidence/bytes.ts'
import { statementBytes } from './evidence-log.ts'

/** What an enrolled device may sign although it should not: the signature is good, and what is signed is not. */
export async function signedPayloads(): Promise<readonly (readonly [string, Bytes, string])[]> {
  const statement = JSON.parse(new TextDecoder().decode(statementBytes(1)))
  const json = (value: unknown) => utf8(JSON.stringify(value))
  return [
    ['no JSON', utf8('hello'), 'statement-malformed'],
    ['no UTF-8', new Uint8Array([0xff, 0xfe]), 'statement-malformed'],
    ['another type', json({ ...statement, _type: 'x' }), 'statement-malformed'],
    ['another predicate', json({ ...statement, predicateType: 'https://example.com/x' }), 'statement-malformed'],
    [
      'a session that started itself',
      json({
        ...statement,
        predicateType: 'https://stemma.dev/attestation/ai-session/v1',
        predicate: { ...statement.predicate, transcript: null, session: { id: 'a:b', delegation: { parent: 'a:b' } } },
      }),
      'statement-malformed',
    ],
    ['no subject', json({ ...statement, subject: [] }), 'statement-malformed'],
    ['no digest', json({ ...statement, subject: [{ name: 'x' }] }), 'statement-malformed'],
    ['a key twice', utf8(JSON.stringify(statement).replace('{', '{"_type":"x",')), 'statement-malformed'],
    [
      'about another commit',
      json({ ...statement, subject: [{ digest: { gitCommit: 'f'.repeat(40) } }] }),
      'subject-mismatch',
    ],
    [
      'about a commit more',
      json({ ...statement, subject: [...statement.subject, { digest: { gitCommit: 'f'.repeat(40) } }] }),
      'subject-mismatch',
    ],
  ]
}
