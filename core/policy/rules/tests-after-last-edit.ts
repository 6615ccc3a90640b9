import { z } from 'zod'
import { codeEdits, observeTestRuns, testsAfter, usualFactOptions } from '../../session/facts.ts'
import { definePolicy, type Evaluation } from '../policy.ts'
import { editEvents, shellEvents } from '../subject.ts'

export const testsAfterLastEdit = definePolicy({
  id: 'tests-after-last-edit',
  version: 1,
  title: 'Tests pass after the last edit',
  why: 'Code that was changed after its last test run was never tested, whatever the summary says.',
  fix: 'Run the project’s tests once more and let the agent repair what fails.',
  severity: 'medium',
  evidence: ['transcript'],
  parameters: z.object({
    codeGlobs: z
      .array(z.string().min(1))
      .default([...usualFactOptions.codeGlobs])
      .describe('Files whose change asks for tests.'),
    ignoreGlobs: z
      .array(z.string().min(1))
      .default([...usualFactOptions.ignoreGlobs])
      .describe('Files among them that do not.'),
    testCommands: z
      .array(z.string().min(1))
      .default([])
      .describe('Further commands that run tests, as their beginning (`scripts/check`).'),
  }),
  evaluate({ session }, parameters): Evaluation {
    const edits = codeEdits(session, parameters)
    const edit = edits.at(-1)
    if (!edit) return { findings: [], doubts: [], skipped: 'The session edited no code.' }
    const tests = testsAfter(edit, observeTestRuns(session, parameters.testCommands))
    const citations = tests.events.map((event) => ({
      event,
      file: event === edit.events[0] ? edit.path : null,
      start: null,
      end: null,
    }))
    const edited = edits.length
    const finding = (message: string, fix: string) => ({
      findings: [{ policy: 'tests-after-last-edit', severity: 'medium' as const, message, fix, citations }],
      doubts: [],
      skipped: null,
    })
    switch (tests.value) {
      case 'passed':
      case 'no-edit':
        return { findings: [], doubts: [], skipped: null }
      case 'failed':
        return finding(
          `The last test run after the edit of \`${edit.path}\` failed.`,
          'Repair what the tests report and run them again.',
        )
      case 'none':
        return finding(
          `No test ran after ${edited === 1 ? 'the code edit' : `the last of ${edited} code edits`} (\`${edit.path}\`).`,
          'Run the project’s tests after the last edit.',
        )
      case 'unknown':
      case 'pending': {
        const message = `Tests ran after the edit of \`${edit.path}\`, but how they ended is not recorded.`
        return { findings: [], doubts: [{ message, citations }], skipped: null }
      }
    }
  },
  examples: {
    violates: [
      { title: 'no test at all', events: editEvents('e1', 'src/parse.ts') },
      {
        title: 'an edit after the last test run',
        events: [...shellEvents('t1', 'npm test', 0), ...editEvents('e1', 'src/parse.ts')],
      },
      {
        title: 'the last run failed',
        events: [...editEvents('e1', 'src/parse.ts'), ...shellEvents('t1', 'npm test', 1)],
      },
      {
        title: 'a failure that the pipe hides, but the output shows',
        events: [
          ...editEvents('e1', 'src/parse.ts'),
          ...shellEvents('t1', 'npm test 2>&1 | tail -5', 0, '# pass 3\n# fail 1\n'),
        ],
      },
      {
        title: 'tests that were only mentioned',
        events: [...editEvents('e1', 'src/parse.ts'), ...shellEvents('t1', 'echo "npm test"', 0)],
      },
    ],
    passes: [
      {
        title: 'a passing run after the edit',
        events: [...editEvents('e1', 'src/parse.ts'), ...shellEvents('t1', 'npm test', 0)],
      },
      {
        title: 'a run at the end of a chain',
        events: [...editEvents('e1', 'lib/a.py'), ...shellEvents('t1', 'cd lib && python -m pytest -q', 0)],
      },
      { title: 'documents alone need no test', events: editEvents('e1', 'README.md') },
      {
        title: 'failed, repaired, passed',
        events: [
          ...editEvents('e1', 'src/parse.ts'),
          ...shellEvents('t1', 'npm test', 1),
          ...editEvents('e2', 'src/parse.ts'),
          ...shellEvents('t2', 'npm test', 0),
        ],
      },
    ],
    doubtful: [
      {
        title: 'an exit code that is not recorded',
        events: [...editEvents('e1', 'src/parse.ts'), ...shellEvents('t1', 'npm test', null)],
      },
      {
        title: 'an exit code that the pipe hides',
        events: [...editEvents('e1', 'src/parse.ts'), ...shellEvents('t1', 'npm test | tail -1', 0)],
      },
    ],
  },
})
