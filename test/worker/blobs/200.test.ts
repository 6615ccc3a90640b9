import { expect, test } from 'vitest'
import { BlobStored } from '#core/api/evidence.ts'
import { createOrganisation, putBlob, signEvidence } from '#test/workerd/organisation.ts'
import { gzip, putGzip } from './gzip.ts'

test('the same bytes again, plain or compressed, change nothing', async () => {
  const { machine } = await createOrganisation('acme')
  const evidence = await signEvidence(machine.signer)
  await putBlob(machine.token, evidence)
  for (const again of [
    await putBlob(machine.token, evidence),
    await putGzip(machine.token, evidence.sha256, await gzip(evidence.transcript)),
  ]) {
    expect(again.status).toBe(200)
    expect(BlobStored.parse(await again.json()).created).toBe(false)
  }
})
