import { z } from 'zod'
import { definePolicy } from '../policy.ts'

/** The agents that Stemma reads; an organisation shortens the list. */
const everyAgent = ['claude-code', 'codex', 'gemini-cli', 'opencode', 'copilot-cli', 'cursor']

export const approvedAgents = definePolicy({
  id: 'approved-agents',
  version: 1,
  title: 'Only approved agents write code',
  why: 'Code goes to the vendor of the agent, so which agents may see it is a decision of the organisation.',
  fix: 'Do this work with an approved agent, or ask an administrator to approve this one.',
  severity: 'high',
  evidence: ['session'],
  reads: 'header',
  parameters: z.object({
    allow: z.array(z.string().min(1)).default(everyAgent).describe('Ids of the agents that may be used.'),
  }),
  evaluate({ session }, { allow }) {
    const { id } = session.agent
    if (allow.includes(id)) return { findings: [], doubts: [], skipped: null }
    const citation = { event: session.events[0]?.id ?? session.id, file: null, start: null, end: null }
    const finding = {
      policy: 'approved-agents',
      severity: 'high' as const,
      message: `The agent \`${id}\` is not approved.`,
      fix: `Use one of: ${allow.join(', ') || 'none is approved'}.`,
      citations: [citation],
    }
    return { findings: [finding], doubts: [], skipped: null }
  },
  examples: {
    violates: [
      {
        title: 'an agent that is not on the list',
        commands: ['ls'],
        session: { agent: { id: 'unheard-of', version: null } },
      },
    ],
    passes: [{ title: 'an agent on the list', commands: ['ls'] }],
  },
})
