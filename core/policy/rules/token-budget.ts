import { z } from 'zod'
import { totalTokens } from '../../session/total-tokens.ts'
import { noUsage } from '../../session/usage.ts'
import { citeEvents, citeSession, doubt, nothingFound } from '../evaluation.ts'
import { definePolicy, type Finding } from '../policy.ts'

export const tokenBudget = definePolicy({
  id: 'token-budget',
  version: 1,
  title: 'A session stays within its tokens',
  why: 'Tokens measure effort where prices differ or are not known; a session that needs very many has lost its way.',
  fix: 'Start a fresh session with a narrower task and only the files that it needs.',
  severity: 'low',
  reads: 'header',
  parameters: z.object({
    maximumTokens: z
      .int()
      .positive()
      .default(50_000_000)
      .describe('Highest number of tokens of one session, input from a cache included.'),
    maximumOutput: z.int().positive().default(1_000_000).describe('Highest number of tokens that models wrote.'),
  }),
  evaluate({ session }, { maximumTokens, maximumOutput }) {
    const { usage } = session
    const last = session.events.findLast(({ kind }) => kind === 'usage')
    const citations = last ? citeEvents([last.id]) : citeSession(session)
    if (usage === null) return doubt('The transcript records no usage of tokens.', citations)
    const findings: Finding[] = []
    const report = (message: string): void => {
      const fix = 'Start a fresh session with a narrower task.'
      findings.push({ policy: 'token-budget', severity: 'low', message, fix, citations })
    }
    const total = totalTokens(usage)
    if (total > maximumTokens) report(`The session used ${total} tokens; the budget is ${maximumTokens}.`)
    if (usage.output > maximumOutput) report(`Models wrote ${usage.output} tokens; the budget is ${maximumOutput}.`)
    return findings.length > 0 ? { findings, doubts: [], skipped: null } : nothingFound
  },
  examples: {
    violates: [
      { title: 'very much input', commands: ['ls'], session: { usage: { ...noUsage, cacheRead: 60_000_000 } } },
      { title: 'very much output', commands: ['ls'], session: { usage: { ...noUsage, output: 2_000_000 } } },
    ],
    passes: [{ title: 'an ordinary session', commands: ['ls'], session: { usage: { ...noUsage, output: 40_000 } } }],
    doubtful: [{ title: 'no usage recorded', commands: ['ls'] }],
  },
})
