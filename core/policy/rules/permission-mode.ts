import { z } from 'zod'
import { citeFile, citeSession, doubt, nothingFound } from '../evaluation.ts'
import { definePolicy } from '../policy.ts'

/** Modes in which an agent asks nobody, in the words of the agents that Stemma reads. */
const usualDenied = [
  'bypassPermissions',
  'danger-full-access',
  'dangerFullAccess',
  'yolo',
  'dangerously-skip-permissions',
]

const words = {
  policy: 'permission-mode',
  severity: 'high',
  fix: 'Work in a mode that asks before it does what cannot be taken back.',
} as const

export const permissionMode = definePolicy({
  id: 'permission-mode',
  version: 1,
  title: 'Agents ask before they act',
  why: 'In a mode without permissions, nobody stands between a wrong step of the model and the machine.',
  fix: words.fix,
  severity: words.severity,
  evidence: ['session', 'configuration'],
  reads: 'header',
  parameters: z.object({
    deny: z.array(z.string().min(1)).default(usualDenied).describe('Modes that may not be used.'),
    allow: z
      .array(z.string().min(1))
      .nullable()
      .default(null)
      .describe('The only modes that may be used; null = all that are not denied.'),
  }),
  evaluate({ session, configuration = null }, { deny, allow }) {
    const isDenied = (mode: string): boolean => deny.includes(mode) || (allow !== null && !allow.includes(mode))
    const used = session.permissionModes.filter(isDenied).map((mode) => ({
      ...words,
      message: `The session ran in the mode \`${mode}\`.`,
      citations: citeSession(session),
    }))
    const initial = configuration?.permissionMode ?? null
    const file = configuration?.files.find(({ kind }) => kind === 'settings')?.path
    const configured =
      initial !== null && isDenied(initial) && file !== undefined
        ? [{ ...words, message: `Sessions begin in the mode \`${initial}\`.`, citations: [citeFile(file)] }]
        : []
    const findings = [...used, ...configured]
    if (findings.length > 0) return { findings, doubts: [], skipped: null }
    if (session.permissionModes.length > 0) return nothingFound
    return doubt('The transcript does not record in which permission mode the agent ran.', citeSession(session))
  },
  examples: {
    violates: [
      {
        title: 'a session without questions',
        commands: ['ls'],
        session: { permissionModes: ['default', 'bypassPermissions'] },
      },
      {
        title: 'a mode that is not on the list',
        commands: ['ls'],
        session: { permissionModes: ['auto'] },
        with: { allow: ['default', 'plan'] },
      },
    ],
    passes: [
      { title: 'the usual modes', commands: ['ls'], session: { permissionModes: ['default', 'acceptEdits', 'plan'] } },
    ],
    doubtful: [{ title: 'a mode that is not recorded', commands: ['ls'] }],
  },
})
