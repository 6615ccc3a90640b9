import { expect, it } from 'vitest'
import type { Framework } from '#core/framework/framework.ts'
import { frameworks } from '#core/framework/registry.ts'
import { defaultContract } from '#core/policy/contract.ts'
import type { Result, Verdict } from '#core/policy/policy.ts'
import { buildReport } from '#core/report/build.ts'
import { droppedCheck, frameworkChecks, renderFrameworkCheck } from '#core/report/framework-check.ts'
import { sample } from './sample.ts'

const report = { ...buildReport(sample()), unobservedCommits: [] }

const framework = (id: string, policies: readonly (readonly string[])[], title = id): Framework<string> => ({
  id,
  title,
  version: '1',
  publisher: 'Acme',
  url: null,
  about: 'Rules.',
  controls: policies.map((list, at) => ({
    id: `R${at + 1}`,
    group: 'Controls',
    title: `Rule ${at + 1}`,
    about: '',
    policies: list,
    attestation: list.length === 0 ? 'We do.' : null,
  })),
})

const verdict = (policy: string, result: Result, gate = false): Verdict => ({
  policy,
  version: 1,
  result,
  gate,
  findings:
    result === 'fail'
      ? [
          {
            policy,
            severity: 'high',
            message: `${policy} found`,
            fix: 'Run `npm test`.',
            citations: [{ event: 'e', file: 'src/parse.ts', start: 41, end: 43 }],
          },
        ]
      : [],
  doubts: [],
  reason: result === 'error' ? `${policy} broke.` : null,
})

const contract = {
  policies: ['a', 'b', 'c'].map((policy) => ({ policy, with: {}, gate: false })),
  missingSession: 'success' as const,
}
const rendered = (verdicts: readonly Verdict[], policies: readonly (readonly string[])[], given = contract) =>
  renderFrameworkCheck(
    { ...report, sessions: report.sessions.slice(0, 1).map((session) => ({ ...session, verdicts: [...verdicts] })) },
    { name: 'Stemma / Ours', framework: framework('ours', policies) },
    given,
  )

it('names each check by its framework, once, and leaves out what is gone', () => {
  const own = framework('mine', [['a']], 'AI readiness')
  const names = (checks: string[]) => frameworkChecks({ checks }, [...frameworks, own]).map(({ name }) => name)
  expect(names(['slsa-source', 'gone', 'slsa-source'])).toEqual(['Stemma / SLSA source track'])
  expect(names(['ai-readiness', 'mine'])).toEqual([
    'Stemma / AI readiness (ai-readiness)',
    'Stemma / AI readiness (mine)',
  ])
  expect(frameworkChecks(defaultContract, frameworks)).toEqual([])
})

it('concludes by its own policies alone, and cites the lines of their findings', () => {
  const verdicts = [verdict('a', 'pass'), verdict('b', 'fail', true)]
  expect(rendered(verdicts, [['a']])).toMatchObject({ conclusion: 'success', annotations: [], head: report.head })
  const failed = rendered(verdicts, [['a'], ['b']])
  expect(failed).toMatchObject({
    name: 'Stemma / Ours',
    status: 'completed',
    conclusion: 'failure',
    title: '1 control violated · 1 control without objection',
  })
  expect(failed.annotations).toMatchObject([{ path: 'src/parse.ts', startLine: 41, level: 'failure' }])
  expect(failed.summary).toContain('Violated: `R2`.')
  expect(failed.summary).toContain('Run `npm test`')
  expect(failed.text).toContain('| `R2` Rule 2 | ✗ violated | `b` |')
})

it.each<[string, readonly Verdict[], readonly (readonly string[])[], string, string]>([
  ['advice that was broken', [verdict('a', 'fail')], [['a']], 'neutral', '1 control violated'],
  ['a gate that cannot tell', [verdict('a', 'error', true)], [['a']], 'failure', '1 control in doubt'],
  ['what is not in the contract', [verdict('a', 'pass')], [['a', 'other']], 'neutral', '1 control not judged'],
  ['what is waived', [verdict('a', 'waived', true)], [['a']], 'success', '1 control waived'],
  ['what only people can show', [verdict('a', 'pass')], [['a'], []], 'success', '1 control without objection'],
])('%s', (_, verdicts, policies, conclusion, title) => {
  expect(rendered(verdicts, policies)).toMatchObject({ conclusion, title })
})

it.each(['success', 'neutral', 'failure'] as const)('without a session is what the contract says: %s', (missing) => {
  const run = renderFrameworkCheck(
    { ...report, sessions: [] },
    { name: 'Stemma / Ours', framework: framework('ours', [['a'], ['other']]) },
    { ...contract, missingSession: missing },
  )
  expect(run.conclusion).toBe(missing)
  expect(run.title).toBe(missing === 'success' ? 'No AI session seen' : 'No evidence of an AI session')
})

it('is completed where nobody asks for it any more, and does not pass', () => {
  const run = droppedCheck({ name: 'Stemma / Ours', head: report.head, detailsUrl: report.dashboardUrl })
  expect(run).toMatchObject({ name: 'Stemma / Ours', status: 'completed', conclusion: 'neutral' })
})

it('holds the limits of the forge for a framework of two hundred controls, and lets nothing of its words act', () => {
  const many = framework(
    'ours',
    Array.from({ length: 200 }, () => Array<string>(50).fill('x'.repeat(100))),
  )
  const hostile = { ...many, title: '@ada <img src=x> | #1', about: '![x](https://evil.example/x.png)'.repeat(30) }
  const [check] = frameworkChecks({ checks: ['ours'] }, [hostile])
  if (check === undefined) throw new Error('the framework is known')
  const run = renderFrameworkCheck(report, check, contract)
  expect(`${run.text}`.length).toBeLessThan(65_535)
  expect(run.summary.length).toBeLessThan(65_535)
  expect(run.text).not.toContain('![x]')
  expect(run.text).toContain('more | | |')
  expect(run.text).not.toMatch(/@ada|[^\\]<img/)
})
