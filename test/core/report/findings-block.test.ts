import { describe, expect, it } from 'vitest'
import { buildReport } from '#core/report/build.ts'
import { renderComment } from '#core/report/comment.ts'
import { FINDINGS_MARKER, FindingsBlock, readFindingsBlock, renderFindingsBlock } from '#core/report/findings-block.ts'
import { attacks } from './attacks.ts'
import { poisoned } from './poisoned.ts'
import { sample } from './sample.ts'

const report = buildReport(sample())

describe('the block of findings', () => {
  it('says what the comment says, with places and ids', () => {
    const block = readFindingsBlock(renderComment(report))
    expect(block).toMatchObject({ version: 1, head: report.head, conclusion: 'failure', omitted: 0 })
    expect(block?.findings.map(({ policy, kind, gate }) => [policy, kind, gate])).toEqual([
      ['no-hook-bypass', 'finding', true],
      ['tests-after-last-edit', 'finding', false],
      [null, 'missing', false],
    ])
    expect(block?.findings[1]?.files).toEqual([{ path: 'src/format.ts', start: null, end: null }])
    expect(new Set(block?.findings.map(({ id }) => id)).size).toBe(3)
  })

  it('keeps the ids of what stays when other findings come and go, and when the head moves', () => {
    const ids = (one: typeof report) =>
      new Map(readFindingsBlock(renderComment(one))?.findings.map(({ id, policy }) => [policy, id]))
    const before = ids(report)
    const [, second] = report.sessions
    const after = ids({
      ...report,
      head: 'f'.repeat(40),
      sessions: second === undefined ? [] : [second],
      unobservedCommits: [...report.unobservedCommits, ...report.unobservedCommits],
    })
    expect(after.get('tests-after-last-edit')).toBe(before.get('tests-after-last-edit'))
    expect(after.get(null)).toBe(before.get(null))
    expect(after.has('no-hook-bypass')).toBe(false)
  })

  it.each(attacks.map((attack) => [JSON.stringify(attack).slice(0, 50), attack] as const))(
    'holds %s and is not ended by it',
    (_, attack) => {
      const text = renderFindingsBlock(poisoned(attack))
      expect(text.split('\n')).toHaveLength(1)
      expect(text.slice(FINDINGS_MARKER.length, -' -->'.length)).toMatch(/^[\w\s{}[\]":,.\\/ ]*$/)
      const block = readFindingsBlock(`before\n${text}\n`)
      expect(block).not.toBeNull()
      const found = block?.findings.find(({ kind }) => kind === 'finding')
      if (attack.length < 200 && found !== undefined) expect(found.message).toBe(`\`${attack}\` did ${attack}`)
      expect(text.length).toBeLessThanOrEqual(12_000)
    },
  )

  it('counts what finds no room', () => {
    const [session] = report.sessions
    const [verdict] = session?.verdicts.filter(({ result }) => result === 'fail') ?? []
    if (session === undefined || verdict === undefined) throw new Error('the sample has a finding')
    const [finding] = verdict.findings
    if (finding === undefined) throw new Error('the sample has a finding')
    const findings = Array.from({ length: 200 }, (__, at) => ({ ...finding, message: `${at} ${'x'.repeat(400)}` }))
    const block = readFindingsBlock(
      renderFindingsBlock({ ...report, sessions: [{ ...session, verdicts: [{ ...verdict, findings }] }] }),
    )
    expect(block?.omitted).toBeGreaterThan(100)
    expect((block?.findings.length ?? 0) + (block?.omitted ?? 0)).toBe(201)
  })

  it.each([
    '',
    'nothing here',
    `${FINDINGS_MARKER}{} -->`,
    `${FINDINGS_MARKER}{"version":2} -->`,
    `${FINDINGS_MARKER}not json -->`,
  ])('reads nothing out of %j', (text) => {
    expect(readFindingsBlock(text)).toBeNull()
  })

  it('has the published shape', () => {
    expect(FindingsBlock.safeParse(readFindingsBlock(renderFindingsBlock(report))).success).toBe(true)
  })
})
