import { expect, it } from 'vitest'
import { utf8 } from '#core/evidence/bytes.ts'
import { attestationStatement, readAttestationStatement, type Vouched } from '#core/framework/attestation-statement.ts'

const vouched: Vouched = {
  id: 'a1',
  framework: 'ai-readiness',
  control: 'AIR-26',
  scope: 'product:shop',
  reason: 'Everybody took the course.',
  expiresAt: '2027-11-01T00:00:00.000Z',
}
const decided = { attestation: vouched, decision: 'made', by: 'p1', at: '2026-11-01T00:00:00.000Z' } as const

it('is the same text for the same decision, whatever else the row holds, and reads back', async () => {
  const text = await attestationStatement(decided)
  const row = { revokedAt: null, ...vouched, by: { id: 'p1', name: 'Ada' } }
  expect(await attestationStatement({ ...decided, attestation: row })).toBe(text)
  expect(text).not.toContain('Ada')
  expect(readAttestationStatement(utf8(text))?.predicate).toEqual(decided)
})

it('names what is vouched for by its digest, so that another end is another subject', async () => {
  const subjectOf = async (attestation: Vouched) =>
    readAttestationStatement(utf8(await attestationStatement({ ...decided, attestation })))?.subject
  const later = { ...vouched, expiresAt: '2028-11-01T00:00:00.000Z' }
  expect(await subjectOf(vouched)).not.toEqual(await subjectOf(later))
  expect((await subjectOf(vouched))?.[0]?.name).toBe('attestation:a1')
})

it.each([
  ['another statement', (text: string) => text.replace('control-attestation', 'waiver')],
  ['a member more', (text: string) => text.replace('"by":', '"also":1,"by":')],
  ['a member twice', (text: string) => text.replace('"by":', '"by":"p2","by":')],
  ['a decision that there is not', (text: string) => text.replace('"made"', '"approved"')],
  ['no JSON', () => '{'],
])('is none: %s', async (_, change) => {
  expect(readAttestationStatement(utf8(change(await attestationStatement(decided))))).toBeNull()
})
