import { z } from 'zod'
import { addLineCounts, noLines, totalLines } from '../../attribution/attribution.ts'
import { citeFile, citeSession, citeSome, skip } from '../evaluation.ts'
import { definePolicy, type Finding } from '../policy.ts'
import { exampleCommit } from '../subject.ts'

const words = {
  policy: 'evidence-complete',
  severity: 'medium',
  fix: 'Run `stemma doctor` where the work was done, and keep its hooks on while agents and people edit.',
} as const

export const evidenceComplete = definePolicy({
  id: 'evidence-complete',
  version: 1,
  title: 'The evidence covers the change',
  why: 'What was not observed can be neither trusted nor counted, so a gap in the evidence is a result of its own.',
  fix: words.fix,
  severity: words.severity,
  evidence: ['session', 'commits'],
  reads: 'header',
  onPullRequest: 'instead',
  parameters: z.object({
    maximumUnknownShare: z
      .number()
      .min(0)
      .max(1)
      .default(0.25)
      .describe('Share of the added lines, from 0 to 1, that may be of unknown origin.'),
    maximumMalformedShare: z
      .number()
      .min(0)
      .max(1)
      .default(0.01)
      .describe('Share of the transcript’s records, from 0 to 1, that may be unreadable.'),
  }),
  evaluate({ session, commits }, { maximumUnknownShare, maximumMalformedShare }) {
    const findings: Finding[] = []
    const { records, malformed } = session.parse
    if (records > 0 && malformed / (records + malformed) > maximumMalformedShare) {
      const message = `${malformed} of ${records + malformed} records of the transcript could not be read.`
      findings.push({ ...words, message, citations: citeSession(session) })
    }
    const lines = commits.map(({ added }) => added).reduce(addLineCounts, noLines)
    const total = totalLines(lines)
    if (total > 0 && lines.unknown / total > maximumUnknownShare) {
      const message = `${lines.unknown} of ${total} added lines are of unknown origin (${percent(lines.unknown / total)}; at most ${percent(maximumUnknownShare)} may be).`
      findings.push({ ...words, message, citations: citeSome(unknownLines(commits)) })
    }
    if (findings.length > 0) return { findings, doubts: [], skipped: null }
    if (total === 0) return skip('No commit with added lines is known of this session.')
    const note =
      session.capture === 'swept' ? 'The transcript was found at push; no hook of the agent saw the session.' : null
    return { findings: [], doubts: [], skipped: null, note }
  },
  examples: {
    violates: [
      { title: 'half of the lines unobserved', commits: [exampleCommit({ ai: 10, unknown: 10 })] },
      {
        title: 'a transcript in pieces',
        session: { parse: { records: 50, malformed: 10, unrecognised: {} } },
        commits: [exampleCommit({ ai: 10 })],
      },
    ],
    passes: [
      { title: 'nearly all lines observed', commits: [exampleCommit({ ai: 10, human: 5, unknown: 1 })] },
      { title: 'no commit yet', commands: ['ls'] },
    ],
  },
})

function unknownLines(commits: Parameters<typeof evidenceComplete.evaluate>[0]['commits']) {
  return commits.flatMap(({ files }) =>
    files.flatMap(({ path, ranges }) =>
      ranges.filter((range) => range.class === 'unknown').map(({ start, end }) => citeFile(path, start, end)),
    ),
  )
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}
