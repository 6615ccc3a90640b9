import { z } from 'zod'
import { observeSandbox } from '../../session/sandbox.ts'
import { citeEvents, citeSession, citeSome, doubt, judgeSightings, skip } from '../evaluation.ts'
import { definePolicy } from '../policy.ts'
import { toolEvents } from '../subject.ts'

const words = {
  policy: 'sandboxed',
  severity: 'medium',
  fix: 'Switch the agent’s sandbox on, or run it inside a container.',
} as const

export const sandboxed = definePolicy({
  id: 'sandboxed',
  version: 1,
  title: 'Commands run inside a sandbox',
  why: 'A sandbox bounds what a wrong or a manipulated command can reach, whatever the permission rules miss.',
  fix: words.fix,
  severity: words.severity,
  evidence: ['session', 'transcript', 'configuration'],
  parameters: z.object({
    exempt: z.array(z.string()).default([]).describe('Commands that may run outside, exactly as written.'),
    whenNotRecorded: z
      .enum(['doubt', 'skip'])
      .default('doubt')
      .describe('What is said of agents that record nothing about a sandbox.'),
  }),
  evaluate({ session, configuration = null }, { exempt, whenNotRecorded }) {
    const { isOn, escapes, contained } = observeSandbox(session)
    const seen = judgeSightings(
      escapes.filter(({ text }) => !exempt.includes(text)),
      words,
    )
    if (seen.findings.length > 0) return seen
    if (contained.length === 0) return skip('The session ran no commands.')
    const state = isOn ?? configuration?.sandbox ?? null
    if (state === true) return seen
    if (state === false) {
      const citations = contained.length > 0 ? citeSome(citeEvents(contained)) : citeSession(session)
      const message = `Commands ran without a sandbox (${contained.length}).`
      return { ...seen, findings: [{ ...words, message, citations }] }
    }
    const message = 'Neither the transcript nor a configuration tells whether commands ran inside a sandbox.'
    return whenNotRecorded === 'skip' ? skip(message) : doubt(message, citeSome(citeEvents(contained)))
  },
  examples: {
    violates: [
      { title: 'a session with full access', commands: ['ls'], session: { permissionModes: ['danger-full-access'] } },
      {
        title: 'a command that asked to run outside',
        events: toolEvents('s1', { tool: 'Bash', category: 'shell', input: { dangerouslyDisableSandbox: true } }),
      },
    ],
    passes: [
      { title: 'a sandbox that is on', commands: ['ls'], session: { permissionModes: ['workspace-write'] } },
      { title: 'no commands', events: [] },
      { title: 'nothing recorded, where that is accepted', commands: ['ls'], with: { whenNotRecorded: 'skip' } },
    ],
    doubtful: [{ title: 'nothing recorded', commands: ['ls'] }],
  },
})
