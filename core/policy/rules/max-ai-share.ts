import { z } from 'zod'
import { addLineCounts, noLines, totalLines } from '../../attribution/attribution.ts'
import { citeFile, citeSome, nothingFound, skip } from '../evaluation.ts'
import { definePolicy, type Subject } from '../policy.ts'
import { exampleCommit } from '../subject.ts'

export const maxAiShare = definePolicy({
  id: 'max-ai-share',
  version: 1,
  title: 'The share of AI-written lines stays below a limit',
  why: 'Some code, such as cryptography or safety functions, is to be written by people, with help and not by proxy.',
  fix: 'Rewrite the parts that matter by hand, or split the generated part off into a change of its own.',
  severity: 'medium',
  evidence: ['commits'],
  reads: 'header',
  onPullRequest: 'instead',
  parameters: z.object({
    maximum: z.number().min(0).max(1).default(0.9).describe('Highest share of added lines, from 0 to 1.'),
    minimumLines: z
      .int()
      .nonnegative()
      .default(50)
      .describe('Smaller changes are not judged: their share says little.'),
    mixedCountsAsAi: z.boolean().default(true).describe('Lines by both count as written by AI.'),
  }),
  evaluate({ commits }, { maximum, minimumLines, mixedCountsAsAi }) {
    const lines = commits.map(({ added }) => added).reduce(addLineCounts, noLines)
    const total = totalLines(lines)
    if (total < Math.max(1, minimumLines))
      return skip(`The change adds ${total} lines; it is judged from ${minimumLines}.`)
    const ai = lines.ai + (mixedCountsAsAi ? lines.mixed : 0)
    // Lines of unknown origin may be anybody's: the share lies between these two.
    const least = ai / total
    const most = (ai + lines.unknown) / total
    if (most <= maximum) return nothingFound
    const citations = citeSome(aiLines(commits))
    if (least <= maximum) {
      const message = `Between ${percent(least)} and ${percent(most)} of ${total} added lines are by AI; the limit is ${percent(maximum)}, and ${lines.unknown} lines are of unknown origin.`
      return { findings: [], doubts: [{ message, citations }], skipped: null }
    }
    const finding = {
      policy: 'max-ai-share',
      severity: 'medium' as const,
      message: `${percent(least)} of ${total} added lines are by AI; the limit is ${percent(maximum)}.`,
      fix: 'Rewrite the parts that matter by hand, or split the generated part off.',
      citations,
    }
    return { findings: [finding], doubts: [], skipped: null }
  },
  examples: {
    violates: [{ title: 'nearly all by AI', commits: [exampleCommit({ ai: 95, human: 5 })] }],
    passes: [
      { title: 'half by a person', commits: [exampleCommit({ ai: 50, human: 50 })] },
      { title: 'a small change', commits: [exampleCommit({ ai: 10 })] },
    ],
    doubtful: [{ title: 'lines of unknown origin', commits: [exampleCommit({ ai: 80, unknown: 20 })] }],
  },
})

function aiLines(commits: Subject['commits']) {
  return commits.flatMap(({ files }) =>
    files.flatMap(({ path, ranges }) =>
      ranges
        .filter((range) => range.class === 'ai' || range.class === 'mixed')
        .map(({ start, end }) => citeFile(path, start, end)),
    ),
  )
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}
