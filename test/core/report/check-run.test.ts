import { describe, expect, it } from 'vitest'
import { defaultContract } from '#core/policy/contract.ts'
import { buildReport } from '#core/report/build.ts'
import { renderCheckRun } from '#core/report/check-run.ts'
import type { Report } from '#core/report/report.ts'
import { forgeCommit, sample } from './sample.ts'

const report = buildReport(sample())

function withFindings(
  lines: readonly { readonly start: number | null; readonly end: number | null; readonly file: string }[],
  gate = false,
): Report {
  const findings = lines.map(({ start, end, file }) => ({
    policy: 'p',
    severity: 'low' as const,
    message: `at ${start}`,
    fix: 'f',
    citations: [{ event: 'e', file, start, end }],
  }))
  const verdict = { policy: 'p', version: 1, result: 'fail' as const, gate, findings, doubts: [], reason: null }
  return { ...report, sessions: report.sessions.map((session) => ({ ...session, verdicts: [verdict] })) }
}

describe('renderCheckRun', () => {
  it('carries the conclusion, a title of one line and the items', () => {
    const run = renderCheckRun(report)
    expect(run).toMatchObject({ name: 'Stemma', head: report.head, status: 'completed', conclusion: 'failure' })
    expect(run.title).toBe('Fix 1 thing · 91% AI lines · 2 sessions · 1 commit without evidence')
    expect(run.summary).toContain('**no-hook-bypass**')
    expect(run.text).toContain('| Session |')
  })

  it('says each thing once: the text begins where the summary ends', () => {
    const run = renderCheckRun(report)
    expect(run.text?.startsWith('| Session |')).toBe(true)
    expect(run.text).not.toContain('**no-hook-bypass**')
  })

  it('offers what a reader may ask for within the limits of GitHub, where there is evidence to judge', () => {
    const actions = renderCheckRun(report).actions ?? []
    expect(actions.map(({ identifier }) => identifier)).toEqual(['evaluate'])
    expect(actions.length).toBeLessThanOrEqual(3)
    for (const { label, description, identifier } of actions) {
      expect(label.length).toBeLessThanOrEqual(20)
      expect(description.length).toBeLessThanOrEqual(40)
      expect(identifier.length).toBeLessThanOrEqual(20)
    }
    expect(renderCheckRun(buildReport({ ...sample(), sessions: [] })).actions).toEqual([])
  })

  it('says so where no session is known and none is asked for', () => {
    const run = renderCheckRun(
      buildReport({ ...sample(), commits: [forgeCommit('a'.repeat(40), 'One')], sessions: [] }),
    )
    expect(run).toMatchObject({ conclusion: 'success', title: 'No AI session seen', text: null })
    expect(run.summary).toContain('none is asked for')
  })

  it('says which evidence is missing where commits name a session that nobody sent, although none is asked for', () => {
    const run = renderCheckRun(buildReport({ ...sample(), sessions: [] }))
    expect(run).toMatchObject({ conclusion: 'success', title: 'No evidence of 1 session that commits name' })
    expect(run.summary).toContain('The commits name 1 session whose evidence has not arrived (`4be1c02`, `5cf2d13`')
    expect(run.summary).not.toContain('none is asked for')
  })

  it.each(['neutral', 'failure'] as const)(
    'names the evidence that is missing when the contract says %s',
    (missingSession) => {
      const run = renderCheckRun(
        buildReport({ ...sample(), sessions: [], contract: { ...defaultContract, missingSession } }),
      )
      expect(run.conclusion).toBe(missingSession)
      expect(run.summary).toContain('Missing evidence')
    },
  )

  it('annotates the exact lines of files of this pull request, and no others', () => {
    const [annotation, ...others] = renderCheckRun(
      withFindings([
        { file: 'src/parse.ts', start: 41, end: 43 },
        { file: 'src/elsewhere.ts', start: 1, end: 1 },
      ]),
    ).annotations
    expect(annotation).toMatchObject({ path: 'src/parse.ts', startLine: 41, endLine: 43, level: 'warning' })
    expect(others).toEqual([])
  })

  it('takes the first lines of the session where a finding names a file only', () => {
    expect(
      renderCheckRun(withFindings([{ file: 'src/parse.ts', start: null, end: null }], true)).annotations,
    ).toMatchObject([{ startLine: 3, endLine: 14, level: 'failure' }])
  })

  it('writes at most fifty annotations', () => {
    const many = Array.from({ length: 200 }, (_, index) => ({ file: 'src/parse.ts', start: index + 1, end: index + 1 }))
    expect(renderCheckRun(withFindings(many)).annotations).toHaveLength(50)
  })
})
