import fc from 'fast-check'
import { expect, test } from 'vitest'
import { utf8 } from '#core/evidence/bytes.ts'
import { isSignedByGitHub } from '#worker/github/webhook-signature.ts'

/** Published in GitHub's "Validating webhook deliveries". */
const secret = "It's a Secret to Everybody"
const signature = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17'

test('the published example is accepted', async () => {
  expect(await isSignedByGitHub(utf8('Hello, World!'), signature, secret)).toBe(true)
})

test('any other body, secret or header is refused', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string(), fc.string(), async (body, other) => {
      fc.pre(body !== 'Hello, World!' && other !== secret)
      expect(await isSignedByGitHub(utf8(body), signature, secret)).toBe(false)
      expect(await isSignedByGitHub(utf8('Hello, World!'), signature, other)).toBe(false)
      expect(await isSignedByGitHub(utf8('Hello, World!'), other, secret)).toBe(false)
    }),
    { numRuns: 50 },
  )
  expect(await isSignedByGitHub(utf8('Hello, World!'), undefined, secret)).toBe(false)
  expect(await isSignedByGitHub(utf8('Hello, World!'), signature.toUpperCase(), secret)).toBe(false)
})
