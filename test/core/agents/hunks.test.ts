import fc from 'fast-check'
import { expect, it } from 'vitest'
import { difference } from '#core/agents/hunks.ts'

/** Few different lines, so that texts repeat themselves as code does. */
const text = fc
  .tuple(fc.array(fc.constantFrom('', '}', 'a', 'b', 'return', '\r', 'x'.repeat(600)), { maxLength: 30 }), fc.boolean())
  .map(([lines, ends]) => lines.join('\n') + (ends ? '\n' : ''))

it('hunks lead from one text to the other, each with its lines where they are, and three lines around', () => {
  fc.assert(
    fc.property(text, text, text, text, (start, end, before, after) => {
      const [left, right] = [`${start}\n${before}\n${end}`, `${start}\n${after}\n${end}`]
      const old = left.split('\n')
      const result: string[] = []
      let at = 0
      for (const { oldStart, oldLines, newLines, lines } of difference(left, right)) {
        result.push(...old.slice(at, oldStart - 1))
        const [removed, added] = [lines.filter((line) => line[0] !== '+'), lines.filter((line) => line[0] !== '-')]
        expect(removed.map((line) => line.slice(1))).toEqual(old.slice(oldStart - 1, oldStart - 1 + oldLines))
        expect([removed.length, added.length]).toEqual([oldLines, newLines])
        expect(lines.slice(0, 4).some((line) => line[0] !== ' ')).toBe(true)
        result.push(...added.map((line) => line.slice(1)))
        at = oldStart - 1 + oldLines
      }
      result.push(...old.slice(at))
      expect(result.join('\n').replace(/\n$/, '')).toBe(right.replace(/\n$/, ''))
    }),
    { numRuns: 300 },
  )
})
