import { z } from 'zod'
import { citeEvents, citeSession, citeSome, doubt, nothingFound } from '../evaluation.ts'
import { definePolicy, type Subject } from '../policy.ts'

export const costBudget = definePolicy({
  id: 'cost-budget',
  version: 1,
  title: 'A session stays within its budget',
  why: 'A session that runs in circles costs more than the work is worth, and nobody notices before the invoice.',
  fix: 'Start a fresh session with a narrower task, or choose a smaller model for it.',
  severity: 'low',
  reads: 'header',
  parameters: z.object({
    maximumUsd: z
      .number()
      .positive()
      .default(50)
      .describe('Highest cost of one session in US dollars, at list prices.'),
  }),
  evaluate({ session }, { maximumUsd }) {
    const { microUsd, unpricedModels, priceTable } = session.cost
    const citations = cite(session)
    if (microUsd !== null && microUsd > maximumUsd * 1_000_000) {
      const finding = {
        policy: 'cost-budget',
        severity: 'low' as const,
        message: `The session cost $${(microUsd / 1_000_000).toFixed(2)} by ${priceTable}; the budget is $${maximumUsd.toFixed(2)}.`,
        fix: 'Start a fresh session with a narrower task, or choose a smaller model.',
        citations,
      }
      return { findings: [finding], doubts: [], skipped: null }
    }
    if (unpricedModels.length > 0) {
      const shown = unpricedModels.map((model) => `\`${model}\``).join(', ')
      return doubt(`${priceTable} has no price for ${shown}, so the cost is not known.`, citations)
    }
    return microUsd === null
      ? doubt('The transcript records no usage, so the cost is not known.', citations)
      : nothingFound
  },
  examples: {
    violates: [{ title: 'a dear session', commands: ['ls'], session: { cost: cost(51_000_000) } }],
    passes: [{ title: 'a cheap session', commands: ['ls'], session: { cost: cost(1_200_000) } }],
    doubtful: [
      { title: 'no usage recorded', commands: ['ls'] },
      {
        title: 'a model without a price',
        commands: ['ls'],
        session: { cost: { ...cost(1_000), unpricedModels: ['homegrown-7b'] } },
      },
    ],
  },
})

/** The last calls: by them the budget was passed. */
function cite(session: Subject['session']) {
  const usage = session.events.filter(({ kind }) => kind === 'usage').slice(-3)
  return usage.length > 0 ? citeSome(citeEvents(usage.map(({ id }) => id))) : citeSession(session)
}

function cost(microUsd: number) {
  return { microUsd, unpricedModels: [], priceTable: 'example' }
}
