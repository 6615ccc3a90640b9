import { describe, expect, it } from 'vitest'
import { postureCsv, postureJson, postureMarkdown } from '#core/framework/export.ts'
import { postureOscal } from '#core/framework/export-oscal.ts'
import { postureOf } from '#core/framework/posture.ts'
import { frameworks } from '#core/framework/registry.ts'

const at = '2026-11-22T12:00:00.000Z'
const [framework] = frameworks
if (framework === undefined) throw new Error('there is no framework')

const posture = postureOf({
  framework,
  scope: { kind: 'project', name: '=cmd|acme/"app"' },
  at,
  tallies: [
    {
      policy: 'approved-agents',
      counts: { pass: 3, fail: 1, error: 0, skipped: 0, waived: 0 },
      against: ['e'.repeat(64)],
      for: ['f'.repeat(64)],
    },
    {
      policy: 'approved-models',
      counts: { pass: 3, fail: 0, error: 0, skipped: 1, waived: 0 },
      against: [],
      for: ['f'.repeat(64)],
    },
  ],
  attestations: [
    {
      framework: framework.id,
      control: 'AIR-26',
      by: '@ada',
      statement: '<img src=x> | done, "yes"',
      madeAt: '2026-11-01T00:00:00.000Z',
      expiresAt: '2027-11-01T00:00:00.000Z',
    },
  ],
  inForce: ['approved-agents', 'approved-models'],
})

it('writes JSON that says the same', () => {
  const read = JSON.parse(postureJson(posture))
  expect(read).toMatchObject({ schema: 'stemma.posture/v1', at, counts: posture.counts })
  expect(read.controls[0]).toMatchObject({ id: 'AIR-1', state: 'violated', coverage: { decided: 4, total: 4 } })
  expect(read.controls).toHaveLength(framework.controls.length)
})

describe('CSV', () => {
  const lines = postureCsv(posture).split('\r\n')

  it('has a row for each control and an empty cell for what is not known', () => {
    expect(lines).toHaveLength(framework.controls.length + 2)
    expect(lines[1]).toContain(',AIR-1,')
    expect(lines[3]).toMatch(/not-evaluated,[^,]*,,,/)
  })

  it('keeps quotes and commas in their cells', () => {
    expect(lines[1]).toContain('"project =cmd|acme/""app"""')
    expect(lines.at(-2)).toContain('"@ada attests: <img src=x> | done, ""yes"""'.replace('"@', `"'@`))
  })

  it('lets no cell begin like a formula', () => {
    for (const line of lines) expect(line).not.toMatch(/(?:^|,)"?[=+@-]/)
  })
})

it('writes Markdown in which hostile text stays text', () => {
  const text = postureMarkdown(posture)
  expect(text).toContain('❌ violated')
  expect(text).not.toMatch(/(?<!\\)<img/)
  expect(text).not.toMatch(/(?<!\\)@ada/)
  const rows = text.split('\n').filter((line) => line.startsWith('| `'))
  expect(rows).toHaveLength(framework.controls.length)
  for (const row of rows) expect(row.replaceAll('\\|', '').split('|')).toHaveLength(8)
})

describe('OSCAL', async () => {
  const text = await postureOscal(posture)
  const results = JSON.parse(text)['assessment-results']
  const [result] = results.results

  it('is the same document for the same posture, and another for another', async () => {
    expect(await postureOscal(posture)).toBe(text)
    const other = JSON.parse(await postureOscal({ ...posture, at: '2026-11-23T12:00:00.000Z' }))['assessment-results']
    expect(other.uuid).not.toBe(results.uuid)
  })

  it('has ids as OSCAL wants them, each once', () => {
    const ids = [...text.matchAll(/"uuid": "([^"]+)"/g)].map(([, id]) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })

  it('has a finding and an observation for each control, bound to each other', () => {
    expect(result.findings).toHaveLength(framework.controls.length)
    const observations = new Set(result.observations.map(({ uuid }: { uuid: string }) => uuid))
    for (const finding of result.findings) {
      expect(observations).toContain(finding['related-observations'][0]['observation-uuid'])
    }
    expect(`#${results['back-matter'].resources[0].uuid}`).toBe(results['import-ap'].href)
  })

  it.each([
    ['AIR-1', 'not-satisfied', 'fail', 'TEST'],
    ['AIR-2', 'satisfied', 'pass', 'TEST'],
    ['AIR-3', 'not-satisfied', 'other', 'TEST'],
    ['AIR-26', 'satisfied', 'pass', 'INTERVIEW'],
  ])('%s is %s for the reason %s', (control, state, reason, method) => {
    const index = framework.controls.findIndex(({ id }) => id === control)
    expect(result.findings[index].target).toMatchObject({ 'target-id': control, status: { state, reason } })
    expect(result.observations[index].methods).toEqual([method])
  })
})
