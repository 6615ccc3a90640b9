import { z } from 'zod'
import { codeEdits, usualFactOptions } from '../../session/facts.ts'
import { planSights, usualPlanFiles } from '../../session/planning.ts'
import { citeEvents, citeSession, doubt, nothingFound, skip } from '../evaluation.ts'
import { definePolicy } from '../policy.ts'
import { editEvents, toolEvents } from '../subject.ts'

const three = ['src/a.ts', 'src/b.ts', 'src/c.ts'].flatMap((path, index) => editEvents(`e${index + 1}`, path))

export const planBeforeCode = definePolicy({
  id: 'plan-before-code',
  version: 1,
  title: 'A plan comes before the code',
  why: 'A plan can be corrected in a minute; a change of many files that went the wrong way cannot.',
  fix: 'Let the agent show a plan first, or give it one as a file, and correct that before it edits.',
  severity: 'low',
  evidence: ['session', 'transcript'],
  parameters: z.object({
    fromFiles: z.int().positive().default(3).describe('Changes of fewer code files need no plan.'),
    planFiles: z
      .array(z.string().min(1))
      .default([...usualPlanFiles])
      .describe('Globs of files that hold a plan; reading or writing one counts.'),
  }),
  evaluate({ session }, { fromFiles, planFiles }) {
    const edits = codeEdits(session, usualFactOptions)
    const [first] = edits
    const files = new Set(edits.map(({ path }) => path)).size
    if (first === undefined) return skip('The session edited no code.')
    if (files < fromFiles)
      return skip(
        `The session edited ${files} code ${files === 1 ? 'file' : 'files'}; a plan is asked for from ${fromFiles}.`,
      )
    const plans = planSights(session, planFiles)
    if (plans.some(({ index }) => index < first.order)) return nothingFound
    if (session.permissionModes.includes('plan')) {
      return doubt('The session was in plan mode, but when is not recorded.', citeSession(session))
    }
    const late = plans[0]
    const finding = {
      policy: 'plan-before-code',
      severity: 'low' as const,
      message: late
        ? `The first plan came after the first edit of code (\`${first.path}\`).`
        : `${files} code files were edited without a plan.`,
      fix: 'Let the agent show a plan before the first edit.',
      citations: citeEvents([...first.events, ...(late?.events ?? [])]),
    }
    return { findings: [finding], doubts: [], skipped: null }
  },
  examples: {
    violates: [
      { title: 'code at once', events: three },
      { title: 'a plan afterwards', events: [...three, ...toolEvents('p1', { tool: 'TodoWrite', category: 'other' })] },
    ],
    passes: [
      { title: 'steps first', events: [...toolEvents('p1', { tool: 'TodoWrite', category: 'other' }), ...three] },
      {
        title: 'a plan from a file',
        events: [...toolEvents('p1', { tool: 'Read', category: 'read', paths: ['docs/plans/parser.md'] }), ...three],
      },
      { title: 'a small change', events: editEvents('e1', 'src/a.ts') },
    ],
    doubtful: [{ title: 'plan mode at some time', events: three, session: { permissionModes: ['plan', 'default'] } }],
  },
})
