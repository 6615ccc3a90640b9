import { expect, it } from 'vitest'
import { type FuzzReport, fuzzAttribution } from '#test/fuzz/attribution/report.ts'

// The same programs each time: what they find is mended, and stays so. More of them: `npm run fuzz -- attribution`.
const MINUTES = 60_000

function said({ flaws, ...report }: FuzzReport): unknown {
  return { wrong: report.wrong, flaws }
}

it('puts no line of random work in real repositories into a wrong class, and knows nearly all', {
  timeout: 10 * MINUTES,
}, async () => {
  const report = await fuzzAttribution({ steps: 320, seed: 1, mode: 'unique' })
  expect(said(report)).toEqual({ wrong: 0, flaws: [] })
  expect(report.lines).toBeGreaterThan(500)
  expect(report.missedShare).toBeLessThanOrEqual(0.01)
})

it('may not know lines that stand elsewhere too, and says nothing wrong of them', {
  timeout: 10 * MINUTES,
}, async () => {
  const report = await fuzzAttribution({ steps: 80, seed: 1, mode: 'repeated' })
  expect(said(report)).toEqual({ wrong: 0, flaws: [] })
  expect(report.lines).toBeGreaterThan(60)
})
