/** Which commands run a project's tests, and what their printed summaries say. One table for all languages. */
import type { ShellCommand } from './shell.ts'

interface TestRunner {
  /** Program names; `python` also stands for `python3` and `python3.12`. */
  readonly programs: readonly string[]
  /** Matched against the arguments joined by spaces, computed ones as `…`. */
  readonly arguments: RegExp
  /** Arguments that make it no run: listing, building only, leaving the tests out. */
  readonly except?: RegExp
}

const script =
  /^(?:--?[\w-]+(?:=\S+)? )*(?:run(?:-script)? )?(?:test|tests|t|tst|check|spec|verify)(?:[:._-][\w:.-]+)?(?: |$)/

/** Only programs whose purpose is testing, or sub-commands that say so. Listing or watching tests is no run of them. */
const runners: readonly TestRunner[] = [
  { programs: ['npm', 'pnpm', 'yarn', 'bun', 'cnpm'], arguments: script },
  {
    programs: ['pnpm', 'yarn', 'bun'],
    arguments: /^(?:run )?(?:vitest|jest|mocha|ava|tap|playwright test|cypress run)(?: |$)/,
  },
  {
    programs: ['npm', 'pnpm', 'yarn'],
    arguments:
      /^(?:-\S+ )*(?:-w|-F|--filter|--workspace|workspace|--prefix|-C|--dir|--cwd)[ =]\S+ (?:run )?(?:test|tests|t)(?:[:._-][\w:.-]+)?(?: |$)/,
  },
  {
    programs: ['vitest', 'jest', 'mocha', 'ava', 'tap', 'tape', 'jasmine', 'karma', 'qunit', 'uvu', 'c8', 'nyc'],
    arguments: /^(?!.*--(?:version|help|listTests|list|init|showConfig)\b)/,
  },
  {
    programs: [
      'playwright',
      'nx',
      'turbo',
      'lerna',
      'ng',
      'deno',
      'hardhat',
      'forge',
      'react-scripts',
      'vue-cli-service',
      'wdio',
      'rush',
    ],
    arguments: /^(?:run(?:-many)? )?(?:\S+ )*?(?:test|tests|run-tests|test:unit)(?: |$)|^(?:-t|--target=?)\s*test/,
  },
  { programs: ['cypress'], arguments: /^run(?: |$)/ },
  { programs: ['node'], arguments: /(?:^| )--test(?: |$)/ },
  { programs: ['tsx'], arguments: /(?:^| )--test(?: |$)/ },
  {
    programs: ['pytest', 'py.test', 'nose2', 'nosetests', 'tox', 'nox', 'stestr', 'behave', 'robot', 'green'],
    arguments: /^(?!.*--(?:version|help|collect-only|fixtures|markers)\b)/,
  },
  {
    programs: ['python'],
    arguments:
      /^(?:-\w+ )*-m (?:pytest|unittest|nose2|tox|nox|doctest)(?: |$)|(?:^|\/| )(?:manage\.py test|runtests\.py|setup\.py test)(?: |$)/,
  },
  { programs: ['coverage'], arguments: /^run .*-m (?:pytest|unittest)/ },
  { programs: ['go'], arguments: /^test(?: |$)/, except: /(?:^| )-(?:list|c)(?: |=|$)/ },
  { programs: ['gotestsum', 'ginkgo', 'richgo'], arguments: /^/ },
  {
    programs: ['cargo'],
    arguments: /^(?:\+\S+ )?(?:test|t|nextest run|insta test|tarpaulin|llvm-cov)(?: |$)/,
    except: /--no-run/,
  },
  {
    programs: ['mvn', 'mvnw', 'mvnd'],
    arguments: /(?:^| )(?:test|verify|install|integration-test|package)(?: |$)/,
    except: /-DskipTests|-Dmaven\.test\.skip/,
  },
  {
    programs: ['gradle', 'gradlew'],
    arguments: /(?:^| )(?:\S*:)?(?:test|check|build|\w+Test)(?: |$)/,
    except: /(?:^| )(?:-x|--exclude-task)[ =]?\S*test/i,
  },
  {
    programs: ['make', 'gmake', 'just', 'task', 'rake', 'invoke', 'mage'],
    arguments: /(?:^| )(?:test|tests|check|spec|testall|unittest|unit|verify)(?:[:._-][\w:.-]+)?(?: |$)/,
  },
  { programs: ['rspec', 'minitest', 'cucumber', 'm'], arguments: /^(?!.*--(?:version|help|dry-run)\b)/ },
  { programs: ['rails', 'bin/rails'], arguments: /^(?:test|spec)(?:[: ]|$)/ },
  { programs: ['ruby'], arguments: /(?:^| )(?:-I\s?\S+ )*(?:test|spec)\/\S+\.rb/ },
  {
    programs: ['phpunit', 'pest', 'codecept', 'paratest', 'behat'],
    arguments: /^(?!.*--(?:version|help|list-tests)\b)/,
  },
  { programs: ['composer', 'artisan'], arguments: /^(?:run(?:-script)? )?test(?:[:._-][\w:.-]+)?(?: |$)/ },
  { programs: ['php'], arguments: /^(?:artisan test|\S*phpunit|\S*pest)(?: |$)/ },
  { programs: ['dotnet'], arguments: /^(?:test|vstest)(?: |$)/, except: /--list-tests|(?:^| )-t(?: |$)/ },
  {
    programs: [
      'swift',
      'zig',
      'mix',
      'dune',
      'stack',
      'cabal',
      'sbt',
      'lein',
      'flutter',
      'dart',
      'bazel',
      'bazelisk',
      'buck2',
      'pants',
      'meson',
      'scala-cli',
      'crystal',
      'gleam',
      'rebar3',
      'moon',
      'elm',
    ],
    arguments: /^(?:\S+ )?(?:test|tests|coverage|runtest|spec|eunit|ct|build test)(?: |$)/,
  },
  { programs: ['xcodebuild', 'fastlane'], arguments: /(?:^| )(?:test|scan|test-without-building)(?: |$)/ },
  {
    programs: ['ctest', 'bats', 'busted', 'shellspec', 'prove', 'elm-test', 'testthat', 'tasty'],
    arguments: /^(?!.*(?:--version|--help|-N(?: |$)|--show-only))/,
  },
  { programs: ['pre-commit'], arguments: /^run .*(?:test|pytest)/ },
]

/** Whether a command runs tests. `extra` = an organisation's own commands, as the beginning of "program arguments". */
export function isTestCommand(command: ShellCommand, extra: readonly string[] = []): boolean {
  if (command.program === null) return false
  // What decides stands in front; the bound keeps hostile arguments from costing time.
  const words = command.arguments
    .map((word) => word ?? '…')
    .join(' ')
    .slice(0, 2_000)
  const program = /^python\d*(?:\.\d+)?$/.test(command.program) ? 'python' : command.program
  const line = `${command.program} ${words}`.trim()
  if (extra.some((own) => own !== '' && (line === own || line.startsWith(`${own} `)))) return true
  return runners.some(
    (runner) => runner.programs.includes(program) && runner.arguments.test(words) && !runner.except?.test(words),
  )
}

/**
 * Summary lines that test runners print. A pipe to `tail` hides the exit code, so these are the second witness.
 * Anchored to the forms of the runners, so that prose about tests is no result.
 */
const failureLines: readonly RegExp[] = [
  /^\s*Tests?:?\s+(?:\d+ \w+[,|]? (?:\| )?)*[1-9]\d* failed\b/m, // jest, vitest
  /^\s*Test (?:Files|Suites:?)\s+(?:\d+ \w+[,|]? )*[1-9]\d* failed\b/m,
  /^(?:# |ℹ )fail [1-9]\d*\s*$/m, // node --test
  /^=*\s?.*\b[1-9]\d* (?:failed|errors?)\b.* in [\d.]+s/m, // pytest
  /^FAILED \((?:failures|errors)=/m, // unittest
  /^(?:FAIL|--- FAIL:?)(?:\s|$)/m, // go
  /^test result: FAILED\./m, // cargo
  /^\[ERROR\] Tests run: /m, // maven
  /^\d+ examples?, [1-9]\d* failures?/m, // rspec
  /^(?:FAILURES!|Tests: \d+, Assertions: \d+, (?:Failures|Errors): [1-9])/m, // phpunit
  /^(?:Failed!\s+- Failed:\s+[1-9]|Test Run Failed)/m, // dotnet
  /^\s*[1-9]\d* failing\s*$/m, // mocha
  /^BUILD FAILED/m, // gradle
]
const successLines: readonly RegExp[] = [
  /^\s*Tests?:?\s+(?:\d+ (?:skipped|todo)[,|]? (?:\| )?)*[1-9]\d* passed\b/m,
  /^(?:# |ℹ )pass [1-9]\d*\s*$/m,
  /^=+ (?:[1-9]\d* passed)\b.* in [\d.]+s/m,
  /^[1-9]\d* passed\b.* in [\d.]+s/m,
  /^OK(?: \(skipped=\d+\))?\s*$/m,
  /^ok\s+\S+\s+(?:[\d.]+s|\(cached\))/m,
  /^test result: ok\. [1-9]\d* passed/m,
  /^\[INFO\] Tests run: [1-9]\d*, Failures: 0, Errors: 0/m,
  /^[1-9]\d* examples?, 0 failures/m,
  /^OK \(\d+ tests?, \d+ assertions?\)/m,
  /^Passed!\s+- Failed:\s+0/m,
  /^\s*[1-9]\d* passing\b/m,
]

/** What the output of a test run says; null = no summary that is known, or several that disagree count as failed. */
export function printedOutcome(output: string): 'passed' | 'failed' | null {
  // A summary stands at the end; a bounded slice keeps hostile output from costing time.
  const text = stripColours(output.slice(-8_000))
  if (failureLines.some((line) => line.test(text))) return 'failed'
  return successLines.some((line) => line.test(text)) ? 'passed' : null
}

function stripColours(text: string): string {
  return text.replaceAll(new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g'), '')
}
