import { z } from 'zod'
import { globMatcher } from '../../session/globs.ts'
import { noUsage } from '../../session/usage.ts'
import { type Doubt, definePolicy, type Finding } from '../policy.ts'

/** Families of the vendors whose agents Stemma reads. */
const usualModels = ['claude-*', 'gpt-*', 'o[1-9]*', 'codex-*', 'gemini-*', 'grok-*', 'composer-*', 'auto', 'default']

export const approvedModels = definePolicy({
  id: 'approved-models',
  version: 1,
  title: 'Only approved models write code',
  why: 'Models differ in quality, in price and in what their vendors do with the code that they are sent.',
  fix: 'Choose an approved model in the agent, or ask an administrator to approve this one.',
  severity: 'medium',
  evidence: ['session'],
  reads: 'header',
  parameters: z.object({
    allow: z
      .array(z.string().min(1))
      .default(usualModels)
      .describe(
        'Globs of model names; a name with a vendor in front (`anthropic/claude-x`) is matched with and without it.',
      ),
  }),
  evaluate({ session }, { allow }) {
    const isAllowed = globMatcher(allow, { nocase: true, bash: true })
    const used = new Map<string, readonly string[]>()
    for (const { model } of session.models) used.set(model, [])
    for (const model of session.namedModels ?? []) used.set(model, [])
    for (const event of session.events) {
      if (event.kind === 'usage') used.set(event.model, [...(used.get(event.model) ?? []).slice(0, 4), event.id])
      if (event.kind === 'subagent' && event.model !== null) {
        used.set(event.model, [...(used.get(event.model) ?? []).slice(0, 4), event.id])
      }
    }
    const first = session.events[0]?.id ?? session.id
    const cite = (events: readonly string[]) =>
      (events.length > 0 ? events : [first]).map((event) => ({ event, file: null, start: null, end: null }))
    if (used.size === 0) {
      const doubt: Doubt = { message: 'The transcript does not record which model was used.', citations: cite([]) }
      return { findings: [], doubts: [doubt], skipped: null }
    }
    const findings = [...used]
      .filter(([model]) => !isAllowed(model) && !isAllowed(model.split('/').at(-1) ?? model))
      .map(
        ([model, events]): Finding => ({
          policy: 'approved-models',
          severity: 'medium',
          message: `The model \`${model}\` is not approved.`,
          fix: `Choose a model that matches one of: ${allow.join(', ')}.`,
          citations: cite(events),
        }),
      )
    return { findings, doubts: [], skipped: null }
  },
  examples: {
    violates: [
      { title: 'a model of another family', commands: ['ls'], session: { models: [modelUse('homegrown-7b')] } },
    ],
    passes: [
      { title: 'a model of an approved family', commands: ['ls'] },
      {
        title: 'the same with its vendor in front',
        commands: ['ls'],
        session: { models: [modelUse('anthropic/claude-opus-4-1')] },
      },
    ],
    doubtful: [{ title: 'a transcript that names no model', commands: ['ls'], session: { models: [] } }],
  },
})

function modelUse(model: string) {
  const cost = { microUsd: null, unpricedModels: [], priceTable: 'example' }
  return { model, provider: null, requests: 1, usage: noUsage, cost }
}
