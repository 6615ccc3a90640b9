import { z } from 'zod'
import { globMatcher } from '../../session/globs.ts'
import { toolUses } from '../../session/tool-use.ts'
import { citeSession, doubt, nothingFound } from '../evaluation.ts'
import { definePolicy } from '../policy.ts'
import { contextEvent, exampleConfiguration, toolEvents } from '../subject.ts'

/** Files in which agents look for a project's rules. */
const usualFiles = [
  '**/{AGENTS,CLAUDE,GEMINI,AGENT}.md',
  '**/{CLAUDE,AGENTS}.local.md',
  '**/.claude/rules/**',
  '**/.cursor/rules/**',
  '**/.cursorrules',
  '**/.github/copilot-instructions.md',
  '**/.github/instructions/**',
]

export const instructionsPresent = definePolicy({
  id: 'instructions-present',
  version: 1,
  title: 'The agent had the project’s instructions',
  why: 'An agent that was told how a project builds, tests and writes code guesses less and repairs less.',
  fix: 'Write an AGENTS.md with the project’s rules and commands, and let the agent load it.',
  severity: 'low',
  evidence: ['transcript', 'configuration'],
  parameters: z.object({
    files: z
      .array(z.string().min(1))
      .default(usualFiles)
      .describe('Globs of instruction files; one of them is enough.'),
  }),
  evaluate({ session, configuration = null }, { files }) {
    const isInstruction = globMatcher(files, { dot: true })
    const loaded = session.events.some(
      (event) => event.kind === 'context' && isInstructions(event.source, isInstruction),
    )
    const read = () =>
      toolUses(session).some(
        ({ call, denied }) => !denied && call.category === 'read' && call.paths.some((path) => isInstruction(path)),
      )
    if (loaded || read()) return nothingFound
    if (configuration === null) {
      const message =
        'The transcript shows no instruction file; whether the agent loaded one without a record is not visible.'
      return doubt(message, citeSession(session))
    }
    if (configuration.files.some(({ kind, path }) => kind === 'instructions' || isInstruction(path)))
      return nothingFound
    const finding = {
      policy: 'instructions-present',
      severity: 'low' as const,
      message: 'The repository has no instructions for agents.',
      fix: 'Write an AGENTS.md with the project’s rules and commands.',
      citations: citeSession(session),
    }
    return { findings: [finding], doubts: [], skipped: null }
  },
  examples: {
    violates: [
      {
        title: 'a repository without any',
        commands: ['ls'],
        configuration: exampleConfiguration(),
      },
    ],
    passes: [
      {
        title: 'a file that the agent loaded',
        events: [contextEvent('i1', 'instructions:CLAUDE.md', 'Run npm test.')],
      },
      {
        title: 'a file that the agent read',
        events: toolEvents('r1', { tool: 'Read', category: 'read', paths: ['AGENTS.md'] }),
      },
    ],
    doubtful: [{ title: 'a transcript that shows none', commands: ['ls'] }],
  },
})

/** Agents write what they loaded as `instructions:path`, or as the path alone. */
function isInstructions(source: string, isInstruction: (path: string) => boolean): boolean {
  const [kind = '', ...path] = source.split(':')
  if (/^(?:instructions|agents_md|user_instructions)\b/i.test(kind)) return true
  return isInstruction(path.length > 0 ? path.join(':') : source)
}
