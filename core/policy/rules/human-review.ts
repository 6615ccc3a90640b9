import { z } from 'zod'
import { addLineCounts, noLines, totalLines } from '../../attribution/attribution.ts'
import { citeFile, citeSession, citeSome, doubt, nothingFound, skip } from '../evaluation.ts'
import { definePolicy, type Subject } from '../policy.ts'
import type { PullRequest, Review } from '../pull-request.ts'
import { exampleCommit, examplePullRequest } from '../subject.ts'

export const humanReview = definePolicy({
  id: 'human-review',
  version: 1,
  title: 'People other than the author approve',
  why: 'The author asked for the code; somebody who did not must understand it, the more so the more of it an agent wrote.',
  fix: 'Ask somebody else to review the latest version.',
  severity: 'high',
  evidence: ['commits', 'pullRequest'],
  reads: 'header',
  onPullRequest: 'instead',
  asksForge: ['reviews'],
  parameters: z.object({
    approvals: z.int().nonnegative().default(1).describe('Approvals that every pull request needs.'),
    aiHeavyShare: z
      .number()
      .min(0)
      .max(1)
      .default(0.5)
      .describe('Share of AI-written lines from which more are needed.'),
    aiHeavyApprovals: z
      .int()
      .nonnegative()
      .default(2)
      .describe('Approvals that a pull request with so many lines needs.'),
    latestOnly: z.boolean().default(true).describe('Only approvals of the latest version count.'),
  }),
  evaluate(subject, { approvals, aiHeavyShare, aiHeavyApprovals, latestOnly }) {
    const { pullRequest = null } = subject
    if (pullRequest === null) return skip('Reviews are known of pull requests only, and this is none.')
    const citations = cite(subject)
    if (pullRequest.reviews === null) return doubt('The forge did not say who reviewed the pull request.', citations)
    const { least, most } = aiShare(subject)
    const isHeavy = least >= aiHeavyShare
    const needed = isHeavy ? Math.max(approvals, aiHeavyApprovals) : approvals
    const given = approvers(pullRequest, pullRequest.reviews, latestOnly)
    if (given.size < needed) {
      const why = isHeavy ? `, since ${Math.round(least * 100)} % of its lines are by AI` : ''
      const finding = {
        policy: 'human-review',
        severity: 'high' as const,
        message: `${given.size} of ${needed} approvals by people other than the author are there${why}.`,
        fix: 'Ask somebody else to review the latest version.',
        citations,
      }
      return { findings: [finding], doubts: [], skipped: null }
    }
    if (!isHeavy && most >= aiHeavyShare && given.size < Math.max(approvals, aiHeavyApprovals)) {
      return doubt('Lines of unknown origin decide whether more approvals are needed.', citations)
    }
    return nothingFound
  },
  examples: {
    violates: [
      { title: 'nobody has approved', commits: [exampleCommit({ human: 10 })], pullRequest: examplePullRequest() },
      { title: 'the author approves', commits: [exampleCommit({ human: 10 })], pullRequest: approvedBy('ada') },
      { title: 'a robot approves', commits: [exampleCommit({ human: 10 })], pullRequest: approvedBy('check[bot]') },
      { title: 'mostly by AI, one approval', commits: [exampleCommit({ ai: 10 })], pullRequest: approvedBy('grace') },
      {
        title: 'an older version was approved',
        commits: [exampleCommit({ human: 10 })],
        pullRequest: examplePullRequest({ reviews: [approval('grace', 'c'.repeat(40))] }),
      },
    ],
    passes: [
      { title: 'one approval', commits: [exampleCommit({ human: 10, ai: 2 })], pullRequest: approvedBy('grace') },
      {
        title: 'mostly by AI, two approvals',
        commits: [exampleCommit({ ai: 10 })],
        pullRequest: approvedBy('grace', 'edsger'),
      },
      { title: 'no pull request', commits: [exampleCommit({ ai: 10 })] },
    ],
    doubtful: [
      {
        title: 'lines of unknown origin',
        commits: [exampleCommit({ ai: 4, unknown: 6 })],
        pullRequest: approvedBy('grace'),
      },
      {
        title: 'a forge that does not say',
        commits: [exampleCommit({ ai: 4 })],
        pullRequest: examplePullRequest({ reviews: null }),
      },
    ],
  },
})

function approvers(
  { author, head }: PullRequest,
  reviews: readonly Review[],
  latestOnly: boolean,
): ReadonlySet<string> {
  return new Set(
    reviews
      .filter(({ state, isBot, commit }) => state === 'approved' && !isBot && (!latestOnly || commit === head))
      .map(({ by }) => by.toLowerCase())
      .filter((by) => by !== author?.toLowerCase()),
  )
}

/** The share lies between what is known to be an agent's and what may be. Of the subject's own commits. */
function aiShare({ commits }: Subject): { readonly least: number; readonly most: number } {
  const lines = commits.map(({ added }) => added).reduce(addLineCounts, noLines)
  const total = totalLines(lines)
  if (total === 0) return { least: 0, most: 0 }
  const ai = lines.ai + lines.mixed
  return { least: ai / total, most: (ai + lines.unknown) / total }
}

function cite({ session, commits }: Subject) {
  const files = commits.flatMap((commit) =>
    commit.files.flatMap(({ path, ranges }) =>
      ranges
        .filter((range) => range.class === 'ai' || range.class === 'mixed')
        .map(({ start, end }) => citeFile(path, start, end)),
    ),
  )
  return files.length > 0 ? citeSome(files) : citeSession(session)
}

function approval(by: string, commit = 'a'.repeat(40)): Review {
  return { by, state: 'approved', commit, isBot: by.endsWith('[bot]') }
}

function approvedBy(...people: readonly string[]): PullRequest {
  return examplePullRequest({ reviews: people.map((by) => approval(by)) })
}
