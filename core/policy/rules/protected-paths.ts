import picomatch from 'picomatch'
import { z } from 'zod'
import { type FileChange, fileChanges } from '../../session/file-change.ts'
import { globMatcher } from '../../session/globs.ts'
import { citeFile, citeSome, deniedNote } from '../evaluation.ts'
import { definePolicy, type Finding, type Subject } from '../policy.ts'
import { deniedShellEvents, editEvents, exampleCommit } from '../subject.ts'

const usualPaths = [
  '.github/workflows/**',
  '.github/CODEOWNERS',
  'CODEOWNERS',
  'docs/CODEOWNERS',
  '.gitlab-ci.yml',
  '.circleci/**',
  '.stemma.yml',
  'LICENSE*',
]

const words = {
  policy: 'protected-paths',
  severity: 'high',
  fix: 'Let a person make this change in a pull request of its own, or ask its owner to approve it.',
} as const

export const protectedPaths = definePolicy({
  id: 'protected-paths',
  version: 1,
  title: 'Protected files are changed by people',
  why: 'Pipelines, owners and licences decide what everything else may do, so an agent does not change them in passing.',
  fix: words.fix,
  severity: words.severity,
  evidence: ['transcript', 'commits'],
  guards: true,
  parameters: z.object({
    paths: z.array(z.string().min(1)).default(usualPaths).describe('Globs of files that agents do not change.'),
    except: z.array(z.string().min(1)).default([]).describe('Globs of files among them that they may.'),
  }),
  evaluate(subject, { paths, except }) {
    const isProtected = globMatcher(paths, { dot: true, ignore: except })
    // A folder that is removed takes the protected files below it along.
    const roots = paths.map((glob) => picomatch.scan(glob).base.replace(/\/$/, '')).filter((base) => base !== '')
    const touches = ({ path, kind }: FileChange): boolean =>
      isProtected(path) || (kind === 'delete' && roots.some((root) => root === path || root.startsWith(`${path}/`)))
    const changes = fileChanges(subject.session).filter(touches)
    const done = changes.filter(({ denied }) => !denied)
    const byPath = Map.groupBy(done, ({ path }) => path)
    const seen = [...byPath].map(([path, list]): Finding => {
      const events = [...new Set(list.flatMap((change) => change.events))]
      const verb = list.some(({ kind }) => kind === 'delete') ? 'deleted' : 'changed'
      return {
        ...words,
        message: `The agent ${verb} \`${path}\`, which is protected.`,
        citations: citeSome(events.map((event) => ({ event, file: path, start: null, end: null }))),
      }
    })
    const committed = inCommits(subject, isProtected).filter(({ file }) => !byPath.has(file ?? ''))
    return {
      findings: [
        ...seen,
        ...[...Map.groupBy(committed, ({ file }) => file)].map(([file, citations]) => ({
          ...words,
          message: `Lines of \`${file}\`, which is protected, were written by an agent.`,
          citations: citeSome(citations),
        })),
      ],
      doubts: [],
      skipped: null,
      note: deniedNote(changes.length - done.length),
    }
  },
  examples: {
    violates: [
      { title: 'a pipeline edited', events: editEvents('e1', '.github/workflows/ci.yml') },
      { title: 'by a command', commands: ['echo "* @me" > CODEOWNERS', 'sed -i s/a/b/ .github/workflows/ci.yml'] },
      { title: 'removed', commands: ['rm .gitlab-ci.yml', 'rm -rf .github', 'git rm LICENSE'] },
      {
        title: 'by means that left no trace but lines',
        commits: [exampleCommit({ ai: 3 }, { path: '.github/workflows/ci.yml' })],
      },
    ],
    passes: [
      { title: 'other files', events: editEvents('e1', 'src/parse.ts') },
      { title: 'reading them', commands: ['cat .github/workflows/ci.yml'] },
      { title: 'lines by a person', commits: [exampleCommit({ human: 3 }, { path: '.github/workflows/ci.yml' })] },
      { title: 'an attempt that was denied', events: deniedShellEvents('d1', 'rm LICENSE') },
    ],
  },
})

/** Second witness: lines of protected files that are an agent's, whatever wrote them. */
function inCommits({ commits }: Subject, isProtected: (path: string) => boolean) {
  return commits.flatMap(({ files }) =>
    files
      .filter(({ path }) => isProtected(path))
      .flatMap(({ path, ranges }) =>
        ranges
          .filter((range) => range.class === 'ai' || range.class === 'mixed')
          .map(({ start, end }) => citeFile(path, start, end)),
      ),
  )
}
