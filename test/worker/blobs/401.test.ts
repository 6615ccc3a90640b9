import { test } from 'vitest'
import { utf8 } from '#core/evidence/bytes.ts'
import { putBlob } from '#test/workerd/organisation.ts'
import { expectProblem } from '#test/workerd/problem.ts'

test('a stranger stores nothing', async () => {
  const blob = { sha256: 'a'.repeat(64), transcript: utf8('x') }
  await expectProblem(await putBlob('stemma_device_unknown', blob), 'credential-invalid')
})
