import { z } from 'zod'
import { inputText, type ToolUse, toolUses } from '../../session/tool-use.ts'
import { citeEvents, citeFile, citeSome, deniedNote, skip } from '../evaluation.ts'
import { type Doubt, definePolicy, type Finding } from '../policy.ts'
import { exampleConfiguration, exampleSkill, toolEvents } from '../subject.ts'

const words = {
  policy: 'approved-skills',
  severity: 'high',
  fix: 'Have the skill reviewed and its digest added to the contract, or remove it.',
} as const

const digest = 'd'.repeat(64)
const used = toolEvents('k1', { tool: 'Skill', category: 'skill', input: { skill: 'release' } })

export const approvedSkills = definePolicy({
  id: 'approved-skills',
  version: 1,
  title: 'Only reviewed skills are used',
  why: 'A skill is a program in words that a stranger may have written; its name stays when its content changes.',
  fix: words.fix,
  severity: words.severity,
  evidence: ['transcript', 'configuration'],
  parameters: z.object({
    allow: z
      .array(z.string().regex(/^[0-9a-f]{64}$/))
      .default([])
      .describe('SHA-256 digests of the skills that were reviewed.'),
    names: z.array(z.string().min(1)).default([]).describe('Skills that the agent brings itself, by name.'),
  }),
  evaluate({ session, configuration = null }, { allow, names }) {
    const uses = toolUses(session).filter(({ call }) => call.category === 'skill')
    const done = uses.filter(({ denied }) => !denied)
    const installed = configuration?.skills ?? null
    if (installed === null && done.length === 0) {
      return { ...skip('The session used no skill, and none were collected.'), note: deniedNote(uses.length) }
    }
    const findings: Finding[] = []
    const doubts: Doubt[] = []
    const known = new Map((installed ?? []).map((one) => [one.name, one]))
    for (const { name, digest: own, file } of installed ?? []) {
      if (names.includes(name) || (own !== null && allow.includes(own))) continue
      const citations = [citeFile(file)]
      if (own === null) doubts.push({ message: `The skill \`${name}\` could not be read.`, citations })
      else findings.push({ ...words, message: `The skill \`${name}\` was not reviewed in this form.`, citations })
    }
    for (const [name, list] of Map.groupBy(done, skillName)) {
      if (name !== null && (known.has(name) || names.includes(name))) continue
      const message = `The session used ${name === null ? 'a skill that the transcript does not name' : `the skill \`${name}\``}; what it says was not collected.`
      doubts.push({ message, citations: citeSome(citeEvents(list.flatMap(({ events }) => events))) })
    }
    return { findings, doubts, skipped: null, note: deniedNote(uses.length - done.length) }
  },
  examples: {
    violates: [
      {
        title: 'a skill that nobody reviewed',
        configuration: exampleConfiguration({ skills: [exampleSkill(digest)] }),
      },
    ],
    passes: [
      {
        title: 'a reviewed skill',
        events: used,
        configuration: exampleConfiguration({ skills: [exampleSkill(digest)] }),
        with: { allow: [digest] },
      },
      { title: 'a skill that the agent brings itself', events: used, with: { names: ['release'] } },
      { title: 'no skill at all', commands: ['ls'] },
    ],
    doubtful: [
      { title: 'a skill whose content was not collected', events: used },
      {
        title: 'a skill that could not be read',
        configuration: exampleConfiguration({ skills: [exampleSkill(null)] }),
      },
    ],
  },
})

function skillName(use: ToolUse): string | null {
  return inputText(use, 'skill', 'command', 'name')?.replace(/^\//, '').split(' ')[0] ?? null
}
