import { z } from 'zod'
import { totalLines } from '../../attribution/attribution.ts'
import { isOutside } from '../../session/file-change.ts'
import { globMatcher } from '../../session/globs.ts'
import { citeFile, citeSession, citeSome } from '../evaluation.ts'
import { definePolicy, type Finding, type Subject } from '../policy.ts'
import { editEvents, exampleCommit, examplePullRequest } from '../subject.ts'

const words = {
  policy: 'scope-limit',
  severity: 'low',
  fix: 'Split the work into changes of one purpose each, and start a fresh session for each.',
} as const

export const scopeLimit = definePolicy({
  id: 'scope-limit',
  version: 1,
  title: 'A session stays within its scope',
  why: 'Nobody reviews a change of a hundred files; what an agent may touch is better said beforehand.',
  fix: words.fix,
  severity: words.severity,
  evidence: ['session', 'commits', 'pullRequest'],
  reads: 'header',
  onPullRequest: 'instead',
  asksForge: ['files'],
  parameters: z.object({
    maximumFiles: z.int().positive().default(50).describe('Highest number of changed files.'),
    maximumLines: z.int().positive().default(2_000).describe('Highest number of added and removed lines.'),
    paths: z
      .array(z.string().min(1))
      .default(['**'])
      .describe('Globs of files of the repository that the agent may change.'),
    outside: z.boolean().default(true).describe('Files outside of the repository may be changed.'),
  }),
  evaluate(subject, { maximumFiles, maximumLines, paths, outside }) {
    const { session } = subject
    const isWithin = globMatcher(paths, { dot: true })
    const { files, lines } = sizeOf(subject)
    const findings: Finding[] = []
    const report = (message: string, strays: readonly string[]): void => {
      const citations = strays.length > 0 ? citeSome(strays.map((file) => citeFile(file))) : citeSession(session)
      findings.push({ ...words, message, citations })
    }
    if (files.length > maximumFiles) report(`${files.length} files were changed; the limit is ${maximumFiles}.`, files)
    if (lines > maximumLines) report(`${lines} lines were changed; the limit is ${maximumLines}.`, files)
    const strays = session.files.map(({ path }) => path).filter((path) => !isOutside(path) && !isWithin(path))
    if (strays.length > 0) report(`Files were changed that are not part of the task: ${named(strays)}.`, strays)
    const away = outside ? [] : session.files.map(({ path }) => path).filter(isOutside)
    if (away.length > 0) report(`Files outside of the repository were changed: ${named(away)}.`, away)
    return { findings, doubts: [], skipped: null }
  },
  examples: {
    violates: [
      {
        title: 'too many lines',
        commits: [exampleCommit({ ai: 2_001 })],
      },
      {
        title: 'too many files',
        session: { files: Array.from({ length: 51 }, (_, index) => file(`src/file${index}.ts`)) },
      },
      {
        title: 'a folder that is not part of the task',
        events: editEvents('e1', 'billing/invoice.ts'),
        session: { files: [file('billing/invoice.ts')] },
        with: { paths: ['src/**'] },
      },
    ],
    passes: [
      {
        title: 'many lines in the commits, few of which are left in the pull request',
        commits: [exampleCommit({ ai: 2_001 })],
        pullRequest: examplePullRequest({ files: [{ path: 'src/parse.ts', additions: 3, deletions: 1 }] }),
      },
      { title: 'a small change', session: { files: [file('src/a.ts')] } },
      { title: 'nothing changed', commands: ['ls'] },
    ],
  },
})

/** As the forge compares the ends of the pull request; else of the commits; else of the agent's own edits. */
function sizeOf({ session, commits, pullRequest }: Subject): {
  readonly files: readonly string[]
  readonly lines: number
} {
  const changed = pullRequest?.files ?? null
  if (changed !== null) {
    const lines = changed.reduce((sum, { additions, deletions }) => sum + additions + deletions, 0)
    return { files: changed.map(({ path }) => path), lines }
  }
  if (commits.length > 0) {
    const files = new Set(commits.flatMap((commit) => commit.files.map(({ path }) => path)))
    const lines = commits.reduce((sum, { added, removed }) => sum + totalLines(added) + totalLines(removed), 0)
    return { files: [...files], lines }
  }
  const own = session.files.filter(({ path }) => !isOutside(path))
  const lines = own.reduce((sum, { linesAdded, linesRemoved }) => sum + linesAdded + linesRemoved, 0)
  return { files: own.map(({ path }) => path), lines }
}

function named(paths: readonly string[]): string {
  const shown = paths.slice(0, 3).map((path) => `\`${path}\``)
  return paths.length > shown.length ? `${shown.join(', ')} and ${paths.length - shown.length} more` : shown.join(', ')
}

function file(path: string) {
  return { path, edits: 1, linesAdded: 1, linesRemoved: 0 }
}
