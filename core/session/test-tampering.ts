/** Tests and checks that a session deleted, skipped or weakened, by edits and by commands. */
import { type FileChange, fileChanges } from './file-change.ts'
import type { Session } from './session.ts'
import { shellRuns } from './shell-run.ts'
import type { Sighting } from './sighting.ts'

export const tamperings = ['deleted', 'skipped', 'weakened', 'check-disabled'] as const
export type Tampering = (typeof tamperings)[number]

export interface TestTampering extends Sighting {
  readonly what: Tampering
  readonly path: string
}

const testFile =
  /(?:^|\/)(?:tests?|specs?|__tests__)\/|[._-](?:test|spec)\.[a-z]+$|(?:^|\/)test_[^/]+\.py$|_test\.(?:go|py|rb|exs?)$/
const codeFile = /\.(?:[cm]?[jt]sx?|py|go|rs|rb|php|java|kts?|scala|cs|fs|swift|dart|exs?|c|cc|cpp|hs|sh|bats|feature)$/
const skipping =
  /\b(?:it|test|describe|context|suite)\.(?:skip|todo|failing|fixme)\b|\bx(?:it|test|describe)\s*\(|@(?:pytest\.mark\.(?:skip|skipif|xfail)|unittest\.(?:skip\w*|expectedFailure)|Disabled|Ignore)\b|\bpytest\.skip\(|#\[ignore|\bt\.Skip(?:Now|f)?\(|\[(?:Ignore|Skip)\b|\bpending\s+['"]/
const narrowing = /\b(?:it|test|describe|context)\.only\s*\(|\bf(?:it|describe)\s*\(/
const beginsTest =
  /^\s*(?:(?:it|test|Deno\.test)(?:\.each\([^)]*\))?\s*\(|(?:async )?def test_|func Test\w|#\[(?:tokio::)?test\]|@Test\b|\[(?:Fact|Test|Theory)\]|(?:it|specify|test) ['"]|@test ")/
const asserts =
  /\b(?:expect|assert\w*|should|require\.\w+|t\.(?:Error|Fatal)f?|XCTAssert\w*|Assert\.\w+)\s*[(!.]|^\s*assert\s/

const checkFile =
  /^(?:\.github\/workflows\/[^/]+\.ya?ml|\.gitlab-ci\.yml|\.circleci\/config\.yml|azure-pipelines\.yml|Jenkinsfile|Makefile|justfile|package\.json|tox\.ini|setup\.cfg|pyproject\.toml|(?:.*\/)?(?:vitest|jest|playwright)\.config\.[cm]?[jt]s|\.?codecov\.yml|sonar-project\.properties)$/
const forgiving =
  /\|\|\s*(?:true|:|exit 0)\b|continue-on-error:\s*true|allow_failure:\s*true|--passWithNoTests|passWithNoTests:\s*true|-DskipTests|--exit-zero|"(?:test|lint|check|typecheck)":\s*"(?:true|exit 0|echo\b[^"&|;]*|:)"/
const muting =
  /eslint-disable|@ts-(?:nocheck|ignore)\b|biome-ignore|# ?(?:noqa|type: ?ignore|pylint: ?disable)|#\[allow\(|\/\/ ?nolint|@SuppressWarnings|rubocop:disable/
const threshold =
  /(?:threshold|fail_under|fail-under|lines|branches|functions|statements|coverage)["']?\s*[:=]\s*(\d+(?:\.\d+)?)/i

/** Whether a path is one of tests; with a `/` at its end it may be a folder of them too. */
export function isTestFile(path: string): boolean {
  return testFile.test(path) || (path.endsWith('/') && testFile.test(path.slice(0, -1)))
}

/** One sighting for each file and kind, in order. */
export function testTamperings(session: Session): readonly TestTampering[] {
  const changes = fileChanges(session)
  // A test that is created elsewhere under its name was moved.
  const created = new Set(changes.filter(({ kind }) => kind === 'create').map(({ path }) => baseName(path)))
  const seen = changes.flatMap((change) => [...seeTest(change, created), ...seeCheck(change)])
  return [...seen, ...seeCommands(session)]
}

function seeTest(change: FileChange, created: ReadonlySet<string>): readonly TestTampering[] {
  const { path, kind, by, edit } = change
  if (!isTestFile(kind === 'delete' ? `${path}/` : path)) return []
  if (kind === 'delete') {
    if (change.movedTo !== undefined && isTestFile(`${change.movedTo}/`)) return []
    // A folder or fixture has no code of its own; a shell may remove either.
    if (by === 'shell' && !codeFile.test(path)) {
      const isWhole = /(?:^|\/)(?:tests?|specs?|__tests__)\/?$/.test(path)
      return isWhole ? [sighting(change, 'deleted', 'certain', `\`${path}\` was deleted`)] : []
    }
    return created.has(baseName(path))
      ? []
      : [sighting(change, 'deleted', 'certain', `The test \`${path}\` was deleted`)]
  }
  if (edit === null || kind === 'create') return []
  const added = linesOf(edit, '+')
  const removed = linesOf(edit, '-')
  const gained = (pattern: RegExp): number => count(added, pattern) - count(removed, pattern)
  if (gained(skipping) > 0) return [sighting(change, 'skipped', 'certain', `A test in \`${path}\` was switched off`)]
  if (gained(narrowing) > 0) {
    return [sighting(change, 'skipped', 'certain', `Only some tests in \`${path}\` run since this edit`)]
  }
  if (gained(beginsTest) < 0) {
    return [
      sighting(
        change,
        'weakened',
        'doubt',
        `Tests were taken out of \`${path}\`; whether others replace them is not visible`,
      ),
    ]
  }
  if (gained(asserts) < 0) {
    return [
      sighting(
        change,
        'weakened',
        'doubt',
        `Assertions were taken out of \`${path}\`; whether others replace them is not visible`,
      ),
    ]
  }
  return []
}

function seeCheck(change: FileChange): readonly TestTampering[] {
  const { path, edit, kind } = change
  if (kind === 'delete' && /^\.github\/workflows\/[^/]+$|^\.gitlab-ci\.yml$/.test(path)) {
    return [sighting(change, 'check-disabled', 'certain', `The checks in \`${path}\` were deleted`)]
  }
  if (edit === null) return []
  const added = linesOf(edit, '+')
  const removed = linesOf(edit, '-')
  if (checkFile.test(path)) {
    if (count(added, forgiving) > count(removed, forgiving)) {
      return [
        sighting(
          change,
          'check-disabled',
          'certain',
          `A check in \`${path}\` passes since this edit, whatever it finds`,
        ),
      ]
    }
    if (isLowered(removed, added)) {
      return [sighting(change, 'weakened', 'certain', `A threshold in \`${path}\` was lowered`)]
    }
  }
  if (kind === 'update' && codeFile.test(path) && count(added, muting) > count(removed, muting)) {
    return [
      sighting(
        change,
        'check-disabled',
        'doubt',
        `A warning in \`${path}\` was silenced; whether it was wrong is not visible`,
      ),
    ]
  }
  return []
}

/** In-place edits by stream editors, which leave no hunk where the agent does not compare files itself. */
function seeCommands(session: Session): readonly TestTampering[] {
  return shellRuns(session).flatMap((run) =>
    run.analysis.commands.flatMap(({ program, words, text }): TestTampering[] => {
      if (program !== 'sed' && program !== 'perl') return []
      const values = words.flatMap(({ value }) => (value === null ? [] : [value]))
      const file = values.find((value) => testFile.test(value))
      const isInPlace = values.some((value) => /^-[a-z]*i|^--in-place/.test(value))
      const skips = values.some((value) => /\.skip\b|xit|xdescribe|mark\.skip|t\.Skip|#\[ignore/.test(value))
      if (file === undefined || !isInPlace || !skips) return []
      const message = `\`${text}\` switches tests off`
      const denied = run.outcome === 'denied'
      return [{ what: 'skipped', certainty: 'certain', message, path: file, text: file, events: run.events, denied }]
    }),
  )
}

function sighting(
  { path, events, denied }: FileChange,
  what: Tampering,
  certainty: Sighting['certainty'],
  message: string,
): TestTampering {
  return { what, certainty, message, path, text: path, events, denied }
}

/** Longer lines are generated or hostile. */
const MAX_LINE = 2_000

function linesOf(edit: NonNullable<FileChange['edit']>, sign: '+' | '-'): readonly string[] {
  return edit.hunks.flatMap(({ lines }) =>
    lines.flatMap((line) => (line.startsWith(sign) ? [line.slice(1, MAX_LINE)] : [])),
  )
}

function count(lines: readonly string[], pattern: RegExp): number {
  return lines.reduce((sum, line) => sum + (pattern.test(line) ? 1 : 0), 0)
}

function isLowered(removed: readonly string[], added: readonly string[]): boolean {
  const figures = (lines: readonly string[]) =>
    lines.flatMap((line) => {
      const found = threshold.exec(line)
      return found
        ? [{ name: line.slice(0, found.index + found[0].search(/[:=]/)).trim(), value: Number(found[1]) }]
        : []
    })
  const after = figures(added)
  return figures(removed).some(({ name, value }) => after.some((other) => other.name === name && other.value < value))
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
