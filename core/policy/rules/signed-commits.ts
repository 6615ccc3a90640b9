import { z } from 'zod'
import { citeSession, citeSome, skip } from '../evaluation.ts'
import { definePolicy, type Finding, type Subject } from '../policy.ts'
import type { PullRequestCommit } from '../pull-request.ts'
import { exampleCommit, examplePullRequest } from '../subject.ts'

const words = {
  policy: 'signed-commits',
  severity: 'medium',
  fix: 'Sign the commit (`git commit --amend -S`), with a key that the forge knows.',
} as const

export const signedCommits = definePolicy({
  id: 'signed-commits',
  version: 1,
  title: 'Commits with AI-written lines are signed',
  why: 'A signature says which person answers for what an agent wrote.',
  fix: words.fix,
  severity: words.severity,
  evidence: ['commits', 'pullRequest'],
  reads: 'header',
  onPullRequest: 'instead',
  asksForge: ['signatures'],
  parameters: z.object({
    onlyAiAssisted: z.boolean().default(true).describe('Only commits that hold lines of an agent must be signed.'),
  }),
  evaluate(subject, { onlyAiAssisted }) {
    const { pullRequest = null } = subject
    if (pullRequest === null) return skip('Signatures are known of pull requests only, and this is none.')
    const assisted = new Map(
      subject.commits.filter(({ added }) => added.ai + added.mixed > 0).map((one) => [one.commit, one]),
    )
    const concerned = pullRequest.commits.filter(
      ({ sha, isMerge }) => !isMerge && (!onlyAiAssisted || assisted.has(sha)),
    )
    if (concerned.length === 0) return skip('No commit of the pull request holds lines of this session.')
    const cite = (list: readonly PullRequestCommit[]) => citationsOf(subject, list)
    const bad = concerned.filter(({ signature }) => signature === 'unsigned' || signature === 'invalid')
    const open = concerned.filter(({ signature }) => signature === 'unknown')
    return {
      findings: bad.map((commit): Finding => {
        const state = commit.signature === 'unsigned' ? 'is not signed' : 'has a signature that does not verify'
        return { ...words, message: `The commit ${commit.sha.slice(0, 10)} ${state}.`, citations: cite([commit]) }
      }),
      doubts:
        open.length === 0
          ? []
          : [{ message: `The forge does not say whether ${open.length} commits are signed.`, citations: cite(open) }],
      skipped: null,
    }
  },
  examples: {
    violates: [
      {
        title: 'an unsigned commit with lines of an agent',
        commits: [exampleCommit({ ai: 3 })],
        pullRequest: withSignature('unsigned'),
      },
      {
        title: 'a signature that does not verify',
        commits: [exampleCommit({ mixed: 1 })],
        pullRequest: withSignature('invalid'),
      },
    ],
    passes: [
      { title: 'a signed commit', commits: [exampleCommit({ ai: 3 })], pullRequest: withSignature('verified') },
      {
        title: 'an unsigned commit by a person',
        commits: [exampleCommit({ human: 3 })],
        pullRequest: withSignature('unsigned'),
      },
      { title: 'no pull request', commits: [exampleCommit({ ai: 3 })] },
    ],
    doubtful: [
      {
        title: 'a forge that does not say',
        commits: [exampleCommit({ ai: 3 })],
        pullRequest: withSignature('unknown'),
      },
    ],
  },
})

/** Files of the commit with the agent's lines; commits of which none are known are cited by the session. */
function citationsOf({ session, commits }: Subject, list: readonly PullRequestCommit[]) {
  const wanted = new Set(list.map(({ sha }) => sha))
  const files = commits
    .filter(({ commit }) => wanted.has(commit))
    .flatMap((commit) =>
      commit.files.flatMap(({ path, ranges }) =>
        ranges.slice(0, 1).map(({ start, end }) => ({ event: null, file: path, start, end })),
      ),
    )
  return files.length > 0 ? citeSome(files) : citeSession(session)
}

function withSignature(signature: PullRequestCommit['signature']) {
  const pullRequest = examplePullRequest()
  return { ...pullRequest, commits: pullRequest.commits.map((commit) => ({ ...commit, signature })) }
}
