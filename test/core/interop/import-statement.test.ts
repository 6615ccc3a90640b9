import { describe, expect, it } from 'vitest'
import { readPublicKey, readSigner } from '#core/evidence/key.ts'
import { type Import, isSignedImport, signImport } from '#core/interop/import-statement.ts'
import { readImport } from '#core/interop/read-import.ts'
import { keyPair } from '#test/core/evidence/key-pair.ts'

async function newKey() {
  const { pkcs8, spki } = keyPair()
  return { key: await readPublicKey(spki), signer: await readSigner(pkcs8, spki) }
}

const note = 'a.ts\n  d9978a8723e02b52 1-3\n---\n{"schema_version":"authorship/3.0.0"}'
const made: Import = {
  id: 'a'.repeat(64),
  from: 'refs/notes/ai',
  importedAt: '2026-11-22T20:00:00.000Z',
  records: await readImport(note),
}

describe('the signature of an import', () => {
  it('holds for exactly this import and this key', async () => {
    const { key, signer } = await newKey()
    const envelope = await signImport(made, signer)
    expect(await isSignedImport(envelope, made, key)).toBe(true)
    expect(await isSignedImport(envelope, made, (await newKey()).key)).toBe(false)
    const others: readonly Partial<Import>[] = [
      { id: 'b'.repeat(64) },
      { from: 'refs/notes/other' },
      { importedAt: '2026-11-23T20:00:00.000Z' },
      { records: [] },
      { records: made.records.map((record) => ({ ...record, commit: 'c'.repeat(40) })) },
    ]
    for (const other of others) expect(await isSignedImport(envelope, { ...made, ...other }, key)).toBe(false)
  })

  it('is a statement about the bytes, and names nobody as their author', async () => {
    const { signer } = await newKey()
    const { payload, payloadType } = JSON.parse(await signImport(made, signer))
    expect(payloadType).toBe('application/vnd.in-toto+json')
    expect(JSON.parse(Buffer.from(payload, 'base64').toString())).toMatchObject({
      subject: [{ name: 'refs/notes/ai', digest: { sha256: made.id } }],
      predicateType: 'https://stemma.dev/attestation/import/v1',
      predicate: { sources: ['git-ai authorship/3.0.0'], records: { count: 1 } },
    })
  })

  it.each(['', '{', '{}', '{"payload":"","payloadType":"x","signatures":[{"sig":"AA=="}]}'])(
    'does not hold in %j',
    async (envelope) => expect(await isSignedImport(envelope, made, (await newKey()).key)).toBe(false),
  )
})
