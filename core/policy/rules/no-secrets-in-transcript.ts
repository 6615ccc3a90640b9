import { z } from 'zod'
import { type SecretSighting, secretSightings } from '../../session/secret-sighting.ts'
import { citeEvents, citeSome } from '../evaluation.ts'
import { definePolicy } from '../policy.ts'
import { promptEvent, shellEvents } from '../subject.ts'

/** Rules that go by the name in front of a value, and so are wrong now and then. */
const heuristics = ['secret-assignment', 'secret-value']

const from: Readonly<Record<SecretSighting['from'], string>> = {
  prompt: 'a prompt',
  tool: 'the output of a tool',
  agent: 'the agent’s own words',
  context: 'the context',
}

export const noSecretsInTranscript = definePolicy({
  id: 'no-secrets-in-transcript',
  version: 1,
  title: 'No secrets in the conversation',
  why: 'A secret in a transcript was sent to the vendor of the model; taking it out afterwards does not call it back.',
  fix: 'Replace the secret, and keep it where the agent cannot read it.',
  severity: 'high',
  evidence: ['transcript'],
  parameters: z.object({
    ignoreRules: z.array(z.string()).default([]).describe('Rules of redaction that do not count.'),
    heuristics: z
      .enum(['note', 'doubt', 'violation'])
      .default('note')
      .describe('What values are that only the name in front of them gives away.'),
  }),
  evaluate({ session }, { ignoreRules, heuristics: weight }) {
    const seen = secretSightings(session).filter(({ rule }) => !ignoreRules.includes(rule))
    const isWeak = ({ rule, remains }: SecretSighting): boolean => heuristics.includes(rule) && !remains
    const weak = seen.filter(isWeak)
    const strong = weight === 'violation' ? seen : seen.filter((sighting) => !isWeak(sighting))
    const groups = Map.groupBy(strong, ({ rule, from: origin, remains }) => `${rule} ${origin} ${remains}`)
    const cite = (list: readonly SecretSighting[]) => citeSome(citeEvents(list.map(({ event }) => event)))
    const findings = [...groups.values()].flatMap((list) => {
      const [first] = list
      if (first === undefined) return []
      const times = list.length === 1 ? '' : ` (${list.length} times)`
      const message = first.remains
        ? `What has the form of a secret (\`${first.rule}\`) still stands in ${from[first.from]}${times}.`
        : `A secret (\`${first.rule}\`) stood in ${from[first.from]} and was taken out before it was sent${times}.`
      const fix = 'Replace the secret, and keep it where the agent cannot read it.'
      return [{ policy: 'no-secrets-in-transcript', severity: 'high' as const, message, fix, citations: cite(list) }]
    })
    const named = `${weak.length} ${weak.length === 1 ? 'text had a value' : 'texts had values'} with the name of a secret in front`
    return {
      findings,
      doubts:
        weight === 'doubt' && weak.length > 0
          ? [{ message: `${named}; whether they are secrets is not visible.`, citations: cite(weak) }]
          : [],
      skipped: null,
      note: weight === 'note' && weak.length > 0 ? `${named}; they were taken out.` : null,
    }
  },
  examples: {
    violates: [
      {
        title: 'a token in the output of a command',
        events: shellEvents('c1', 'cat .npmrc', 0, 'token=[REDACTED:github-token]'),
      },
      { title: 'a key that a person pasted', events: [promptEvent('p1', 'use [REDACTED:private-key] please')] },
    ],
    passes: [
      { title: 'an ordinary conversation', events: [promptEvent('p1', 'repair the login')] },
      {
        title: 'a value that only its name gives away',
        events: shellEvents('c1', 'env', 0, 'PASSWORD=[REDACTED:secret-assignment]'),
      },
    ],
    doubtful: [
      {
        title: 'the same, where that is asked for',
        events: shellEvents('c1', 'env', 0, 'PASSWORD=[REDACTED:secret-assignment]'),
        with: { heuristics: 'doubt' },
      },
    ],
  },
})
