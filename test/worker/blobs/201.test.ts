import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, test } from 'vitest'
import { BlobStored } from '#core/api/evidence.ts'
import {
  createOrganisation,
  putBlob,
  signEvidence,
  type TestEvidence,
  type TestOrganisation,
} from '#test/workerd/organisation.ts'
import { blobsOf } from '#worker/store/blobs.ts'
import { gzip, putGzip } from './gzip.ts'

let organisation: TestOrganisation
let evidence: TestEvidence
beforeAll(async () => {
  organisation = await createOrganisation('acme')
  evidence = await signEvidence(organisation.machine.signer)
})

describe('PUT /v1/blobs/{sha256} stores', () => {
  test('plain bytes, below the prefix of the organisation', async () => {
    const response = await putBlob(organisation.machine.token, evidence)
    expect(response.status).toBe(201)
    expect(BlobStored.parse(await response.json())).toEqual({
      sha256: evidence.sha256,
      bytes: evidence.transcript.length,
      created: true,
    })
    const listed = await env.BLOBS.list()
    expect(listed.objects.map(({ key }) => key)).toContain(`org/${organisation.id}/blobs/${evidence.sha256}`)
    expect(await blobsOf(organisation.id, env.BLOBS).get(evidence.sha256)).toEqual(evidence.transcript)
  })

  test('compressed bytes under the digest of the plain ones, and gives the plain ones back', async () => {
    const other = await createOrganisation('umbrella')
    const response = await putGzip(other.machine.token, evidence.sha256, await gzip(evidence.transcript))
    expect(response.status).toBe(201)
    expect(BlobStored.parse(await response.json()).bytes).toBe(evidence.transcript.length)
    expect(await blobsOf(other.id, env.BLOBS).get(evidence.sha256)).toEqual(evidence.transcript)
  })
})
