import fc from 'fast-check'
import { expect, it } from 'vitest'
import { patchedPaths, readPatch } from '#core/agents/apply-patch.ts'

const path = fc.constantFrom('src/a.ts', 'src/b.ts', ' docs/c.md ', 'd\r')
const line = fc.oneof(
  path.map((one) => `*** Update File: ${one}`),
  path.map((one) => `*** Add File: ${one}`),
  path.map((one) => `*** Delete File: ${one}`),
  path.map((one) => `*** Move to: ${one}`),
  fc.constantFrom(
    '@@',
    '+*** Add File: no',
    ' kept',
    '-gone',
    '',
    '*** Begin Patch',
    '*** Update File: ',
    '\r',
    '*** End',
  ),
)

it('names the same files whether it reads a patch or only its marks, up to the end of the patch', () => {
  fc.assert(
    fc.property(fc.array(line), fc.array(line), fc.constantFrom('\n', '\r\n'), (before, after, end) => {
      const text = ["apply_patch <<'EOF'", '*** Begin Patch', ...before, '*** End Patch', ...after].join(end)
      const read = readPatch(text).flatMap(({ path: one, movedTo }) => [one, movedTo ?? one])
      expect(patchedPaths(text)).toEqual([...new Set(read)])
      for (const named of read) expect(before.some((one) => one.includes(named))).toBe(true)
    }),
    { numRuns: 300 },
  )
  expect(patchedPaths('*** Add File: a')).toEqual([])
})
