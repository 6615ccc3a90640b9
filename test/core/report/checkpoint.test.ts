import { describe, expect, test } from 'vitest'
import { buildReport } from '#core/report/build.ts'
import { renderCheckRun } from '#core/report/check-run.ts'
import type { Report } from '#core/report/report.ts'
import { sample } from './sample.ts'

const ROOT = 'q3tXw1H0mCk0tV7rJ9m1Q2bYy0o1xB5cFzv8o8oQf1A='
const summary = (checkpoint: Report['checkpoint'], change: Partial<Report> = {}) =>
  renderCheckRun({ ...buildReport(sample()), ...change, checkpoint }).summary

describe('the check run as a second witness of the log', () => {
  test('says origin, size and whole root, whatever else it says', () => {
    const checkpoint = { size: 1842, root: ROOT, origin: 'stemma.example.com/log/acme' }
    const line = `Transparency log: \`stemma.example.com/log/acme\`, 1,842 leaves, root \`${ROOT}\``
    expect(summary(checkpoint).endsWith(`\n\n${line}`)).toBe(true)
    expect(summary(checkpoint, { sessions: [], conclusion: 'success' }).endsWith(line)).toBe(true)
  })

  test('says what an older report knows, and nothing of an empty log', () => {
    expect(summary({ size: 1, root: ROOT })).toContain(`Transparency log: 1 leaf, root \`${ROOT}\``)
    expect(summary(null)).not.toContain('Transparency log')
  })

  test('keeps a hostile origin in its place', () => {
    const line = summary({ size: 1, root: ROOT, origin: '`</sub> @everyone [x](http://evil)' })
    expect(line).toContain('log: `` `</sub> @everyone [x](http://evil) ``, 1 leaf')
  })
})
