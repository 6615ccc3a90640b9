import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, test } from 'vitest'
import { utf8 } from '#core/evidence/bytes.ts'
import { createOrganisation, putBlob, signEvidence, type TestOrganisation } from '#test/workerd/organisation.ts'
import { expectProblem } from '#test/workerd/problem.ts'
import { gzip, putGzip } from './gzip.ts'

let organisation: TestOrganisation
beforeAll(async () => {
  organisation = await createOrganisation('acme')
})

describe('PUT /v1/blobs/{sha256} refuses', () => {
  test('bytes with another digest, and stores nothing', async () => {
    const { sha256 } = await signEvidence(organisation.machine.signer)
    const wrong = { sha256, transcript: utf8('other bytes') }
    await expectProblem(await putBlob(organisation.machine.token, wrong), 'digest-mismatch')
    await expectProblem(
      await putGzip(organisation.machine.token, sha256, await gzip(utf8('other bytes'))),
      'digest-mismatch',
    )
    expect((await env.BLOBS.list()).objects).toEqual([])
  })

  test('a digest that is none', async () => {
    const wrong = { sha256: 'ABC', transcript: utf8('') }
    await expectProblem(await putBlob(organisation.machine.token, wrong), 'request-malformed')
  })

  test('gzip that is cut short, corrupt, or none at all', async () => {
    const { sha256, transcript } = await signEvidence(organisation.machine.signer)
    const whole = await gzip(transcript)
    const corrupt = whole.slice()
    corrupt[corrupt.length - 6] = (corrupt[corrupt.length - 6] ?? 0) ^ 0xff
    for (const body of [whole.slice(0, -30), corrupt, utf8('not gzip'), utf8('')]) {
      await expectProblem(await putGzip(organisation.machine.token, sha256, body), 'request-malformed')
    }
  })
})
