import { z } from 'zod'
import { globMatcher } from '../../session/globs.ts'
import { citeSession, nothingFound, skip } from '../evaluation.ts'
import { definePolicy } from '../policy.ts'
import { examplePullRequest } from '../subject.ts'

export const sessionPresent = definePolicy({
  id: 'session-present',
  version: 1,
  title: 'Every commit of a pull request has evidence',
  why: 'Evidence that may be left out proves nothing about the commits that have none.',
  fix: 'Run `stemma init` in the repository and `stemma push` where the commits were made.',
  severity: 'medium',
  evidence: ['pullRequest'],
  reads: 'header',
  onPullRequest: 'instead',
  parameters: z.object({
    exemptAuthors: z
      .array(z.string().min(1))
      .default(['*[[]bot[]]', 'dependabot*', 'renovate*'])
      .describe('Globs of logins whose commits need no evidence.'),
    maximumMissing: z.int().nonnegative().default(0).describe('How many commits may lack evidence.'),
  }),
  evaluate({ session, pullRequest = null }, { exemptAuthors, maximumMissing }) {
    if (pullRequest === null) return skip('Missing evidence shows beside a pull request only, and this is none.')
    const isExempt = globMatcher(exemptAuthors, { nocase: true })
    const concerned = pullRequest.commits.filter(
      ({ author, isMerge }) => !isMerge && (author === null || !isExempt(author)),
    )
    const missing = concerned.filter(({ hasEvidence }) => !hasEvidence)
    if (missing.length <= maximumMissing) return nothingFound
    const shown = missing.slice(0, 5).map(({ sha }) => sha.slice(0, 10))
    const more = missing.length > shown.length ? ` and ${missing.length - shown.length} more` : ''
    const finding = {
      policy: 'session-present',
      severity: 'medium' as const,
      message: `${missing.length} of ${concerned.length} commits have no evidence: ${shown.join(', ')}${more}.`,
      fix: 'Run `stemma push` where the commits were made.',
      citations: citeSession(session),
    }
    return { findings: [finding], doubts: [], skipped: null }
  },
  examples: {
    violates: [{ title: 'a commit without evidence', commands: ['ls'], pullRequest: withoutEvidence('ada') }],
    passes: [
      { title: 'evidence for each', commands: ['ls'], pullRequest: examplePullRequest() },
      { title: 'a robot that writes no code', commands: ['ls'], pullRequest: withoutEvidence('dependabot[bot]') },
      { title: 'no pull request', commands: ['ls'] },
    ],
  },
})

function withoutEvidence(author: string) {
  const sha = 'b'.repeat(40)
  return examplePullRequest({ commits: [{ sha, author, signature: 'unsigned', hasEvidence: false, isMerge: false }] })
}
